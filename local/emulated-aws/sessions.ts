import { createHash } from 'node:crypto';
import { ServiceError } from './service-error.ts';

/** Credentials as SDK clients take them. */
export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export interface Session {
  readonly accessKeyId: string;
  readonly accountId: string;
  /** The caller's ARN, as GetCallerIdentity shows it. */
  readonly arn: string;
  /** The user's or the role's own ARN, path and all: what aws:PrincipalArn holds. */
  readonly principalArn: string;
  readonly userId: string;
  readonly kind: 'user' | 'role';
  /** The account that AssumeRole was called from; the own one otherwise. */
  readonly assumedFrom: string;
  readonly token: string | null;
  /** Milliseconds since the epoch; null: long-term keys. */
  readonly expiresAt: number | null;
}

/** `Authorization` and `x-amz-security-token`, by lower-case name. */
export type RequestHeaders = Readonly<Record<string, string | undefined>>;

const SIGNATURE =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/\d{8}\/[^/,\s]+\/([^/,\s]+)\/aws4_request, ?SignedHeaders=[^,\s]+, ?Signature=[0-9a-f]{64}$/;

/** Whose key signed a request, and for which service. Null where the header has not the form of Signature Version 4. */
export function credentialScope(headers: RequestHeaders): { accessKeyId: string; service: string } | null {
  const [, accessKeyId, service] = SIGNATURE.exec(headers.authorization ?? '') ?? [];
  return accessKeyId === undefined || service === undefined ? null : { accessKeyId, service };
}

/** Which credentials were given out, and whether a request's are among them. Signatures are not verified. */
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

  /** @throws ServiceError as AWS answers missing, malformed, unknown and expired credentials */
  authenticate(headers: RequestHeaders, now: number): Session {
    if (headers.authorization === undefined) {
      throw new ServiceError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
    }
    const scope = credentialScope(headers);
    if (scope === null) {
      throw new ServiceError(
        400,
        'IncompleteSignature',
        `Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters. Authorization=${headers.authorization.split(' ')[0] ?? ''}`,
      );
    }
    const session = this.#byKey.get(scope.accessKeyId);
    if (session === undefined || (session.token ?? undefined) !== headers['x-amz-security-token']) {
      throw new ServiceError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
    }
    if (session.expiresAt !== null && now >= session.expiresAt) {
      throw new ServiceError(403, 'ExpiredToken', 'The security token included in the request is expired');
    }
    return session;
  }
}
