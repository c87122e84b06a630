import type { AccountAccessSettings } from '../../../aws/account-access.ts';
import { defaultSettings } from '../../../core/contract/environment.ts';
import type { Random } from '../../../core/ports/clock.ts';
import type { ObjectStore } from '../../../core/ports/store.ts';
import { localAccounts, type AuditSettings } from '../../../core/ports/services.ts';
import type { EmulatedAccount } from '../../../local/emulated-aws/account.ts';
import { Emulation } from '../../../local/emulated-aws/emulation.ts';
import {
  addAuditRole,
  addOperator,
  AUDIT_ROLE,
  generateAccount,
  OPERATOR,
} from '../../../local/emulated-aws/generate/account.ts';
import { inProcess } from '../../../local/emulated-aws/in-process.ts';
import type { IssuedCredentials } from '../../../local/emulated-aws/sessions.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { MemoryStore } from '../../../test/support/memory-store.ts';
import { changePrincipal } from './change-principals.ts';
import { ChaoticTransport, type WireState } from './chaotic-transport.ts';
import { chaoticS3Store } from './chaotic-s3.ts';
import type { StoreState } from './chaotic-store.ts';
import { ClaimHistory } from './claim-history.ts';
import { FaultLog } from './fault-log.ts';
import type { PlantedBug } from './invocations.ts';
import type { Life } from './life.ts';
import { HUB, stream, type ChaosPlan } from './plan.ts';
import { Truth } from './truth.ts';

export const START = Date.parse('2026-11-23T04:00:00Z');
const HOUR_MS = 3_600_000;
const LATENCY_MS = [80, 300] as const;

/** The emulated AWS, the bucket and the time of one seed. */
export class ChaosWorld {
  readonly clock = new VirtualClock(START, 1);
  readonly log = new FaultLog(() => this.clock.now());
  readonly store: ObjectStore;
  readonly claims = new ClaimHistory();
  readonly accounts: readonly EmulatedAccount[];
  readonly emulation: Emulation;
  readonly truth: Truth;
  readonly wire: WireState;
  readonly storeState: StoreState;
  readonly settings: AuditSettings;
  /** Decides about invocations and executions. */
  readonly fates: Random;
  readonly random: Random;
  /** The executions that are running, by ID. */
  readonly running = new Set<string>();
  readonly #credentials: IssuedCredentials;
  readonly #closed = new Set<string>();

  constructor(
    readonly plan: ChaosPlan,
    readonly bug: PlantedBug,
  ) {
    const { seed, clock, log } = { seed: plan.seed, clock: this.clock, log: this.log };
    this.accounts = [...plan.accounts].map(([accountId, principals]) => auditable(accountId, principals, seed));
    this.emulation = new Emulation({
      accounts: this.accounts,
      clock,
      random: stream(seed, 2),
      limit: plan.limit,
      latencyMs: LATENCY_MS,
      behaviour: this.#behaviour(),
    });
    this.#credentials = this.emulation.issueUser(HUB, OPERATOR);
    this.truth = new Truth(this.accounts, () => clock.now());
    this.wire = {
      plan,
      clock,
      random: stream(seed, 3),
      log,
      sent: new Map(),
      sessions: new Map(),
      reports: new Map(),
      chaosSince: null,
      closedAccounts: this.#closed,
    };
    const isChaos = (): boolean => this.isChaos();
    this.store = plan.storedInS3
      ? chaoticS3Store({ plan, clock, random: stream(seed, 10), log, isChaos })
      : new MemoryStore();
    this.storeState = { plan, clock, random: stream(seed, 4), log, chaosSince: () => this.wire.chaosSince };
    this.fates = stream(seed, 5);
    this.random = stream(seed, 6);
    this.settings = {
      ...defaultSettings,
      ...localAccounts,
      accounts: plan.ofOrganization ? 'organization' : 'this',
      accountsAtOnce: 5,
      principalsPerBatch: plan.principalsPerBatch,
      notify: 'never',
    };
  }

  isChaos(): boolean {
    return this.wire.chaosSince !== null;
  }

  /** The faults of the plan happen from now on. */
  startChaos(): void {
    this.wire.chaosSince = this.clock.now();
    for (const at of this.plan.changes)
      this.#at(at, () => {
        this.#changePrincipals();
      });
    const { accountClosesAt } = this.plan;
    if (accountClosesAt !== null)
      this.#at(accountClosesAt, () => {
        this.#closeAccount();
      });
  }

  endChaos(): void {
    this.wire.chaosSince = null;
  }

  /** Settings of the access of one container. @param life of the invocation that it runs now */
  accessSettings(life: () => Life): AccountAccessSettings {
    const { transport, onWire } = inProcess(this.emulation, this.clock);
    return {
      credentials: () => Promise.resolve(this.#credentials),
      memberRole: { roleName: AUDIT_ROLE, externalId: null },
      region: 'us-east-1',
      endpoint: 'http://emulated.invalid',
      random: stream(this.plan.seed, 7),
      transport: new ChaoticTransport(this.wire, transport, life),
      onWire,
    };
  }

  isClosed(accountId: string): boolean {
    return this.#closed.has(accountId);
  }

  /** Each report draws its own time and end. */
  #behaviour(): { readonly reportMs: number; readonly failedReports: number } {
    const random = stream(this.plan.seed, 8);
    const isHit = (kind: 'reportSlow' | 'reportFails'): boolean =>
      this.isChaos() && this.plan.kinds.has(kind) && random() < 2 * this.plan.intensity;
    return Object.defineProperties(
      { reportMs: 0, failedReports: 0 },
      {
        reportMs: { enumerable: true, get: () => (isHit('reportSlow') ? HOUR_MS : 1_000 + random() * 7_000) },
        failedReports: { enumerable: true, get: () => (isHit('reportFails') ? 1 : 0) },
      },
    );
  }

  #at(dayMs: number, act: () => void): void {
    const since = this.clock.now();
    void this.clock.sleep(Math.max(1, since + dayMs - this.clock.now())).then(act);
  }

  #changePrincipals(): void {
    const random = this.fates;
    const account = this.accounts[Math.floor(random() * this.accounts.length)];
    if (account === undefined) return;
    changePrincipal(account, random, this.clock.now());
    this.truth.record();
    this.log.add('principalChanges');
  }

  /** Closes the last account. The hub itself stays. */
  #closeAccount(): void {
    const last = this.accounts.at(-1);
    if (last === undefined || last.accountId === HUB) return;
    this.#closed.add(last.accountId);
    this.log.add('accountCloses');
  }
}

function auditable(accountId: string, principals: number, seed: number): EmulatedAccount {
  const users = Math.floor(principals / 3);
  const account = generateAccount({
    seed: seed * 10 + Number(accountId.at(-1)),
    accountId,
    users,
    roles: principals - users,
    now: START,
  });
  addAuditRole(account, HUB, START);
  if (accountId === HUB) addOperator(account, START);
  return account;
}
