import { SdkAccountAccess, type AccountAccessSettings, type MemberRole } from '../../aws/account-access.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';
import type { PrincipalRecord } from '../../core/contract/evidence.ts';
import type { ExecutionInput } from '../../core/contract/execution-input.ts';
import { defaultSettings } from '../../core/contract/environment.ts';
import { objects } from '../../core/contract/objects.ts';
import type { RunEnded } from '../../core/contract/operations/run-metrics.ts';
import type { AccountSummary, RunSummary } from '../../core/contract/run.ts';
import type { AccountAccess } from '../../core/ports/iam.ts';
import { localAccounts, type AuditSettings, type Services } from '../../core/ports/services.ts';
import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import {
  addAuditRole,
  addOperator,
  AUDIT_ROLE,
  generateAccount,
  OPERATOR,
} from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import type { EmulatedAwsSettings } from '../../local/emulated-aws/settings.ts';
import { startEmulatedAws, type EmulatedAws } from '../../local/emulated-aws/server.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { runWorkflow, type LocalRunResult } from '../../local/run-workflow.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import type { QueryTarget } from '../../local/state-machine/athena-task.ts';
import type { ExecutionEvent } from '../../local/state-machine/execution-environment.ts';
import type { PublishedEvent, PublishedMessage } from '../../local/state-machine/task.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';
import { hashInVirtualTime, inVirtualTime } from '../../local/virtual-store.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const HUB = '111122223333';
export const START = Date.parse('2026-11-23T04:00:00Z');

/** A generated account that the hub may audit. */
export function auditableAccount(accountId: string, principals: number, seed = 1): EmulatedAccount {
  const users = Math.floor(principals / 3);
  const isHub = accountId === HUB;
  const roles = principals - users - (isHub ? 1 : 0);
  const account = generateAccount({ seed, accountId, users, roles, now: START });
  addAuditRole(account, HUB, START);
  if (isHub) addOperator(account, START);
  return account;
}

/**
 * Gives every principal a policy that depends on the caller, so that no two principals share a simulation. Even a small
 * account then has enough simulations for the pacer to learn the rate.
 */
export function withOwnPolicies(account: EmulatedAccount): EmulatedAccount {
  const own = { name: 'own', document: policy(allow('s3:GetObject', 'arn:aws:s3:::home/${aws:userid}/*')) };
  for (const { inlinePolicies } of [...account.users.values(), ...account.roles.values()]) inlinePolicies.push(own);
  return account;
}

/** @property accountIds the accounts that the settings list */
export type VirtualSettings = Partial<AuditSettings> & { readonly accountIds?: readonly string[] };

/** Settings of the access to the accounts that a test may set. */
type VirtualAccess = Pick<
  AccountAccessSettings,
  'region' | 'stsRegion' | 'sourceIdentity' | 'sessionTags' | 'credentials'
> & {
  readonly memberRole?: MemberRole;
};

/** An audit in virtual time, with the product's own definition, handlers, SDK clients and HTTP. */
export class VirtualAudit {
  readonly clock = new VirtualClock(START);
  readonly store: FolderStore;
  /** Messages published to the topic. */
  readonly messages: PublishedMessage[] = [];
  /** Events put on the event bus. */
  readonly published: PublishedEvent[] = [];
  /** Log entries for the metric filters. */
  readonly ended: RunEnded[] = [];
  readonly warnings: string[] = [];
  /** What the executions did. */
  readonly events: ExecutionEvent[] = [];
  /** By ID of another execution: when it ends, in milliseconds since the epoch. */
  readonly runningUntil = new Map<string, number>();
  /** Lambda's quota of concurrent executions, or the fault when it is read. Null: the quota is not read. */
  lambdaConcurrency: number | AwsFault | null = null;
  /** Runs the queries of a deployment with the setting `doctor`. Null: the workflow has no queries. */
  queries: QueryTarget | null = null;
  /** Replaces the access to the accounts, for example with one whose sessions are old. */
  changeAccess: (access: SdkAccountAccess) => AccountAccess = (access) => access;
  readonly #endHashing: () => void;
  #executions = 0;

  private constructor(
    readonly aws: EmulatedAws,
    readonly folder: string,
    clock: VirtualClock,
    private readonly settings: VirtualSettings,
    private readonly requestTimeoutMs: number,
    private readonly accessSettings: VirtualAccess,
  ) {
    this.clock = clock;
    this.store = new FolderStore({ folder });
    this.#endHashing = hashInVirtualTime(clock);
  }

  static async start(
    emulated: Partial<EmulatedAwsSettings> & Pick<EmulatedAwsSettings, 'accounts'>,
    settings: VirtualSettings = {},
    access: VirtualAccess = {},
  ): Promise<VirtualAudit> {
    const clock = new VirtualClock(START);
    const aws = await startEmulatedAws({ clock, random: seededRandom(7), limit: null, ...emulated });
    process.env.AWS_ENDPOINT_URL = aws.url;
    const folder = temporaryFolder('audit');
    // In real time: short if requests get no response, so that the test is fast. Otherwise long enough for slow
    // responses.
    const requestTimeoutMs = emulated.faults?.silence === undefined ? 30_000 : 300;
    return new VirtualAudit(aws, folder, clock, settings, requestTimeoutMs, access);
  }

  async run(input: ExecutionInput, signal?: AbortSignal, services = this.services()): Promise<LocalRunResult> {
    this.#executions += 1;
    const name = `execution-${this.#executions}`;
    return runWorkflow({
      name,
      id: `test:${name}`,
      input,
      services,
      onMessage: (message) => {
        this.messages.push(message);
      },
      onEvents: (events) => {
        this.published.push(...events);
      },
      ...(this.queries === null ? {} : { queries: this.#inVirtualTime(this.queries) }),
      ...(signal === undefined ? {} : { signal }),
      onEvent: (event) => {
        this.events.push(event);
      },
    });
  }

  /** Queries take no virtual time. */
  #inVirtualTime(queries: QueryTarget): QueryTarget {
    return {
      run: (statement, parameters) => this.clock.track(() => queries.run(statement, parameters)),
      read: (id, mostRows) => queries.read(id, mostRows),
    };
  }

  services(): Services {
    const { clock } = this;
    const { accountIds, ...settings } = this.settings;
    const credentials = this.aws.emulation.issueUser(HUB, OPERATOR);
    return {
      store: inVirtualTime(this.store, clock),
      clock,
      random: seededRandom(11),
      access: this.changeAccess(
        new SdkAccountAccess(
          {
            credentials: () => Promise.resolve(credentials),
            memberRole: { roleName: AUDIT_ROLE, externalId: null },
            random: seededRandom(13),
            region: 'us-east-1',
            ...this.accessSettings,
            requestTimeoutMs: this.requestTimeoutMs,
            onWire: (request) => clock.track(request),
          },
          clock,
        ),
      ),
      executions: { isRunning: (execution) => Promise.resolve(clock.now() < (this.runningUntil.get(execution) ?? 0)) },
      ...(accountIds === undefined ? {} : { accountList: () => Promise.resolve(accountIds) }),
      ...(this.lambdaConcurrency === null ? {} : { lambdaConcurrency: { quota: () => this.#functions() } }),
      onRunEnded: (ended) => {
        this.ended.push(ended);
      },
      settings: {
        ...localAccounts,
        accountsAtOnce: 5,
        principalsPerBatch: 20,
        rateShare: defaultSettings.rateShare,
        refreshEveryDays: defaultSettings.refreshEveryDays,
        refreshIdleEveryDays: defaultSettings.refreshIdleEveryDays,
        graceDays: defaultSettings.graceDays,
        unusedAfterDays: defaultSettings.unusedAfterDays,
        notify: defaultSettings.notify,
        ...settings,
        ...(accountIds === undefined ? {} : { accounts: 'listed' }),
      },
      warn: (message) => {
        this.warnings.push(message);
      },
    };
  }

  #functions(): Promise<number> {
    const { lambdaConcurrency } = this;
    return lambdaConcurrency instanceof AwsFault
      ? Promise.reject(lambdaConcurrency)
      : Promise.resolve(lambdaConcurrency ?? 0);
  }

  async lastRun(): Promise<RunSummary> {
    const { runId } = (await this.json(objects.latest)) as { runId: string };
    return (await this.json(objects.run(runId))) as RunSummary;
  }

  async account(run: RunSummary, accountId: string): Promise<AccountSummary> {
    return (await this.json(objects.account(run.runId, accountId))) as AccountSummary;
  }

  async records(run: RunSummary, accountId: string): Promise<PrincipalRecord[]> {
    const records: PrincipalRecord[] = [];
    for await (const line of this.store.readLines(objects.principals(run.runId, accountId))) {
      records.push(JSON.parse(line) as PrincipalRecord);
    }
    return records;
  }

  async json(key: string): Promise<unknown> {
    const stored = await this.store.read(key);
    if (stored === null) throw new Error(`There is no ${key}.`);
    return JSON.parse(stored.text) as unknown;
  }

  async close(): Promise<void> {
    this.#endHashing();
    await this.aws.close();
  }
}
