import type { Clock, Random } from '../../core/ports/clock.ts';
import type { AccountDirectory, EmulatedAccount } from './account.ts';
import { recordedCall } from './cloudtrail/observed-call.ts';
import type { RecordedCall } from './cloudtrail/recorded-call.ts';
import { bystanderCalls } from './cloudtrail/bystander-calls.ts';
import { drawFault, type Fault, type FaultShares } from './transient-faults.ts';
import { lognormal } from './latency.ts';
import { Limits, type LimitSettings } from './limits.ts';
import { generateCredentialReport, getCredentialReport } from './operations/credential-report.ts';
import { getAccountAuthorizationDetails } from './operations/inventory.ts';
import { generateServiceLastAccessedDetails, getServiceLastAccessedDetails } from './operations/last-accessed.ts';
import type { Behaviour, Operation, OperationContext } from './operations/operation.ts';
import { simulatePrincipalPolicy } from './operations/simulation.ts';
import { generateOrganizationsAccessReport, getOrganizationsAccessReport } from './operations/organization-access.ts';
import { organizationsOperations } from './operations/organizations.ts';
import { stsOperations } from './operations/sts.ts';
import { organizationOf, type OrganizationSettings, type OrganizationView } from './organization.ts';
import {
  successResponse,
  gatewayPage,
  readCall,
  errorResponse,
  type EmulatedCall,
  type EmulatedRequest,
  type EmulatedResponse,
} from './protocol.ts';
import { ServiceError } from './service-error.ts';
import { Sessions, signingRegionOf, type IssuedCredentials, type Session } from './sessions.ts';
import type { BystanderCounts } from './shared-limit.ts';

/** An error that the emulation returns for calls of one operation. */
export interface InjectedError {
  /** For example `iam:GenerateCredentialReport`. */
  readonly operation: string;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Number of calls, from the first one, that get the error. Default: every call. */
  readonly times?: number;
}

export interface EmulatedAwsSettings extends LimitSettings {
  readonly accounts: readonly EmulatedAccount[] | AccountDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults?: FaultShares;
  /** Denied actions by account ID, such as `iam:GenerateCredentialReport`. */
  readonly denied?: Readonly<Record<string, readonly string[]>>;
  /** Whether a session may call an operation, such as `iam:GetCredentialReport`. Default: every session may. */
  readonly authorize?: (session: Session, operation: string) => boolean;
  readonly errors?: readonly InjectedError[];
  /** By account ID: Regions in which the account has not activated STS. */
  readonly inactiveStsRegions?: Readonly<Record<string, readonly string[]>>;
  /** 5th and 95th percentile of the response time, in milliseconds. Default: responses are immediate. */
  readonly latencyMs?: readonly [number, number];
  readonly behaviour?: Partial<Behaviour>;
  /** Properties of the accounts' organization. Null: the accounts are in no organization. */
  readonly organization?: OrganizationSettings | null;
  /** Gets each authenticated call to IAM and STS, as CloudTrail records it. Lost requests are not recorded. */
  readonly cloudTrail?: (call: RecordedCall) => void;
}

export interface OperationCounters {
  received: number;
  throttled: number;
  faulted: number;
}

export type EmulatedAnswer =
  | EmulatedResponse
  /** The connection is reset. */
  | { readonly kind: 'reset' }
  /** No response is ever sent. */
  | { readonly kind: 'silence' };

const iamOperations: Readonly<Record<string, Operation>> = {
  GetAccountAuthorizationDetails: getAccountAuthorizationDetails,
  GenerateServiceLastAccessedDetails: generateServiceLastAccessedDetails,
  GetServiceLastAccessedDetails: getServiceLastAccessedDetails,
  SimulatePrincipalPolicy: simulatePrincipalPolicy,
  GenerateCredentialReport: generateCredentialReport,
  GetCredentialReport: getCredentialReport,
  GenerateOrganizationsAccessReport: generateOrganizationsAccessReport,
  GetOrganizationsAccessReport: getOrganizationsAccessReport,
};

const services: Readonly<Record<EmulatedCall['service'], Readonly<Record<string, Operation>>>> = {
  iam: iamOperations,
  sts: stsOperations,
  organizations: organizationsOperations,
};

const defaultBehaviour: Behaviour = {
  reportMs: 1_500,
  failedReports: 0,
  accessReportsAtOnce: 10,
  failedAccessReports: [],
  largestPage: 1_000,
  randomPages: false,
  maxActions: 1_000,
  refusedActions: [],
};

/** The limit rejected the call. */
class Throttled extends ServiceError {
  constructor() {
    super(400, 'Throttling', 'Rate exceeded');
  }
}

/** IAM, STS and Organizations, independent of the transport. */
export class Emulation {
  readonly accounts: AccountDirectory;
  /** By `<account ID> <service>:<Operation>`. Requests for unknown operations are counted too. */
  readonly counters = new Map<string, OperationCounters>();
  readonly #settings: EmulatedAwsSettings;
  readonly #sessions = new Sessions();
  readonly #limits: Limits;
  readonly #injected = new Map<InjectedError, number>();
  readonly #reports: OperationContext['reports'] = new Map();
  readonly #accessReports: OperationContext['accessReports'] = new Map();
  readonly #credentialReports: OperationContext['credentialReports'] = new Map();

  constructor(settings: EmulatedAwsSettings) {
    this.#settings = settings;
    const { cloudTrail } = settings;
    this.#limits = new Limits(settings, settings.random, (call) => {
      if (cloudTrail !== undefined) bystanderCalls(call).forEach(cloudTrail);
    });
    const { accounts } = settings;
    this.accounts = 'get' in accounts ? accounts : new Map(accounts.map((account) => [account.accountId, account]));
  }

  /** Issues long-term access keys of a user. */
  issueUser(accountId: string, userName: string): IssuedCredentials {
    const arn = `arn:aws:iam::${accountId}:user/${userName}`;
    return this.#sessions.issue({
      accountId,
      callerAccountId: accountId,
      arn,
      userId: userName,
      kind: 'user',
      issuedAt: this.#settings.clock.now(),
      expiresAt: null,
    });
  }

  /**
   * Issues a role's session credentials, like those of a Lambda function.
   * @param expiresAt milliseconds since the epoch
   */
  issueSession(accountId: string, roleName: string, expiresAt: number): IssuedCredentials {
    const arn = `arn:aws:sts::${accountId}:assumed-role/${roleName}/session`;
    return this.#sessions.issue({
      accountId,
      callerAccountId: accountId,
      arn,
      userId: `AROAEXAMPLE:${roleName}`,
      kind: 'role',
      issuedAt: this.#settings.clock.now(),
      expiresAt,
    });
  }

  /** Simulates a changed limit of AWS. @param rate calls a second, for every bucket in use */
  setRate(rate: number): void {
    this.#limits.setRate(rate, this.#settings.clock.now());
  }

  bystanders(): BystanderCounts {
    return this.#limits.bystanders(this.#settings.clock.now());
  }

  async handle(request: EmulatedRequest): Promise<EmulatedAnswer> {
    const { latencyMs, random, clock, disturbances } = this.#settings;
    const total = latencyMs === undefined ? 0 : lognormal(random, latencyMs);
    // Half of the latency passes before the token bucket decides, and half after it.
    await clock.sleep(total / 2);
    const { answer, throttled } = this.#answer(request);
    await clock.sleep(total / 2 + (throttled ? (disturbances?.lateMs ?? 0) : 0));
    return answer;
  }

  #answer(request: EmulatedRequest): { readonly answer: EmulatedAnswer; readonly throttled: boolean } {
    const call = readCall(request);
    let session: Session | null = null;
    try {
      session = this.#sessions.authenticate(request.headers, this.#settings.clock.now());
      const result = this.#perform(call, session, signingRegionOf(request.headers));
      if (!('value' in result)) {
        return { answer: result.kind === 'page' ? gatewayPage(result.status) : result, throttled: false };
      }
      this.#record(request, call, session, null);
      return { answer: successResponse(call, result.value), throttled: false };
    } catch (error: unknown) {
      if (!(error instanceof ServiceError)) throw error;
      if (session !== null) this.#record(request, call, session, error);
      return { answer: errorResponse(call, error), throttled: error instanceof Throttled };
    }
  }

  #record({ headers }: EmulatedRequest, call: EmulatedCall, session: Session, error: ServiceError | null): void {
    const { cloudTrail, clock } = this.#settings;
    if (cloudTrail === undefined) return;
    const { accounts } = this;
    const recorded = recordedCall({ call, session, headers, accounts, atMs: clock.now(), error });
    if (recorded !== null) cloudTrail(recorded);
  }

  #perform(
    { service, action, parameters }: EmulatedCall,
    session: Session,
    signingRegion: string,
  ): Exclude<Fault, { kind: 'failure' }> | { value: ReturnType<Operation> } {
    const { clock, random, faults, denied, authorize, behaviour, organization, inactiveStsRegions } = this.#settings;
    const name = `${service}:${action}`;
    const account = this.accounts.get(session.accountId);
    const operation = services[service][action];
    const counters = this.#counters(`${session.accountId} ${name}`);
    counters.received += 1;
    if (operation === undefined || account === undefined) {
      throw new ServiceError(400, 'InvalidAction', `Could not find operation ${action} for version 2010-05-08`);
    }
    if (!this.#allows(service, name, session)) {
      counters.throttled += 1;
      throw new Throttled();
    }
    const fault = service !== 'sts' && faults !== undefined ? drawFault(faults, random) : null;
    if (fault !== null) {
      counters.faulted += 1;
      if (fault.kind !== 'failure') return fault;
      throw new ServiceError(500, 'ServiceFailure', 'The request processing has failed because of an unknown error.');
    }
    this.#injectError(name);
    if (denied?.[session.accountId]?.includes(name) === true || authorize?.(session, name) === false) {
      throw new ServiceError(
        403,
        'AccessDenied',
        `User: ${session.arn} is not authorized to perform: ${name} on resource: *`,
      );
    }
    const value = operation({
      account,
      accounts: this.accounts,
      session,
      sessions: this.#sessions,
      parameters,
      clock,
      random,
      reports: this.#reports,
      accessReports: this.#accessReports,
      credentialReports: this.#credentialReports,
      behaviour: { ...defaultBehaviour, ...behaviour },
      organization: () => this.#organization(),
      organizationSettings: organization ?? {},
      hasActiveSts: (accountId) => inactiveStsRegions?.[accountId]?.includes(signingRegion) !== true,
    });
    return { value };
  }

  /** Whether the limits allow the call. STS has no limits here. Organizations has only those of `limitOf`. */
  #allows(service: EmulatedCall['service'], operation: string, session: Session): boolean {
    const limited = service === 'iam' || (service === 'organizations' && this.#settings.limitOf?.[operation]);
    return !limited || this.#limits.allows(session, operation, this.#settings.clock.now());
  }

  /** The current organization, because tests change accounts and SCPs. Null if the accounts cannot be listed. */
  #organization(): OrganizationView | null {
    const { accounts, organization } = this.#settings;
    return organization === null || 'get' in accounts ? null : organizationOf(accounts, organization);
  }

  #injectError(operation: string): void {
    for (const error of this.#settings.errors ?? []) {
      const used = this.#injected.get(error) ?? 0;
      if (error.operation !== operation || used >= (error.times ?? Number.POSITIVE_INFINITY)) continue;
      this.#injected.set(error, used + 1);
      throw new ServiceError(error.status, error.code, error.message);
    }
  }

  #counters(key: string): OperationCounters {
    const counters = this.counters.get(key) ?? { received: 0, throttled: 0, faulted: 0 };
    this.counters.set(key, counters);
    return counters;
  }
}
