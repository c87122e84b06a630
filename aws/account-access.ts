import { IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, Pluggable } from '@smithy/types';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { addCalls, CallLedger } from '../core/ports/call-ledger.ts';
import type { CallsByOperation } from '../core/contract/run.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { AccountAccess, AccountSession } from '../core/ports/iam.ts';
import type { OrganizationSession } from '../core/ports/organization-reader.ts';
import { endpointOf, requestHandlerOf, USER_AGENT, type WireSettings } from './client-options.ts';
import { SdkAccessReportReader } from './access-report-reader.ts';
import { required } from './required.ts';
import { SdkIamReader } from './iam-reader.ts';
import { SdkOrganizationReader } from './organization-reader.ts';
import { REGION_DISABLED, regionDisabled } from './region-disabled.ts';
import { toAwsFault } from './sdk-fault.ts';
import { TransientRetry } from './transient-retry.ts';

/** With a transient fault in one of ten requests, six attempts leave one failed call in a million. */
const TRANSIENT_ATTEMPTS = 6;
/** Credentials must be valid for this much longer than the work that uses them. */
const CREDENTIALS_MARGIN_MS = 120_000;
/** The maximum for role chaining (AWS STS, AssumeRole). */
const SESSION_SECONDS = 3_600;

export interface MemberRole {
  readonly roleName: string;
  readonly externalId: string | null;
}

export interface AccountAccessSettings extends WireSettings {
  /** The audit's own credentials. If undefined, the SDK's default chain provides them. */
  readonly credentials?: AwsCredentialIdentityProvider;
  /** The role to assume in every account, including the caller's own. Null: use the audit's own credentials. */
  readonly memberRole: MemberRole | null;
  /** Valid as a RoleSessionName: 2–64 of `[\w+=,.@-]`. */
  readonly sessionName: string;
  readonly region?: string;
  /** Region of the STS endpoint; the default is `region`. Every audited account must have activated it. */
  readonly stsRegion?: string;
  /** Name of the option that sets the STS Region, for error messages. The default is the stack's setting `stsRegion`. */
  readonly stsRegionOption?: string;
  /** Wraps every request. Tests with virtual time stop their clock during it. */
  readonly onWire?: <T>(request: () => Promise<T>) => Promise<T>;
}

export interface CallerIdentity {
  readonly accountId: string;
  readonly arn: string;
}

interface OpenSession {
  readonly credentials: AwsCredentialIdentity;
  readonly client: IAMClient;
}

/**
 * Opens sessions with static credentials. A session's credentials never change during a batch, because a report can be
 * read only with the credentials that requested it. Credentials are cached and reused while they are valid long enough.
 */
export class SdkAccountAccess implements AccountAccess {
  readonly #settings: AccountAccessSettings;
  readonly #clock: Clock;
  readonly #sessions = new Map<string, Promise<OpenSession>>();
  readonly #ledgers: CallLedger[] = [];
  #sts: STSClient | null = null;
  #identity: Promise<CallerIdentity> | null = null;

  constructor(settings: AccountAccessSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** The identity of the audit's own credentials. @throws AwsFault */
  callerIdentity(): Promise<CallerIdentity> {
    this.#identity ??= this.#requestIdentity().catch(async (error: unknown) => {
      this.#identity = null;
      throw await this.#faultOf(error, null);
    });
    return this.#identity;
  }

  async ownAccountId(): Promise<string> {
    return (await this.callerIdentity()).accountId;
  }

  async open(accountId: string, workMs: number): Promise<AccountSession> {
    const minimumMs = workMs + CREDENTIALS_MARGIN_MS;
    const opening = this.#sessions.get(accountId);
    const cached = opening === undefined ? null : await opening.catch(() => null);
    const session =
      cached !== null && this.#isValidFor(cached.credentials, minimumMs)
        ? cached
        : await this.#renew(accountId, minimumMs);
    const calls = new CallLedger();
    this.#ledgers.push(calls);
    return { iam: new SdkIamReader({ client: session.client, ledger: calls, clock: this.#clock }), calls };
  }

  /** Reads with the audit's own credentials, because member roles have no permission to read the organization. */
  organization(): OrganizationSession {
    const calls = new CallLedger();
    this.#ledgers.push(calls);
    const dependencies = { ledger: calls, clock: this.#clock };
    return {
      organization: new SdkOrganizationReader({ client: this.#organizationsClient(), ...dependencies }),
      accessReports: new SdkAccessReportReader({ client: this.#iamClient(this.#ownProvider), ...dependencies }),
      calls,
    };
  }

  /** Requests of all sessions so far, by operation. */
  totals(): CallsByOperation {
    return addCalls(this.#ledgers.map((ledger) => ledger.work()));
  }

  /** Removes the session from the cache, because AWS rejected its credentials before they expired. */
  discard(accountId: string): void {
    this.#sessions.delete(accountId);
  }

  /** Adds the Region, and what to do, if an account has not activated STS in the Region. AWS's message has neither. */
  async #faultOf(error: unknown, accountId: string | null): Promise<AwsFault> {
    if (error instanceof AwsFault) return error;
    const fault = toAwsFault(error);
    if (fault.code !== REGION_DISABLED) return fault;
    return regionDisabled(fault, {
      accountId: /account:\s*(\d{12})/.exec(fault.message)?.[1] ?? accountId,
      region: await this.#stsClient().config.region(),
      option: this.#settings.stsRegionOption ?? 'stsRegion',
    });
  }

  #isValidFor(credentials: AwsCredentialIdentity, minimumMs: number): boolean {
    return credentials.expiration === undefined || credentials.expiration.getTime() - this.#clock.now() >= minimumMs;
  }

  async #renew(accountId: string, minimumMs: number): Promise<OpenSession> {
    const opening = this.#connect(accountId).catch(async (error: unknown) => {
      this.#sessions.delete(accountId);
      throw await this.#faultOf(error, accountId);
    });
    this.#sessions.set(accountId, opening);
    const session = await opening;
    if (!this.#isValidFor(session.credentials, minimumMs)) {
      const left = Math.round(((session.credentials.expiration?.getTime() ?? 0) - this.#clock.now()) / 1000);
      if (left <= 0) {
        throw new AwsFault('expired', 'ExpiredToken', `The credentials for account ${accountId} have expired.`);
      }
    }
    return session;
  }

  async #connect(accountId: string): Promise<OpenSession> {
    const credentials =
      this.#settings.memberRole === null
        ? await this.#ownCredentials(accountId)
        : await this.#assume(accountId, this.#settings.memberRole);
    return { credentials, client: this.#iamClient(credentials) };
  }

  async #ownCredentials(accountId: string): Promise<AwsCredentialIdentity> {
    const own = await this.callerIdentity();
    if (own.accountId !== accountId) {
      throw new AwsFault(
        'denied',
        'AccessDenied',
        `The credentials belong to account ${own.accountId}. To audit account ${accountId}, set a role to assume there (--role-name).`,
      );
    }
    return this.#stsClient().config.credentials();
  }

  async #assume(accountId: string, role: MemberRole): Promise<AwsCredentialIdentity> {
    const own = await this.callerIdentity();
    const partition = own.arn.split(':')[1] ?? 'aws';
    const response = await this.#wire(() =>
      this.#stsClient().send(
        new AssumeRoleCommand({
          RoleArn: `arn:${partition}:iam::${accountId}:role/${role.roleName}`,
          RoleSessionName: this.#settings.sessionName,
          DurationSeconds: SESSION_SECONDS,
          ExternalId: role.externalId ?? undefined,
        }),
      ),
    );
    const issued = required(response.Credentials, 'AssumeRole', 'Credentials');
    return {
      accessKeyId: required(issued.AccessKeyId, 'AssumeRole', 'AccessKeyId'),
      secretAccessKey: required(issued.SecretAccessKey, 'AssumeRole', 'SecretAccessKey'),
      sessionToken: required(issued.SessionToken, 'AssumeRole', 'SessionToken'),
      expiration: required(issued.Expiration, 'AssumeRole', 'Expiration'),
    };
  }

  async #requestIdentity(): Promise<CallerIdentity> {
    const response = await this.#wire(() => this.#stsClient().send(new GetCallerIdentityCommand({})));
    return {
      accountId: required(response.Account, 'GetCallerIdentity', 'Account'),
      arn: required(response.Arn, 'GetCallerIdentity', 'Arn'),
    };
  }

  readonly #ownProvider = (): Promise<AwsCredentialIdentity> => this.#stsClient().config.credentials();

  #wire<T>(request: () => Promise<T>): Promise<T> {
    return this.#settings.onWire === undefined ? request() : this.#settings.onWire(request);
  }

  /** Throttling of STS is rare and short, so the SDK's own backoff with full jitter is sufficient. */
  #stsClient(): STSClient {
    const region = this.#settings.stsRegion ?? this.#settings.region;
    this.#sts ??= new STSClient({
      ...(region === undefined ? {} : { region }),
      ...(this.#settings.credentials === undefined ? {} : { credentials: this.#settings.credentials }),
      ...endpointOf(this.#settings),
      customUserAgent: USER_AGENT,
      maxAttempts: TRANSIENT_ATTEMPTS,
      requestHandler: requestHandlerOf(this.#settings),
    });
    return this.#sts;
  }

  #iamClient(credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider): IAMClient {
    const client = new IAMClient({ ...this.#globalService(), credentials });
    client.middlewareStack.use(this.#onWire());
    return client;
  }

  #organizationsClient(): OrganizationsClient {
    const client = new OrganizationsClient({ ...this.#globalService(), credentials: this.#ownProvider });
    client.middlewareStack.use(this.#onWire());
    return client;
  }

  /** IAM and Organizations have one endpoint per partition. The SDK finds it and its signing Region from any Region. */
  #globalService() {
    return {
      ...(this.#settings.region === undefined ? {} : { region: this.#settings.region }),
      ...endpointOf(this.#settings),
      customUserAgent: USER_AGENT,
      retryStrategy: new TransientRetry(TRANSIENT_ATTEMPTS),
      requestHandler: requestHandlerOf(this.#settings),
    };
  }

  /** Wraps every call, including its signing and its retries. */
  #onWire<Input extends object, Output extends object>(): Pluggable<Input, Output> {
    const { onWire } = this.#settings;
    return {
      applyToStack: (stack) => {
        if (onWire === undefined) return;
        stack.add((next) => (args) => onWire(() => next(args)), {
          step: 'initialize',
          priority: 'high',
          name: 'onWire',
        });
      },
    };
  }
}
