import type { Clock, Random } from './clock.ts';
import type { Notify } from '../contract/environment.ts';
import type { RunEnded } from '../contract/run-metrics.ts';
import type { AccountAccess } from './iam.ts';
import type { Executions } from '../ports/executions.ts';
import type { ObjectStore } from './store.ts';
import type { StoreRequests } from './store-requests.ts';

/** How many functions AWS Lambda runs at once, of those without reserved concurrency. */
export interface FunctionLimit {
  /** @throws AwsFault */
  concurrentFunctions(): Promise<number>;
}

/** What the operator decided, the same for every function. Each number's meaning and unit stand with its field. */
export interface AuditSettings {
  /** Accounts to audit where the execution's input names none; null: the pipeline's own. */
  readonly accountIds: readonly string[] | null;
  /** Whether an execution may name no other accounts: the functions may assume no role elsewhere. */
  readonly onlyConfigured: boolean;
  /** Accounts that are audited side by side. */
  readonly accountsAtOnce: number;
  /** Principals in a batch, at most: every batch ends with a tail, so few large ones are faster. */
  readonly principalsPerBatch: number;
  /** Share of the available rate that the pipeline takes, from 0 to 1. */
  readonly rateShare: number;
  /** Days after which a principal is asked again in full, also where nothing seems to have changed. */
  readonly refreshEveryDays: number;
  /** Days after its making in which a principal is too new to be called unused. */
  readonly graceDays: number;
  /** Days without use after which a principal, a key or a permission counts as unused. */
  readonly unusedAfterDays: number;
  /** About which runs a message is sent; runs on one machine send none. */
  readonly notify: Notify;
}

/** How far a run has come, for whoever watches it. A part is a principal's last-accessed data or its permissions. */
export type ProgressEvent =
  | { readonly kind: 'planned'; readonly accounts: number }
  /** How many parts of the account must be asked. */
  | { readonly kind: 'inventoried'; readonly parts: number }
  | { readonly kind: 'settled' };

/** The outside world of a handler: adapters in the cloud, their local twins on one machine. */
export interface Services {
  readonly store: ObjectStore;
  readonly access: AccountAccess;
  readonly executions: Executions;
  /** Not there where the workflow runs on one machine. */
  readonly functionLimit?: FunctionLimit;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: AuditSettings;
  readonly warn: (message: string) => void;
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Told last, once for each run that has ended. */
  readonly onRunEnded?: (ended: RunEnded) => void;
}

/** What a handler knows of its own invocation. */
export interface Invocation {
  /** Milliseconds until the function is stopped. */
  readonly remainingMs: () => number;
  /** Megabytes of memory that the function has. */
  readonly memoryMegabytes: number;
  /** What the invocation has asked of the store so far. */
  readonly storeRequests: () => StoreRequests;
}
