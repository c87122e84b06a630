import type { TrustKind } from '../contract/trust.ts';
import type { NamedPrincipal } from './trust-statement.ts';

export interface OwnAccount {
  readonly accountId: string;
  /** Accounts of the organization, at least those that the trust policy names. Null if they are not known. */
  readonly organizationAccounts: ReadonlySet<string> | null;
}

export interface Classified {
  readonly kind: TrustKind;
  readonly accountId: string | null;
}

const ACCOUNT = /^\d{12}$/;
/** When a user or role is deleted, IAM replaces its ARN with its unique ID (IAM User Guide, "Principal"). */
const UNIQUE_ID = /^A(IDA|ROA)[A-Z0-9]+$/;
/** Identity providers that AWS supports without an identity provider in the account. */
const WEB_IDENTITIES = [
  'cognito-identity.amazonaws.com',
  'accounts.google.com',
  'graph.facebook.com',
  'www.amazon.com',
];

export function accountKind(accountId: string, own: OwnAccount): TrustKind {
  if (accountId === own.accountId) return 'sameAccount';
  if (own.organizationAccounts === null) return 'otherAccount';
  return own.organizationAccounts.has(accountId) ? 'organizationAccount' : 'outsideAccount';
}

/** Classifies a principal. In doubt, the widest kind counts: a wildcard in the account ID means everyone. */
export function classify({ type, name }: NamedPrincipal, own: OwnAccount): Classified {
  const accountId = accountOf(name);
  switch (type) {
    case 'everyone':
      return { kind: 'everyone', accountId: null };
    case 'service':
      return { kind: 'service', accountId: null };
    case 'canonicaluser':
      return { kind: 'unknown', accountId: null };
    case 'aws':
      if (accountId !== null) return { kind: accountKind(accountId, own), accountId };
      if (UNIQUE_ID.test(name)) return { kind: 'deleted', accountId: null };
      return { kind: /[*?]/.test(name) ? 'everyone' : 'unknown', accountId: null };
    case 'federated':
      if (oidcProvider(name) !== null) return { kind: 'oidcProvider', accountId };
      if (/^arn:[^:]+:iam::\d{12}:saml-provider\/./.test(name)) return { kind: 'samlProvider', accountId };
      return { kind: /[*?]/.test(name) ? 'everyone' : 'unknown', accountId };
  }
}

/**
 * The account of an ARN or account ID. Null if there is none, or if there may be several. An ARN with a wildcard before
 * the account may match several accounts, because a user's path may contain colons.
 */
export function accountOf(name: string): string | null {
  if (ACCOUNT.test(name)) return name;
  // A wildcard after twelve digits matches what follows the account.
  return /^arn:[^:*?]+:(?:iam|sts)::(\d{12})[:*?]/.exec(name)?.[1] ?? null;
}

/** All account IDs in a trust policy. None if the policy can't be read. */
export function namedAccounts(document: string): ReadonlySet<string> {
  try {
    // Written again, so that no digit is a JSON escape.
    const parsed: unknown = JSON.parse(document);
    return new Set(JSON.stringify(parsed).match(/(?<!\d)\d{12}(?!\d)/g));
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return new Set();
    throw error;
  }
}

/** The prefix of an OIDC provider's condition keys, in lower case. Null if the name is not an OIDC provider. */
export function oidcProvider(name: string): string | null {
  if (WEB_IDENTITIES.includes(name)) return name;
  const url = /^arn:[^:]+:iam::\d{12}:oidc-provider\/(.+)$/.exec(name)?.[1];
  return url === undefined || /[*?]/.test(url) ? null : url.toLowerCase();
}
