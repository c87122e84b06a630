import { createHash } from 'node:crypto';
import type { PolicyDocument } from './account.ts';
import { ServiceError } from './service-error.ts';

export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** What the call of AssumeRole set for a session. */
export interface AssumedSession {
  /** The session policies together limit the session. Null: there are none. */
  readonly policies: readonly PolicyDocument[] | null;
  /** Session tags, including transitive ones of the session that called AssumeRole. */
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity: string | null;
}

export interface Session {
  readonly accessKeyId: string;
  readonly accountId: string;
  /** The account from which the role was assumed. For long-term keys, the user's own account. */
  readonly callerAccountId: string;
  /** The caller's ARN, as GetCallerIdentity returns it. */
  readonly arn: string;
  readonly userId: string;
  readonly kind: 'user' | 'role';
  readonly token: string | null;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  /** Milliseconds since the epoch. Null: long-term keys. */
  readonly expiresAt: number | null;
  /** Missing for credentials that no emulated AssumeRole issued. */
  readonly assumed?: AssumedSession;
}

/**
 * The Region in a request's credential scope (`key/date/region/service/aws4_request`), or empty text if there is none.
 */
export const signingRegionOf = (headers: Readonly<Record<string, string | readonly string[] | undefined>>): string =>
  /Credential=[^/]+\/\d+\/([^/]+)\//.exec(String(headers.authorization))?.[1] ?? '';

/** Issues credentials, and finds the session of a request's credentials. It does not verify signatures. */
export class Sessions {
  readonly #byKey = new Map<string, Session>();

  issue(session: Omit<Session, 'accessKeyId' | 'token'>): IssuedCredentials {
    const seed = createHash('sha256').update(`${session.arn} ${this.#byKey.size}`).digest('hex');
    const accessKeyId = `${session.kind === 'role' ? 'ASIA' : 'AKIA'}${seed.slice(0, 16).toUpperCase()}`;
    const token = session.kind === 'role' ? `token-${seed}` : null;
    this.#byKey.set(accessKeyId, { ...session, accessKeyId, token });
    return {
      accessKeyId,
      secretAccessKey: seed.slice(16, 56),
      ...(token === null ? {} : { sessionToken: token }),
      ...(session.expiresAt === null ? {} : { expiration: new Date(session.expiresAt) }),
    };
  }

  /** @throws ServiceError with AWS's error for missing, unknown or expired credentials */
  authenticate(headers: Readonly<Record<string, string | readonly string[] | undefined>>, now: number): Session {
    const authorization = headers.authorization;
    if (typeof authorization !== 'string') {
      throw new ServiceError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
    }
    const accessKeyId = /Credential=([^/]+)\//.exec(authorization)?.[1];
    if (accessKeyId === undefined) {
      throw new ServiceError(400, 'IncompleteSignature', 'Authorization header requires Credential.');
    }
    const session = this.#byKey.get(accessKeyId);
    if (session === undefined || (session.token ?? undefined) !== headers['x-amz-security-token']) {
      throw new ServiceError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
    }
    if (session.expiresAt !== null && now >= session.expiresAt) {
      throw new ServiceError(403, 'ExpiredToken', 'The security token included in the request is expired');
    }
    return session;
  }
}
