import type { PrincipalRecord } from '../contract/evidence.ts';

/** What the credential report says about a user. */
export interface CredentialFacts {
  /** Null: the report does not have the value. */
  readonly hasPassword: boolean | null;
  readonly hasMfa: boolean;
  /** Access keys, active or not. */
  readonly accessKeys: number;
  readonly hasActiveKey: boolean;
}

/** Null for roles, and for users that the report does not have. */
export const credentialFacts = ({ credentials }: PrincipalRecord): CredentialFacts | null =>
  credentials === null
    ? null
    : {
        hasPassword: credentials.passwordEnabled,
        hasMfa: credentials.mfaActive,
        accessKeys: credentials.accessKeys.length,
        hasActiveKey: credentials.accessKeys.some(({ active }) => active),
      };
