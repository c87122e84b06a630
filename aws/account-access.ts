import { IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, Pluggable } from '@smithy/types';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { addCalls, CallLedger } from '../core/ports/calls/call-ledger.ts';
import type { CallsByOperation } from '../core/contract/run.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { AccountAccess, AccountSession, SessionRequest } from '../core/ports/iam.ts';
import type { OrganizationSession } from '../core/ports/organization-reader.ts';
import { ASSUME_ROLE_DENIED } from './assume-role-fault.ts';
import { endpointOf, requestHandlerOf, USER_AGENT, type WireSettings } from './client-options.ts';
import { countedCall, repeatedOnce } from './counted-call.ts';
import { refuseHtml } from './foreign-response.ts';
import { SdkAccessReportReader } from './access-report-reader.ts';
import { SdkIamReader } from './iam-reader.ts';
import { SdkOrganizationReader } from './organization-reader.ts';
import { withRegionAdvice } from './region-disabled.ts';
import { requiredText } from './required.ts';
import { RoleSessions, type RoleRequest, type RoleSessionSettings } from './role-sessions.ts';
import { readEntriesOneByOne } from './unreadable-entries.ts';
import { toAwsFault } from './sdk-fault.ts';
import { sessionPolicy } from './session-policy.ts';
import { regionalStsClient, TRANSIENT_ATTEMPTS } from './sts-client.ts';
import { TransientRetry } from './transient-retry.ts';

/** Credentials must be valid for this much longer than the work that uses them. */
const CREDENTIALS_MARGIN_MS = 120_000;

export interface MemberRole {
  readonly roleName: string;
  readonly externalId: string | null;
}

export interface AccountAccessSettings extends WireSettings, RoleSessionSettings {
  /** The audit's own credentials. If undefined, the SDK's default chain provides them. */
  readonly credentials?: AwsCredentialIdentityProvider;
  /** The role to assume in every account, including the caller's own. Null: use the audit's own credentials. */
  readonly memberRole: MemberRole | null;
  /**
   * Called if the member role can't be assumed in the caller's own account. The account is then audited with the audit's own
   * credentials. If undefined, the account is FAILED, as any other account without the role.
   */
  readonly onOwnCredentials?: (reason: AwsFault) => void;
  readonly region?: string;
  /** Region of the STS endpoint; the default is `region`. Every audited account must have activated it. */
  readonly stsRegion?: string;
}

export interface CallerIdentity {
  readonly accountId: string;
  readonly arn: string;
}

/**
 * Opens sessions with static credentials. A session's credentials never change during a batch, because a report can be
 * read only with the credentials that requested it. Credentials are cached and reused while they are valid long enough.
 */
export class SdkAccountAccess implements AccountAccess {
  readonly #settings: AccountAccessSettings;
  readonly #clock: Clock;
  readonly #sessions: RoleSessions;
  readonly #ledgers = new Set<CallLedger>();
  /** What a session was opened with, to discard it. Sessions with the audit's own credentials are not in it. */
  readonly #opened = new WeakMap<AccountSession, { request: RoleRequest; credentials: AwsCredentialIdentity }>();
  /** One client for each set of credentials, so that its connections are used again. */
  readonly #clients = new WeakMap<AwsCredentialIdentity, IAMClient>();
  #sts: STSClient | null = null;
  /** The caller's own account, once its role could not be assumed and the audit's own credentials replaced it. */
  #withoutRole: string | null = null;
  #identity: Promise<CallerIdentity> | null = null;

  constructor(settings: AccountAccessSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#sessions = new RoleSessions(() => this.#stsClient(), clock, settings);
  }

  /** The identity of the audit's own credentials. @param calls counts the request, if one is sent. @throws AwsFault */
  callerIdentity(calls = this.#newLedger()): Promise<CallerIdentity> {
    this.#identity ??= this.#requestIdentity(calls).catch(async (error: unknown) => {
      this.#identity = null;
      throw await this.#faultOf(error);
    });
    return this.#identity;
  }

  async ownAccountId(): Promise<string> {
    return (await this.callerIdentity()).accountId;
  }

  async open(request: SessionRequest): Promise<AccountSession> {
    const { calls, accountId } = request;
    this.#ledgers.add(calls);
    const { memberRole } = this.#settings;
    if (memberRole === null || this.#withoutRole === accountId) {
      return this.#session(await this.#ownCredentials(accountId, calls), calls);
    }
    const role = await this.#roleRequest(request, memberRole);
    const minimumMs = request.workMs + CREDENTIALS_MARGIN_MS;
    const credentials = await this.#sessions
      .credentials(role, minimumMs, calls)
      .catch((error: unknown) => toAwsFault(error));
    if (credentials instanceof AwsFault) return this.#withoutMemberRole(credentials, accountId, calls);
    this.#assertValid(credentials, accountId);
    const session = this.#session(credentials, calls);
    this.#opened.set(session, { request: role, credentials });
    return session;
  }

  /** @throws AwsFault `reason`, unless the audit's own credentials may replace the role in this account */
  async #withoutMemberRole(reason: AwsFault, accountId: string, calls: CallLedger): Promise<AccountSession> {
    const { onOwnCredentials } = this.#settings;
    const isMissing = reason.code === ASSUME_ROLE_DENIED;
    if (onOwnCredentials === undefined || !isMissing || (await this.ownAccountId()) !== accountId) throw reason;
    const session = this.#session(await this.#ownCredentials(accountId, calls), calls);
    if (this.#withoutRole === null) onOwnCredentials(reason);
    this.#withoutRole = accountId;
    return session;
  }

  /** Reads with the audit's own credentials, because member roles have no permission to read the organization. */
  organization(): OrganizationSession {
    const calls = this.#newLedger();
    const dependencies = { ledger: calls, clock: this.#clock };
    return {
      organization: new SdkOrganizationReader({ client: this.#organizationsClient(), ...dependencies }),
      accessReports: new SdkAccessReportReader({ client: this.#iamClient(this.#ownProvider), ...dependencies }),
      calls,
    };
  }

  /** Requests of all sessions so far, by operation. */
  totals(): CallsByOperation {
    return addCalls([...this.#ledgers].map((ledger) => ledger.work()));
  }

  discard(session: AccountSession): void {
    const opened = this.#opened.get(session);
    if (opened !== undefined) this.#sessions.discard(opened.request, opened.credentials);
  }

  #newLedger(): CallLedger {
    const calls = new CallLedger();
    this.#ledgers.add(calls);
    return calls;
  }

  #session(credentials: AwsCredentialIdentity, calls: CallLedger): AccountSession {
    const client = this.#clients.get(credentials) ?? this.#iamClient(credentials);
    this.#clients.set(credentials, client);
    return { iam: new SdkIamReader({ client, ledger: calls, clock: this.#clock }), calls };
  }

  async #faultOf(error: unknown): Promise<AwsFault> {
    const region = await this.#stsClient().config.region();
    const option = this.#settings.stsRegionOption ?? 'stsRegion';
    return withRegionAdvice(toAwsFault(error), { accountId: null, region, option });
  }

  /** Credentials that are valid for less than the work are used as long as they last. @throws AwsFault */
  #assertValid({ expiration }: AwsCredentialIdentity, accountId: string): void {
    if (expiration === undefined || expiration.getTime() > this.#clock.now()) return;
    throw new AwsFault('expired', 'ExpiredToken', `The credentials for account ${accountId} have expired.`);
  }

  /** The SDK caches them. */
  async #ownCredentials(accountId: string, calls: CallLedger): Promise<AwsCredentialIdentity> {
    const own = await this.callerIdentity(calls);
    if (own.accountId !== accountId) {
      throw new AwsFault(
        'denied',
        'AccessDenied',
        `The credentials belong to account ${own.accountId}. To audit account ${accountId}, set a role to assume there (--role-name).`,
      );
    }
    try {
      const credentials = await this.#stsClient().config.credentials();
      this.#assertValid(credentials, accountId);
      return credentials;
    } catch (error: unknown) {
      throw toAwsFault(error);
    }
  }

  async #roleRequest({ accountId, runId, actions, calls }: SessionRequest, role: MemberRole): Promise<RoleRequest> {
    const partition = (await this.callerIdentity(calls)).arn.split(':')[1] ?? 'aws';
    return {
      roleArn: `arn:${partition}:iam::${accountId}:role/${role.roleName}`,
      externalId: role.externalId,
      sessionName: runId,
      policy: sessionPolicy(actions),
    };
  }

  #requestIdentity(calls: CallLedger): Promise<CallerIdentity> {
    const counted = { ledger: calls, clock: this.#clock };
    return repeatedOnce(() =>
      countedCall(
        counted,
        'sts:GetCallerIdentity',
        () => this.#wire(() => this.#stsClient().send(new GetCallerIdentityCommand({}))),
        ({ Account, Arn }) => ({
          accountId: requiredText(Account, 'GetCallerIdentity', 'Account'),
          arn: requiredText(Arn, 'GetCallerIdentity', 'Arn'),
        }),
      ),
    );
  }

  readonly #ownProvider = (): Promise<AwsCredentialIdentity> => this.#stsClient().config.credentials();

  #wire<T>(request: () => Promise<T>): Promise<T> {
    return this.#settings.onWire === undefined ? request() : this.#settings.onWire(request);
  }

  #stsClient(): STSClient {
    const { stsRegion, region } = this.#settings;
    this.#sts ??= regionalStsClient({ ...this.#settings, region: stsRegion ?? region });
    return this.#sts;
  }

  #iamClient(credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider): IAMClient {
    const client = new IAMClient({ ...this.#globalService(), credentials });
    client.middlewareStack.use(this.#onWire());
    refuseHtml(client.middlewareStack);
    readEntriesOneByOne(client.middlewareStack);
    return client;
  }

  #organizationsClient(): OrganizationsClient {
    const client = new OrganizationsClient({ ...this.#globalService(), credentials: this.#ownProvider });
    client.middlewareStack.use(this.#onWire());
    refuseHtml(client.middlewareStack);
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
