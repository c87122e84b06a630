import { randomUUID } from 'node:crypto';
import type { Clock, Random } from '../../core/clock.ts';
import type { AccountDirectory, EmulatedAccount } from './account.ts';
import { drawFault, type Fault, type FaultShares } from './faults.ts';
import { lognormal } from './latency.ts';
import { Limits, type LimitSettings } from './limits.ts';
import { generateCredentialReport, getCredentialReport } from './operations/credential-report.ts';
import { getAccountAuthorizationDetails } from './operations/inventory.ts';
import { generateServiceLastAccessedDetails, getServiceLastAccessedDetails } from './operations/last-accessed.ts';
import type { Behaviour, Operation, OperationContext } from './operations/operation.ts';
import { simulatePrincipalPolicy } from './operations/simulation.ts';
import { stsOperations } from './operations/sts.ts';
import { ServiceError } from './service-error.ts';
import { Sessions, type IssuedCredentials, type Session } from './sessions.ts';
import type { BystanderCounts } from './token-bucket.ts';
import { toXml } from './xml.ts';

/** An error that some calls are answered with, whatever they ask. */
export interface InjectedError {
  /** Such as `iam:GenerateCredentialReport`. */
  readonly operation: string;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Only so many calls, the first ones; without it every one. */
  readonly times?: number;
}

export interface EmulatedAwsSettings extends LimitSettings {
  readonly accounts: readonly EmulatedAccount[] | AccountDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults?: FaultShares;
  /** Actions that are denied, such as `iam:GenerateCredentialReport`, by account. */
  readonly denied?: Readonly<Record<string, readonly string[]>>;
  /** Whether a caller may do what it asks for, such as `iam:GetCredentialReport`. Without it everybody may. */
  readonly authorize?: (session: Session, operation: string) => boolean;
  readonly errors?: readonly InjectedError[];
  /** 5th and 95th percentile of the time to an answer in milliseconds; without it answers come at once. */
  readonly latencyMs?: readonly [number, number];
  readonly behaviour?: Partial<Behaviour>;
}

export interface OperationCounters {
  received: number;
  throttled: number;
  faulted: number;
}

export interface EmulatedRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export type EmulatedAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  /** The connection breaks. */
  | { readonly kind: 'reset' }
  /** Nobody answers, ever. */
  | { readonly kind: 'silence' };

const iamOperations: Readonly<Record<string, Operation>> = {
  GetAccountAuthorizationDetails: getAccountAuthorizationDetails,
  GenerateServiceLastAccessedDetails: generateServiceLastAccessedDetails,
  GetServiceLastAccessedDetails: getServiceLastAccessedDetails,
  SimulatePrincipalPolicy: simulatePrincipalPolicy,
  GenerateCredentialReport: generateCredentialReport,
  GetCredentialReport: getCredentialReport,
};

const services = {
  iam: { operations: iamOperations, namespace: 'https://iam.amazonaws.com/doc/2010-05-08/' },
  sts: { operations: stsOperations, namespace: 'https://sts.amazonaws.com/doc/2011-06-15/' },
};

const usual: Behaviour = {
  reportMs: 1_500,
  failedReports: 0,
  largestPage: 1_000,
  randomPages: false,
  mostActions: 1_000,
  refusedActions: [],
};

/** IAM and STS behind the Query protocol, without a transport: requests in, answers out. */
export class Emulation {
  readonly accounts: AccountDirectory;
  /** By `account service:Operation`; everything that was asked for is here, also what does not exist. */
  readonly counters = new Map<string, OperationCounters>();
  readonly #settings: EmulatedAwsSettings;
  readonly #sessions = new Sessions();
  readonly #limits: Limits;
  readonly #injected = new Map<InjectedError, number>();
  readonly #reports: OperationContext['reports'] = new Map();
  readonly #credentialReports: OperationContext['credentialReports'] = new Map();

  constructor(settings: EmulatedAwsSettings) {
    this.#settings = settings;
    this.#limits = new Limits(settings, settings.random);
    const { accounts } = settings;
    this.accounts = 'get' in accounts ? accounts : new Map(accounts.map((account) => [account.accountId, account]));
  }

  /** Long-term keys of a user. */
  issueUser(accountId: string, userName: string): IssuedCredentials {
    const arn = `arn:aws:iam::${accountId}:user/${userName}`;
    return this.#sessions.issue({
      accountId,
      callerAccountId: accountId,
      arn,
      userId: userName,
      kind: 'user',
      expiresAt: null,
    });
  }

  /** A role's session, as a Lambda function has one. @param expiresAt milliseconds since the epoch */
  issueSession(accountId: string, roleName: string, expiresAt: number): IssuedCredentials {
    const arn = `arn:aws:sts::${accountId}:assumed-role/${roleName}/session`;
    return this.#sessions.issue({
      accountId,
      callerAccountId: accountId,
      arn,
      userId: `AROAEXAMPLE:${roleName}`,
      kind: 'role',
      expiresAt,
    });
  }

  /** AWS changed its limits. @param rate calls a second, of every bucket in use */
  setRate(rate: number): void {
    this.#limits.setRate(rate, this.#settings.clock.now());
  }

  bystanders(): BystanderCounts {
    return this.#limits.bystanders(this.#settings.clock.now());
  }

  async handle(request: EmulatedRequest): Promise<EmulatedAnswer> {
    const { latencyMs, random, clock } = this.#settings;
    const total = latencyMs === undefined ? 0 : lognormal(random, latencyMs);
    // Half the way there, half the way back: the bucket decides in between.
    await clock.sleep(total / 2);
    const answer = this.#answer(request);
    await clock.sleep(total / 2);
    return answer;
  }

  #answer({ headers, body }: EmulatedRequest): EmulatedAnswer {
    const parameters = new URLSearchParams(body);
    const action = parameters.get('Action') ?? '';
    const service = action in stsOperations ? 'sts' : 'iam';
    const { namespace } = services[service];
    try {
      const session = this.#sessions.authenticate(headers, this.#settings.clock.now());
      const result = this.#perform(service, action, session, parameters);
      if ('kind' in result) {
        if (result.kind !== 'page') return result;
        return { kind: 'answer', status: result.status, body: `<html><body>${result.status}</body></html>` };
      }
      const inner = `${toXml(`${action}Result`, result.value)}${toXml('ResponseMetadata', { RequestId: randomUUID() })}`;
      return {
        kind: 'answer',
        status: 200,
        body: `<${action}Response xmlns="${namespace}">${inner}</${action}Response>`,
      };
    } catch (error: unknown) {
      if (!(error instanceof ServiceError)) throw error;
      const type = error.status >= 500 ? 'Receiver' : 'Sender';
      const inner = `${toXml('Error', { Type: type, Code: error.code, Message: error.message })}${toXml('RequestId', randomUUID())}`;
      return {
        kind: 'answer',
        status: error.status,
        body: `<ErrorResponse xmlns="${namespace}">${inner}</ErrorResponse>`,
      };
    }
  }

  #perform(
    service: 'iam' | 'sts',
    action: string,
    session: Session,
    parameters: URLSearchParams,
  ): Exclude<Fault, { kind: 'failure' }> | { value: ReturnType<Operation> } {
    const { clock, random, faults, denied, authorize, behaviour } = this.#settings;
    const name = `${service}:${action}`;
    const account = this.accounts.get(session.accountId);
    const operation = services[service].operations[action];
    const counters = this.#counters(`${session.accountId} ${name}`);
    counters.received += 1;
    if (operation === undefined || account === undefined) {
      throw new ServiceError(400, 'InvalidAction', `Could not find operation ${action} for version 2010-05-08`);
    }
    if (service === 'iam' && !this.#limits.allows(session, name, clock.now())) {
      counters.throttled += 1;
      throw new ServiceError(400, 'Throttling', 'Rate exceeded');
    }
    const fault = service === 'iam' && faults !== undefined ? drawFault(faults, random) : null;
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
      credentialReports: this.#credentialReports,
      behaviour: { ...usual, ...behaviour },
    });
    return { value };
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
