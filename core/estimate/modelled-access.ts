import { AwsFault } from '../ports/aws-fault.ts';
import { CallLedger } from '../ports/calls/call-ledger.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { AccountAccess, AccountSession, IamReader, SessionRequest } from '../ports/iam.ts';
import type { AccessReportReader, OrganizationReader, OrganizationSession } from '../ports/organization-reader.ts';
import { assumed } from './assumptions.ts';

/** Role sessions last an hour, because of role chaining. They are used again while they are valid for the work and a margin. */
const SESSION_MS = 3_600_000;
const MARGIN_MS = 120_000;
/** The standard normal distribution's 95th percentile. */
const Z95 = 1.6449;

/** What the model knows about an account. */
export interface ModelledAccount {
  /** Calls per second that the bucket of an operation accepts. Operations without an entry are not limited. */
  readonly rates: ReadonlyMap<string, number>;
  readonly isShared: boolean;
  /** Milliseconds until a report is ready. */
  readonly reportMs: number;
  /** Whether service control policies apply, so that answers say what they allow. */
  readonly hasServiceControl: boolean;
  /** Whether a role is assumed in the account. */
  readonly assumesRole: boolean;
}

/** Fills continuously, and starts full. */
class Bucket {
  #tokens: number;
  #at: number;
  readonly #size: number;

  constructor(
    private readonly perSecond: number,
    now: number,
  ) {
    this.#size = Math.max(1, perSecond * assumed.bucketSeconds);
    this.#tokens = this.#size;
    this.#at = now;
  }

  take(now: number): boolean {
    this.#tokens = Math.min(this.#size, this.#tokens + ((now - this.#at) * this.perSecond) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/**
 * An access to accounts that sends nothing. Its answers come as late as those of AWS, its buckets reject calls, and its
 * contents are empty. So the code of a run shows, in virtual time, how many calls it needs and when.
 */
export class ModelledAccess implements AccountAccess {
  readonly #buckets = new Map<string, Bucket>();
  readonly #sessions = new Map<string, number>();
  #jobs = 0;

  /** @param accounts by account ID */
  constructor(
    private readonly accounts: ReadonlyMap<string, ModelledAccount>,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  ownAccountId(): Promise<string> {
    return Promise.reject(notModelled('GetCallerIdentity'));
  }

  async open({ accountId, actions, workMs, calls }: SessionRequest): Promise<AccountSession> {
    const account = this.#account(accountId);
    if (account.assumesRole) await this.#assumeRole(`${accountId} ${[...actions].join()}`, workMs, calls);
    return { iam: this.#reader(accountId, account, calls), calls };
  }

  organization(): OrganizationSession {
    const calls = new CallLedger();
    return { organization: noOrganization, accessReports: this.#accessReports(calls), calls };
  }

  discard(): void {
    // Modelled sessions do not end early.
  }

  #account(accountId: string): ModelledAccount {
    const account = this.accounts.get(accountId);
    if (account === undefined) throw new Error(`Account ${accountId} is not in the model.`);
    return account;
  }

  async #assumeRole(key: string, workMs: number, calls: CallLedger): Promise<void> {
    const openedAt = this.#sessions.get(key);
    if (openedAt !== undefined && openedAt + SESSION_MS - this.clock.now() >= workMs + MARGIN_MS) return;
    await this.#call('sts:AssumeRole', null, calls, () => undefined);
    this.#sessions.set(key, this.clock.now());
  }

  #reader(
    accountId: string,
    { rates, isShared, reportMs, hasServiceControl }: ModelledAccount,
    calls: CallLedger,
  ): IamReader {
    const send = <T>(operation: string, answer: () => T): Promise<T> => {
      const perSecond = rates.get(operation);
      const place = isShared ? operation : `${accountId} ${operation}`;
      return this.#call(operation, perSecond === undefined ? null : this.#bucket(place, perSecond), calls, answer);
    };
    const reports = this.#reports(reportMs);
    const allowedByOrganizations = hasServiceControl ? true : null;
    return {
      authorizationPage: () =>
        send('iam:GetAccountAuthorizationDetails', () => ({
          users: [],
          roles: [],
          groups: [],
          policies: [],
          unreadable: [],
          marker: null,
        })),
      requestLastAccessed: () => send('iam:GenerateServiceLastAccessedDetails', reports.request),
      lastAccessedPage: (jobId) => send('iam:GetServiceLastAccessedDetails', () => reports.page(jobId)),
      simulationPage: (_arn, actions, resources) =>
        send('iam:SimulatePrincipalPolicy', () => ({
          decisions: actions.map((action) => ({
            action,
            decision: 'implicitDeny' as const,
            allowedByOrganizations,
            allowedByBoundary: null,
            missingContext: [],
            resources: resources.map((arn) => ({
              arn,
              decision: 'implicitDeny' as const,
              allowedByBoundary: null,
              missingContext: [],
            })),
          })),
          marker: null,
        })),
      requestCredentialReport: () => send('iam:GenerateCredentialReport', () => 'COMPLETE' as const),
      credentialReport: () => Promise.reject(notModelled('GetCredentialReport')),
      passwordPolicy: () => Promise.reject(notModelled('GetAccountPasswordPolicy')),
    };
  }

  #accessReports(calls: CallLedger): AccessReportReader {
    const reports = this.#reports(assumed.accessReportMs);
    return {
      requestAccessReport: () => this.#call('iam:GenerateOrganizationsAccessReport', null, calls, reports.request),
      accessReportPage: (jobId) =>
        this.#call('iam:GetOrganizationsAccessReport', null, calls, () => reports.page(jobId)),
    };
  }

  /** Reports without content, each ready some time after its request. */
  #reports(readyMs: number) {
    const readyAt = new Map<string, number>();
    return {
      request: (): string => {
        const jobId = `job ${(this.#jobs += 1)}`;
        readyAt.set(jobId, this.clock.now() + readyMs);
        return jobId;
      },
      page: (jobId: string) => {
        const at = readyAt.get(jobId) ?? 0;
        if (this.clock.now() < at) return { status: 'IN_PROGRESS' as const };
        readyAt.delete(jobId);
        return { status: 'COMPLETED' as const, completedAt: new Date(at).toISOString(), services: [], marker: null };
      },
    };
  }

  #bucket(place: string, perSecond: number): Bucket {
    const bucket = this.#buckets.get(place) ?? new Bucket(perSecond, this.clock.now());
    this.#buckets.set(place, bucket);
    return bucket;
  }

  /** Half of the time until the answer passes before the bucket decides. */
  async #call<T>(operation: string, bucket: Bucket | null, calls: CallLedger, answer: () => T): Promise<T> {
    const sentAt = this.clock.now();
    const latencyMs = this.#latencyMs();
    await this.clock.sleep(latencyMs / 2);
    const isAccepted = bucket?.take(this.clock.now()) !== false;
    const answered = isAccepted ? { value: answer() } : null;
    await this.clock.sleep(latencyMs / 2);
    calls.record(operation, 1, answered === null ? 'throttled' : 'succeeded', sentAt, this.clock.now());
    if (answered === null) throw new AwsFault('throttled', 'Throttling', 'Rate exceeded');
    return answered.value;
  }

  /** Lognormal. */
  #latencyMs(): number {
    const [low, high] = assumed.latencyMs;
    const normal = Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random());
    const middle = (Math.log(low) + Math.log(high)) / 2;
    return Math.exp(middle + ((Math.log(high) - Math.log(low)) / (2 * Z95)) * normal);
  }
}

const notModelled = (call: string): Error => new Error(`The model does not answer ${call}.`);

const refuse = (): Promise<never> => Promise.reject(notModelled('calls to AWS Organizations'));

/** A plan has read the organization already. */
const noOrganization: OrganizationReader = {
  describe: refuse,
  accountsPage: refuse,
  rootsPage: refuse,
  unitsPage: refuse,
  childAccountsPage: refuse,
  policiesPage: refuse,
  policyDocument: refuse,
  targetsPage: refuse,
};
