import type { TrustedParty, TrustRequirement } from '../contract/trust.ts';
import { oidcProvider } from './trusted-principal.ts';

/**
 * The identities of an OIDC provider that may assume the role. `anyTenant`: also identities of the provider's other
 * customers. `namedUser`: any identity that a named user of such a provider starts. `anySubject`: every identity of a
 * provider that is assumed to have only one customer.
 */
export type OidcAccess = 'anyTenant' | 'namedUser' | 'anySubject' | 'limited';

/** One accepted value of a token's claim. A requirement limits access only if each of its values does. */
interface ClaimValue {
  readonly claim: string;
  /** The text before the first wildcard. */
  readonly literal: string;
  /** Whether the value has no wildcard. */
  readonly isExact: boolean;
  readonly whole: string;
}

type NamesTenant = (value: ClaimValue) => boolean;

const exactly =
  (...claims: readonly string[]): NamesTenant =>
  ({ claim, isExact }) =>
    isExact && claims.includes(claim);

/** `organization:acme:…`, `project_path:acme/…`: the tenant's name must end before the first wildcard. */
const bySubject: NamesTenant = ({ claim, literal, isExact }) =>
  claim === 'sub' && (isExact || /^[^:/]+[:/][^:/]+[:/]/.test(literal));

/**
 * GitHub customers choose the claims in a subject, so `environment:production` identifies no owner. GitHub writes
 * colons in values as `%3A`. `job_workflow_ref` identifies the owner of a workflow, which any repository may call.
 */
const OWNED =
  /(?:^|:)(?:(?:repo|repository):[^:/]+\/|(?:repository_owner|repository_owner_id|repository_id|enterprise|enterprise_id):[^:]+:)/;

/** Policies may test GitHub's subject, which consists of several claims, and some of these claims directly. */
const byGitHubOwner: NamesTenant = ({ claim, literal, isExact }) =>
  OWNED.test(`${claim === 'sub' ? '' : `${claim}:`}${literal}${isExact ? ':' : ''}`);

/** GitHub's own accounts, which act in every repository that lets them: Dependabot and github-actions. */
const BOT_IDS = new Set(['49699333', '41898282']);

/** `actor` says who started a workflow, but not in which repository. Bots start workflows of every owner. */
const byGitHubUser: NamesTenant = ({ claim, isExact, whole }) =>
  isExact && ((claim === 'actor' && !whole.endsWith('[bot]')) || (claim === 'actor_id' && !BOT_IDS.has(whole)));

/** The claims of GitHub's tokens that STS gives as condition keys (IAM User Guide, "Available keys for AWS OIDC federation"). */
const OF_GITHUB = new Set([
  ...['actor', 'actor_id', 'amr', 'aud', 'enterprise_id', 'environment', 'job_workflow_ref'],
  ...['ref', 'repository', 'repository_id', 'sub', 'workflow'],
]);

const bySubjectOrAudience: NamesTenant = (value) => bySubject(value) || exactly('aud')(value);

/** `pulumi:deploy:org:ORGANIZATION:…`, `pulumi:environments:org:ORGANIZATION:…`. */
const byPulumi: NamesTenant = (value) =>
  exactly('aud', 'sub')(value) || (value.claim === 'sub' && /^pulumi:[^:]+:org:[^:]+:/.test(value.literal));

const GITHUB = 'token.actions.githubusercontent.com';

/**
 * Providers that many customers share, and the claims that identify a tenant (IAM User Guide, "Identity-provider
 * controls for shared OIDC providers"; for the sign-in providers: "Available keys for AWS OIDC federation").
 */
const shared: ReadonlyMap<string, NamesTenant> = new Map([
  [GITHUB, byGitHubOwner],
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
  ['api.pulumi.com/oidc', byPulumi],
  ['sandboxes.cloud', bySubjectOrAudience],
  ['oidc.vercel.com', bySubjectOrAudience],
  // The identity pool's ID. `amr` separates the pool's guests from its users. The pool owner decides whether guests
  // exist.
  ['cognito-identity.amazonaws.com', exactly('aud', 'sub')],
  ['accounts.google.com', exactly('aud', 'oaud', 'sub')],
  ['graph.facebook.com', exactly('app_id', 'id')],
  ['www.amazon.com', exactly('app_id', 'user_id')],
]);

/** Claims that identify the kind of token, but not its owner. */
const CLAIMS_WITHOUT_OWNER = new Set(['aud', 'oaud', 'amr', 'iss']);

const UUID = /\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?/gi;

/** IDs have digits and are longer than words for kinds of subjects, such as `auth0`. */
const isOpaque = (text: string): boolean => text.length >= 8 && /\d/.test(text);

/**
 * `repo:*` and `system:serviceaccount:*` match every subject of such a provider. An opaque ID is no word for a kind of
 * subject: Bitbucket's subjects are `{REPOSITORY}:{ENVIRONMENT}:{STEP}`, and any of the IDs may be required. IDs that are
 * part of the provider's address, such as CircleCI's organization, are in every subject.
 */
function bySomeSubject({ claim, literal, isExact, whole }: ClaimValue, provider: string): boolean {
  if (CLAIMS_WITHOUT_OWNER.has(claim)) return false;
  const ids = (whole.match(UUID) ?? []).map((id) => id.replace(/[{}]/g, '').toLowerCase());
  if (ids.some((id) => !provider.includes(id))) return true;
  // What is left says only which organization issued the token, and that it is for a project.
  if (ids.length > 0 && !isExact) return literal.replace(UUID, '').replace(/^org\/+(?:project\/)?/, '').length > 0;
  const kubernetes = 'system:serviceaccount:';
  if (literal.startsWith(kubernetes)) return literal.length > kubernetes.length;
  const [first = '', ...rest] = literal.split(/[:|/]/);
  return rest.length === 0 || isOpaque(first) ? first.length > 0 : rest.join('').length > 0;
}

export function oidcAccess({ principal, requires }: TrustedParty): OidcAccess {
  const provider = oidcProvider(principal);
  if (provider === null) return 'limited';
  const namesTenant = shared.get(provider);
  const isLimit: NamesTenant = namesTenant ?? ((value) => bySomeSubject(value, provider));
  const isRequired = (limits: NamesTenant): boolean =>
    requires.some((requirement) => {
      const values = claimValues(requirement, provider);
      return values.length > 0 && values.every(limits);
    });
  if (isRequired(isLimit)) return 'limited';
  if (provider === GITHUB && isRequired(byGitHubUser)) return 'namedUser';
  return namesTenant === undefined ? 'anySubject' : 'anyTenant';
}

/** The required keys of GitHub's provider that no request has, because STS does not know the claim: no token meets them. */
export const unknownClaims = ({ principal, requires }: TrustedParty): string[] =>
  oidcProvider(principal) !== GITHUB
    ? []
    : requires.flatMap(({ key }) =>
        key.startsWith(`${GITHUB}:`) && !OF_GITHUB.has(key.slice(GITHUB.length + 1)) ? [key] : [],
      );

function claimValues({ key, match, values }: TrustRequirement, provider: string): ClaimValue[] {
  if (!key.startsWith(`${provider}:`)) return [];
  const claim = key.slice(provider.length + 1);
  return values.map((value) => {
    const wildcard = match === 'like' ? value.search(/[*?]/) : -1;
    return { claim, literal: wildcard < 0 ? value : value.slice(0, wildcard), isExact: wildcard < 0, whole: value };
  });
}
