import { IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, Pluggable } from '@smithy/types';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { addWork, CallLedger } from '../core/ports/call-ledger.ts';
import type { WorkByOperation } from '../core/contract/run.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { AccountAccess, AccountSession } from '../core/ports/iam.ts';
import type { OrganizationSession } from '../core/ports/organization-reader.ts';
import { endpointOf, requestHandlerOf, type WireSettings } from './client-options.ts';
import { required } from './required.ts';
import { SdkIamReader } from './iam-reader.ts';
import { SdkOrganizationReader } from './organization-reader.ts';
import { REGION_DISABLED, regionDisabled } from './region-disabled.ts';
import { toAwsFault } from './sdk-fault.ts';
import { TransientRetry } from './transient-retry.ts';

/** Six attempts leave one call in a million failed where a tenth of them meets a transient fault. */
const TRANSIENT_ATTEMPTS = 6;
/** Credentials outlast the work that is done with them by this much. */
const CREDENTIALS_MARGIN_MS = 120_000;
/** Role chaining allows no more (AWS STS, AssumeRole). */
const SESSION_SECONDS = 3_600;

export interface MemberRole {
  readonly roleName: string;
  readonly externalId: string | null;
}

export interface AccountAccessSettings extends WireSettings {
  /** What the pipeline itself runs as. Without one, the SDK's default chain. */
  readonly credentials?: AwsCredentialIdentityProvider;
  /** The role to assume in every account, the caller's own included; null: audit with the own credentials. */
  readonly memberRole: MemberRole | null;
  /** Valid as a RoleSessionName: 2–64 of `[\w+=,.@-]`. */
  readonly sessionName: string;
  readonly region?: string;
  /** Region whose STS is called; without it `region`. Every account that is audited must have activated it. */
  readonly stsRegion?: string;
  /** What an operator sets to choose the STS Region; without it the setting `stsRegion` of the stack. */
  readonly stsRegionOption?: string;
  /** Wraps every request's time on the wire: virtual time stands still meanwhile. */
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
 * Opens static sessions for audits. A session's credentials never change under a batch, because a report can be
 * read only with those that asked for it; they are kept and given out again while they last long enough.
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

  /** Who the pipeline's own credentials are. @throws AwsFault */
  callerIdentity(): Promise<CallerIdentity> {
    this.#identity ??= this.#askIdentity().catch(async (error: unknown) => {
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
    const known = this.#sessions.get(accountId);
    const session = known === undefined ? null : await known.catch(() => null);
    const fresh =
      session !== null && this.#lasts(session.credentials, minimumMs)
        ? session
        : await this.#renew(accountId, minimumMs);
    const calls = new CallLedger();
    this.#ledgers.push(calls);
    return { iam: new SdkIamReader({ client: fresh.client, ledger: calls, clock: this.#clock }), calls };
  }

  /** Read with the pipeline's own credentials: member roles see nothing of the organization. */
  organization(): OrganizationSession {
    const calls = new CallLedger();
    this.#ledgers.push(calls);
    const client = this.#organizationsClient();
    return { organization: new SdkOrganizationReader({ client, ledger: calls, clock: this.#clock }), calls };
  }

  /** What every session that was opened has sent so far, by operation. */
  totals(): WorkByOperation {
    return addWork(this.#ledgers.map((ledger) => ledger.work()));
  }

  /** Forgets the session: its credentials were refused although their time was not over. */
  discard(accountId: string): void {
    this.#sessions.delete(accountId);
  }

  /** AWS does not name the Region where an account has not activated STS, nor what to do about it. */
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

  #lasts(credentials: AwsCredentialIdentity, minimumMs: number): boolean {
    return credentials.expiration === undefined || credentials.expiration.getTime() - this.#clock.now() >= minimumMs;
  }

  async #renew(accountId: string, minimumMs: number): Promise<OpenSession> {
    const opening = this.#connect(accountId).catch(async (error: unknown) => {
      this.#sessions.delete(accountId);
      throw await this.#faultOf(error, accountId);
    });
    this.#sessions.set(accountId, opening);
    const session = await opening;
    if (!this.#lasts(session.credentials, minimumMs)) {
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
        `The credentials belong to account ${own.accountId}. To audit ${accountId}, name a role to assume there (--role-name).`,
      );
    }
    return this.#stsClient().config.credentials();
  }

  async #assume(accountId: string, role: MemberRole): Promise<AwsCredentialIdentity> {
    const own = await this.callerIdentity();
    const partition = own.arn.split(':')[1] ?? 'aws';
    const answer = await this.#wire(() =>
      this.#stsClient().send(
        new AssumeRoleCommand({
          RoleArn: `arn:${partition}:iam::${accountId}:role/${role.roleName}`,
          RoleSessionName: this.#settings.sessionName,
          DurationSeconds: SESSION_SECONDS,
          ExternalId: role.externalId ?? undefined,
        }),
      ),
    );
    const issued = required(answer.Credentials, 'AssumeRole', 'Credentials');
    return {
      accessKeyId: required(issued.AccessKeyId, 'AssumeRole', 'AccessKeyId'),
      secretAccessKey: required(issued.SecretAccessKey, 'AssumeRole', 'SecretAccessKey'),
      sessionToken: required(issued.SessionToken, 'AssumeRole', 'SessionToken'),
      expiration: required(issued.Expiration, 'AssumeRole', 'Expiration'),
    };
  }

  async #askIdentity(): Promise<CallerIdentity> {
    const answer = await this.#wire(() => this.#stsClient().send(new GetCallerIdentityCommand({})));
    return {
      accountId: required(answer.Account, 'GetCallerIdentity', 'Account'),
      arn: required(answer.Arn, 'GetCallerIdentity', 'Arn'),
    };
  }

  #wire<T>(request: () => Promise<T>): Promise<T> {
    return this.#settings.onWire === undefined ? request() : this.#settings.onWire(request);
  }

  /** Throttling of STS is rare and short: the SDK's own backoff with full jitter is right for it. */
  #stsClient(): STSClient {
    const region = this.#settings.stsRegion ?? this.#settings.region;
    this.#sts ??= new STSClient({
      ...(region === undefined ? {} : { region }),
      ...(this.#settings.credentials === undefined ? {} : { credentials: this.#settings.credentials }),
      ...endpointOf(this.#settings),
      maxAttempts: TRANSIENT_ATTEMPTS,
      requestHandler: requestHandlerOf(this.#settings),
    });
    return this.#sts;
  }

  #iamClient(credentials: AwsCredentialIdentity): IAMClient {
    const client = new IAMClient({ ...this.#globalService(), credentials });
    client.middlewareStack.use(this.#onWire());
    return client;
  }

  #organizationsClient(): OrganizationsClient {
    const credentials = (): Promise<AwsCredentialIdentity> => this.#stsClient().config.credentials();
    const client = new OrganizationsClient({ ...this.#globalService(), credentials });
    client.middlewareStack.use(this.#onWire());
    return client;
  }

  /** One endpoint a partition: the SDK's rules find it, and its signing Region, from any Region. */
  #globalService() {
    return {
      ...(this.#settings.region === undefined ? {} : { region: this.#settings.region }),
      ...endpointOf(this.#settings),
      retryStrategy: new TransientRetry(TRANSIENT_ATTEMPTS),
      requestHandler: requestHandlerOf(this.#settings),
    };
  }

  /** Around every call, with its signing and retries. */
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
