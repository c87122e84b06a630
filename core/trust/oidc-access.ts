import type { TrustedParty, TrustRequirement } from '../contract/trust.ts';
import { oidcProvider } from './trusted-principal.ts';

/**
 * Who of an OIDC provider's identities is let in. `strangers`: those of its other customers too. `anySubject`: any of a
 * provider that is taken to be the owner's alone.
 */
export type OidcAccess = 'anyTenant' | 'anySubject' | 'limited';

/** What a requirement says of a token's claim, value by value: all of them must limit, because one is enough. */
interface ClaimValue {
  readonly claim: string;
  /** What comes before the first wildcard. */
  readonly literal: string;
  /** No wildcard in it. */
  readonly isExact: boolean;
}

type NamesTenant = (value: ClaimValue) => boolean;

const exactly =
  (...claims: readonly string[]): NamesTenant =>
  ({ claim, isExact }) =>
    isExact && claims.includes(claim);

/** `organization:acme:…`, `project_path:acme/…`: before a wildcard the tenant's name must have ended. */
const bySubject: NamesTenant = ({ claim, literal, isExact }) =>
  claim === 'sub' && (isExact || /^[^:/]+[:/][^:/]+[:/]/.test(literal));

/** Owners choose a subject's claims: `environment:production` is anybody's. GitHub writes `%3A` for colons in values. */
const OWNED =
  /(?:^|:)(?:(?:repo|repository|job_workflow_ref):[^:/]+\/|(?:repository_owner|repository_owner_id|repository_id|enterprise|enterprise_id):[^:]+:)/;

/** AWS lets policies ask for some of GitHub's other claims as well as for the subject that is made of them. */
const byGitHubOwner: NamesTenant = ({ claim, literal, isExact }) =>
  OWNED.test(`${claim === 'sub' ? '' : `${claim}:`}${literal}${isExact ? ':' : ''}`);

const bySubjectOrAudience: NamesTenant = (value) => bySubject(value) || exactly('aud')(value);

/**
 * Providers that many customers share, and what tells their tenants apart (IAM User Guide, "Identity-provider controls
 * for shared OIDC providers"; of the sign-in providers: "Available keys for AWS OIDC federation").
 */
const shared: ReadonlyMap<string, NamesTenant> = new Map([
  ['token.actions.githubusercontent.com', byGitHubOwner],
  ['vstoken.actions.githubusercontent.com', byGitHubOwner],
  ['oidc-configuration.audit-log.githubusercontent.com', bySubject],
  ['gitlab.com', bySubject],
  ['app.terraform.io', bySubject],
  ['agent.buildkite.com', bySubject],
  ['oidc.codefresh.io', bySubject],
  ['studio.datachain.ai/api', bySubject],
  ['scalr.io', bySubject],
  ['tokens.cloud.shisho.dev', bySubject],
  ['proidc.upbound.io', bySubject],
  ['api.pulumi.com/oidc', bySubjectOrAudience],
  ['sandboxes.cloud', bySubjectOrAudience],
  ['oidc.vercel.com', bySubjectOrAudience],
  // An identity pool's id. Its guests and its users differ by `amr`, which is the pool owner's business.
  ['cognito-identity.amazonaws.com', exactly('aud', 'sub')],
  ['accounts.google.com', exactly('aud', 'oaud', 'sub')],
  ['graph.facebook.com', exactly('app_id', 'id')],
  ['www.amazon.com', exactly('app_id', 'user_id')],
]);

/** Says what kind of token it is, not whose. */
const IMPERSONAL = new Set(['aud', 'oaud', 'amr', 'iss']);

/** `repo:*` and `system:serviceaccount:*` are every subject of such a provider. */
const bySomeSubject: NamesTenant = ({ claim, literal }) =>
  !IMPERSONAL.has(claim) && literal.replace(/^(?:system:serviceaccount:|[^:|/]*[:|/])/, '').length > 0;

export function oidcAccess({ principal, requires }: TrustedParty): OidcAccess {
  const provider = oidcProvider(principal);
  if (provider === null) return 'limited';
  const namesTenant = shared.get(provider);
  const isLimit = namesTenant ?? bySomeSubject;
  const isLimited = requires.some((requirement) => {
    const values = claimValues(requirement, provider);
    return values.length > 0 && values.every(isLimit);
  });
  if (isLimited) return 'limited';
  return namesTenant === undefined ? 'anySubject' : 'anyTenant';
}

function claimValues({ key, match, values }: TrustRequirement, provider: string): ClaimValue[] {
  if (!key.startsWith(`${provider}:`)) return [];
  const claim = key.slice(provider.length + 1);
  return values.map((value) => {
    const wildcard = match === 'like' ? value.search(/[*?]/) : -1;
    return { claim, literal: wildcard < 0 ? value : value.slice(0, wildcard), isExact: wildcard < 0 };
  });
}
