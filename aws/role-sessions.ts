import { AssumeRoleCommand, type AssumeRoleCommandInput, type STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@smithy/types';
import { AwsFault } from '../core/ports/aws-fault.ts';
import type { CallLedger } from '../core/ports/calls/call-ledger.ts';
import type { Clock, Random } from '../core/ports/clock.ts';
import { retryThrottled } from '../core/pacing/retry-throttled.ts';
import { assumeRoleFault } from './assume-role-fault.ts';
import { countedCall, repeatedOnce } from './counted-call.ts';
import { CredentialCache } from './credential-cache.ts';
import { withRegionAdvice } from './region-disabled.ts';
import { required, requiredText, requiredTime } from './required.ts';
import { toAwsFault } from './sdk-fault.ts';

export const ASSUME_ROLE = 'sts:AssumeRole';

/** The maximum for role chaining, and the minimum that a role can have as its maximum (AWS STS, AssumeRole). */
const HOUR_SECONDS = 3_600;
/** The maximum that a role can have as its maximum. Only long-term keys can request it. */
const LONGEST_SECONDS = 43_200;

/** With full jitter, the six attempts take 15 seconds on average, and 31 at most. */
const BACKOFF = { firstMs: 1_000, longestMs: 20_000, requests: 6 };

export interface RoleSessionSettings {
  /** Valid as a SourceIdentity. The role's trust policy and the caller's policies must allow sts:SetSourceIdentity. */
  readonly sourceIdentity?: string;
  /** Tags of every session. The role's trust policy and the caller's policies must allow sts:TagSession. */
  readonly sessionTags?: Readonly<Record<string, string>>;
  /** Name of the option that sets the STS Region, for error messages. The default is the stack's setting `stsRegion`. */
  readonly stsRegionOption?: string;
  readonly random?: Random;
  /** Wraps every request. Tests with virtual time stop their clock during it. */
  readonly onWire?: <T>(request: () => Promise<T>) => Promise<T>;
}

export interface RoleRequest {
  readonly roleArn: string;
  readonly externalId: string | null;
  /** Valid as a RoleSessionName: 2–64 of `[\w+=,.@-]`. */
  readonly sessionName: string;
  /** Session policy as JSON text. Null: the session has all permissions of the role. */
  readonly policy: string | null;
}

/**
 * Assumes roles as AWS advises: one call for each role, session policy and session name while the credentials are valid,
 * also if several callers need them at the same time.
 */
export class RoleSessions {
  readonly #cache: CredentialCache;
  /** By role name: roles of one name are usually made from one template. Missing: the longest was not refused yet. */
  readonly #longest = new Map<string, number>();

  constructor(
    private readonly sts: () => STSClient,
    private readonly clock: Clock,
    private readonly settings: RoleSessionSettings = {},
  ) {
    this.#cache = new CredentialCache(clock);
  }

  /**
   * @param minimumMs how long the credentials must be valid. New ones are returned even if they are valid for less.
   * @param calls counts the requests, and the calls that were not needed
   * @throws AwsFault
   */
  async credentials(request: RoleRequest, minimumMs: number, calls: CallLedger): Promise<AwsCredentialIdentity> {
    const { credentials, wasCached } = await this.#cache.get(keyOf(request), minimumMs, () =>
      this.#assume(request, calls).catch(async (error: unknown) => {
        throw await this.#faultOf(error, request);
      }),
    );
    if (wasCached) calls.avoid(ASSUME_ROLE);
    return credentials;
  }

  /** Forgets credentials that AWS rejected before they expired. */
  discard(request: RoleRequest, rejected: AwsCredentialIdentity): void {
    this.#cache.discard(keyOf(request), rejected);
  }

  /**
   * Tries the longest duration first, because the role's maximum can't be read without a permission for it, and AWS's error
   * does not name it. One hour is the only second step. The member role of the templates has a maximum of one hour, so each
   * step between would be one more refused call for each role name, and for each account that starts at the same time. A
   * longer session would save only one call per hour, account and state: each invocation ends after at most 15 minutes.
   */
  async #assume(request: RoleRequest, calls: CallLedger): Promise<AwsCredentialIdentity> {
    const roleName = request.roleArn.split('/').at(-1) ?? '';
    const own = await this.sts().config.credentials();
    // Credentials with a token belong to a session already: then this is role chaining.
    const longest = own.sessionToken === undefined ? (this.#longest.get(roleName) ?? LONGEST_SECONDS) : HOUR_SECONDS;
    try {
      return await this.#withBackoff(() => this.#request(request, longest, calls));
    } catch (error: unknown) {
      const isRefused = error instanceof AwsFault && error.code === 'ValidationError';
      if (!isRefused || longest === HOUR_SECONDS) throw error;
    }
    const credentials = await this.#withBackoff(() => this.#request(request, HOUR_SECONDS, calls));
    // Only now it is certain that the duration was the reason.
    this.#longest.set(roleName, HOUR_SECONDS);
    return credentials;
  }

  async #faultOf(error: unknown, { roleArn }: RoleRequest): Promise<AwsFault> {
    const region = await this.sts().config.region();
    const option = this.settings.stsRegionOption ?? 'stsRegion';
    const fault = assumeRoleFault(toAwsFault(error), roleArn);
    return withRegionAdvice(fault, { accountId: roleArn.split(':')[4] ?? null, region, option });
  }

  #withBackoff<T>(send: () => Promise<T>): Promise<T> {
    const { random = Math.random } = this.settings;
    return retryThrottled(send, { name: ASSUME_ROLE, backoff: BACKOFF, clock: this.clock, random });
  }

  #request(
    { roleArn, externalId, sessionName, policy }: RoleRequest,
    seconds: number,
    calls: CallLedger,
  ): Promise<AwsCredentialIdentity> {
    const { sourceIdentity, sessionTags, onWire } = this.settings;
    const input: AssumeRoleCommandInput = {
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      DurationSeconds: seconds,
      ...(externalId === null ? {} : { ExternalId: externalId }),
      ...(policy === null ? {} : { Policy: policy }),
      ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
      ...(sessionTags === undefined
        ? {}
        : { Tags: Object.entries(sessionTags).map(([Key, Value]) => ({ Key, Value })) }),
    };
    const send = () => this.sts().send(new AssumeRoleCommand(input));
    const counted = { ledger: calls, clock: this.clock };
    return repeatedOnce(() =>
      countedCall(
        counted,
        ASSUME_ROLE,
        () => (onWire === undefined ? send() : onWire(send)),
        ({ Credentials }) => {
          const issued = required(Credentials, 'AssumeRole', 'Credentials');
          return {
            accessKeyId: requiredText(issued.AccessKeyId, 'AssumeRole', 'AccessKeyId'),
            secretAccessKey: requiredText(issued.SecretAccessKey, 'AssumeRole', 'SecretAccessKey'),
            sessionToken: requiredText(issued.SessionToken, 'AssumeRole', 'SessionToken'),
            expiration: new Date(requiredTime(issued.Expiration, 'AssumeRole', 'Expiration')),
          };
        },
      ),
    );
  }
}

const keyOf = ({ roleArn, externalId, sessionName, policy }: RoleRequest): string =>
  JSON.stringify([roleArn, externalId, sessionName, policy]);
