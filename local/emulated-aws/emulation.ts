import { ListedAccounts, type AccountDirectory } from './account.ts';
import { recordedCall } from './cloudtrail/observed-call.ts';
import { bystanderCalls } from './cloudtrail/bystander-calls.ts';
import type { RecordedCall } from './cloudtrail/recorded-call.ts';
import { callerContext, callerOf } from './evaluation/caller.ts';
import { requireSessionPermission } from './evaluation/session-policies.ts';
import { lognormal } from './latency.ts';
import { Limits } from './limits.ts';
import { LookupLimits } from './lookup-limits.ts';
import { allOperations, checkParameters } from './operations/all-operations.ts';
import type { Operation, OperationContext } from './operations/operation.ts';
import {
  successResponse,
  gatewayPage,
  readCall,
  errorResponse,
  type EmulatedCall,
  type EmulatedRequest,
  type EmulatedResponse,
} from './protocol.ts';
import { CurrentOrganization, type OrganizationView } from './organization.ts';
import { ServiceError } from './service-error.ts';
import { Sessions, signingRegionOf, type IssuedCredentials, type Session } from './sessions.ts';
import { defaultBehaviour, type EmulatedAwsSettings, type InjectedError } from './settings.ts';
import type { BystanderCounts } from './shared-limit.ts';
import { drawFault, type Fault } from './transient-faults.ts';

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

/** The limit rejected the call. */
class Throttled extends ServiceError {
  constructor() {
    super(400, 'Throttling', 'Rate exceeded');
  }
}

/** IAM, STS, Organizations and CloudTrail's event history, independent of the transport. */
export class Emulation {
  readonly accounts: AccountDirectory;
  /** By `<account ID> <service>:<Operation>`. Requests for unknown operations are counted too. */
  readonly counters = new Map<string, OperationCounters>();
  readonly #settings: EmulatedAwsSettings;
  readonly #sessions = new Sessions();
  readonly #limits: Limits;
  readonly #lookupLimits: LookupLimits;
  readonly #injected = new Map<InjectedError, number>();
  readonly #currentOrganization = new CurrentOrganization();
  readonly #reports: OperationContext['reports'] = new Map();
  readonly #accessReports: OperationContext['accessReports'] = new Map();
  readonly #credentialReports: OperationContext['credentialReports'] = new Map();

  constructor(settings: EmulatedAwsSettings) {
    this.#settings = settings;
    const { accounts, limitOf } = settings;
    this.#limits = new Limits(settings, settings.random, (call) => {
      if (this.#isRecorded()) bystanderCalls(call).forEach(this.#record);
    });
    this.#lookupLimits = new LookupLimits(limitOf?.['cloudtrail:LookupEvents']);
    this.accounts = 'get' in accounts ? accounts : new ListedAccounts(accounts);
  }

  /** Issues long-term access keys of a user. */
  issueUser(accountId: string, userName: string): IssuedCredentials {
    const arn = this.accounts.get(accountId)?.users.get(userName)?.arn ?? `arn:aws:iam::${accountId}:user/${userName}`;
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
      this.#recordCall(request, call, session, null);
      return { answer: successResponse(call, result.value), throttled: false };
    } catch (error: unknown) {
      if (!(error instanceof ServiceError)) throw error;
      if (session !== null) this.#recordCall(request, call, session, error);
      return { answer: errorResponse(call, error), throttled: error instanceof Throttled };
    }
  }

  /** Recording takes time, which a large emulated run without a listener saves. */
  #isRecorded(): boolean {
    return this.#settings.cloudTrail !== undefined || this.#settings.eventHistory !== undefined;
  }

  readonly #record = (call: RecordedCall): void => {
    this.#settings.cloudTrail?.(call);
    this.#settings.eventHistory?.add(call);
  };

  #recordCall({ headers }: EmulatedRequest, call: EmulatedCall, session: Session, error: ServiceError | null): void {
    if (!this.#isRecorded()) return;
    const { accounts } = this;
    const recorded = recordedCall({ call, session, headers, accounts, atMs: this.#settings.clock.now(), error });
    if (recorded !== null) this.#record(recorded);
  }

  #perform(
    call: EmulatedCall,
    session: Session,
    signingRegion: string,
  ): Exclude<Fault, { kind: 'failure' }> | { value: ReturnType<Operation> } {
    const { service, action, parameters } = call;
    const { clock, random, faults, denied, authorize, behaviour, organization, inactiveStsRegions, eventHistory } =
      this.#settings;
    const name = `${service}:${action}`;
    const account = this.accounts.get(session.accountId);
    const operation = allOperations[service][action];
    const counters = this.#counters(`${session.accountId} ${name}`);
    counters.received += 1;
    if (operation === undefined || account === undefined) {
      throw new ServiceError(400, 'InvalidAction', `Could not find operation ${action} for version 2010-05-08`);
    }
    if (!this.#allows(service, name, session, signingRegion)) {
      counters.throttled += 1;
      throw new Throttled();
    }
    const fault =
      (service === 'iam' || service === 'organizations') && faults !== undefined ? drawFault(faults, random) : null;
    if (fault !== null) {
      counters.faulted += 1;
      if (fault.kind !== 'failure') return fault;
      throw new ServiceError(500, 'ServiceFailure', 'The request processing has failed because of an unknown error.');
    }
    this.#injectError(name);
    if (denied?.[session.accountId]?.includes(name) === true || authorize?.(session, name, signingRegion) === false) {
      throw new ServiceError(
        403,
        'AccessDenied',
        `User: ${session.arn} is not authorized to perform: ${name} on resource: *`,
      );
    }
    if (service === 'iam') this.#requireSessionPermission(session, name, parameters);
    checkParameters(call);
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
      signingRegion,
      eventHistory: eventHistory ?? null,
      hasActiveSts: (accountId) => inactiveStsRegions?.[accountId]?.includes(signingRegion) !== true,
    });
    return { value };
  }

  /** The session policies limit every call to IAM, also those that the role's own policies allow. @throws ServiceError */
  #requireSessionPermission(session: Session, name: string, parameters: URLSearchParams): void {
    if (session.assumed === undefined || session.assumed.policies === null) return;
    const resource = parameters.get('PolicySourceArn') ?? parameters.get('Arn') ?? '*';
    const caller = callerOf(session, this.accounts);
    const context = callerContext(caller, () => this.#organization(), this.#settings.clock.now());
    requireSessionPermission(session, name, resource, context);
  }

  /** Whether the limits allow the call. STS has no limits here. Organizations has only those of `limitOf`. */
  #allows(service: EmulatedCall['service'], operation: string, session: Session, region: string): boolean {
    if (service === 'cloudtrail') {
      return this.#lookupLimits.allows(session.accountId, region, this.#settings.clock.now());
    }
    const limited = service === 'iam' || (service === 'organizations' && this.#settings.limitOf?.[operation]);
    return !limited || this.#limits.allows(session, operation, this.#settings.clock.now());
  }

  /** The current organization, because tests change accounts and SCPs. Null if the accounts cannot be listed. */
  #organization(): OrganizationView | null {
    const { accounts, organization } = this.#settings;
    return organization === null || 'get' in accounts ? null : this.#currentOrganization.of(accounts, organization);
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
