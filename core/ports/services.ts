import type { Clock, Random } from './clock.ts';
import type { Notify } from '../contract/environment.ts';
import type { PartKind } from '../contract/account-objects.ts';
import type { Status } from '../contract/evidence.ts';
import type { Figures, RunEnded } from '../contract/operations/run-metrics.ts';
import type { AccountAccess } from './iam.ts';
import type { UnstoredWork } from './calls/unstored-work.ts';
import type { Executions } from './executions.ts';
import type { ObjectStore, Warn } from './store.ts';
import type { StoreRequests } from './store-requests.ts';

/** Reads AWS Lambda's quota of concurrent executions, without the part that is reserved for single functions. */
export interface LambdaConcurrency {
  /** @throws AwsFault */
  quota(): Promise<number>;
}

/** A finding that Security Hub did not take. */
export interface RefusedFinding {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

/** AWS Security Hub in one Region, for findings of the caller's account. */
export interface FindingImporter {
  /** @param findings in the AWS Security Finding Format @returns those that were refused @throws AwsFault */
  importFindings(findings: readonly Record<string, unknown>[]): Promise<readonly RefusedFinding[]>;
}

/** Accounts of an organization, by IDs of accounts, units and roots. */
export interface OrganizationScope {
  /** Only these accounts, and those below these units. Empty: all. */
  readonly include: readonly string[];
  /** Not these accounts, nor those below these units. */
  readonly exclude: readonly string[];
}

/** The operator's settings, the same for every function. */
export interface AuditSettings {
  /** Accounts to audit if the execution's input names none. `listed`: those of `Services.accountList`. */
  readonly accounts: 'this' | 'organization' | 'listed';
  /** For `organization`: the limits of the accounts that are audited. */
  readonly organizationScope: OrganizationScope;
  /** Whether an execution may name only these accounts. The functions can't assume roles in other accounts. */
  readonly onlyConfigured: boolean;
  /** Maximum number of accounts audited at the same time. */
  readonly accountsAtOnce: number;
  /**
   * Maximum number of principals in a batch. Each batch ends with a wait for its last reports, so large batches are
   * faster.
   */
  readonly principalsPerBatch: number;
  /** Share of the available call rate that the audit uses, from 0 to 1. */
  readonly rateShare: number;
  /** Maximum number of calls per second to each operation of an account. Missing: no maximum. */
  readonly maxRate?: number;
  /** Days after which all data of a principal is read again, even if nothing seems to have changed. */
  readonly refreshEveryDays: number;
  /** The same for last-accessed data while the inventory proves that the principal is idle. */
  readonly refreshIdleEveryDays: number;
  /** Days after creation during which a principal is too new to count as unused. */
  readonly graceDays: number;
  /** Days without use after which a principal, a key or a permission counts as unused. */
  readonly unusedAfterDays: number;
  /** The runs that a message is sent about. Runs on one machine send none. */
  readonly notify: Notify;
}

/** A run on one machine audits the caller's own account, unless its input names others: no deployment limits it. */
export const localAccounts: Pick<AuditSettings, 'accounts' | 'organizationScope' | 'onlyConfigured'> = {
  accounts: 'this',
  organizationScope: { include: [], exclude: [] },
  onlyConfigured: false,
};

/** A run's progress, for display. A part is a principal's last-accessed data or its permissions. */
export type ProgressEvent =
  | { readonly kind: 'planned'; readonly accounts: number }
  /** The audit of an account has begun, or has ended with a status. */
  | { readonly kind: 'accountStarted' }
  | { readonly kind: 'accountEnded'; readonly status: Status }
  /** How many principals' last-accessed data and permissions must be read. */
  | { readonly kind: 'inventoried'; readonly parts: Readonly<Record<PartKind, number>> }
  | { readonly kind: 'settled'; readonly part: PartKind };

/** The interfaces that a handler uses: AWS adapters in the cloud, local implementations on one machine. */
export interface Services {
  readonly store: ObjectStore;
  /** The Region of the results' bucket. Missing on one machine. */
  readonly region?: string;
  readonly access: AccountAccess;
  readonly executions: Executions;
  /** The accounts of the setting `accounts`, if it is a list. Only PlanRun reads them. */
  readonly accountList?: () => Promise<readonly string[]>;
  /** Missing if the workflow runs on one machine. */
  readonly lambdaConcurrency?: LambdaConcurrency;
  /** Only ImportFindings has it. A run on one machine imports no findings. */
  readonly findingImporter?: FindingImporter;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: AuditSettings;
  readonly warn: Warn;
  /** Missing: calls of failed invocations that can't be stored are not counted. */
  readonly unstoredWork?: UnstoredWork;
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Called last, once for each run that has ended. */
  readonly onRunEnded?: (ended: RunEnded) => void;
  /** Publishes metrics. Missing on one machine. */
  readonly publishFigures?: (figures: Figures) => void;
}

/** A handler's data about its own invocation. */
export interface Invocation {
  /** Milliseconds until the function's timeout. */
  readonly remainingMs: () => number;
  /** The function's memory in megabytes. */
  readonly memoryMegabytes: number;
  /** Requests that the invocation has sent to the store so far. */
  readonly storeRequests: () => StoreRequests;
}
