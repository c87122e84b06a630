import type { PrincipalRecord } from '../../contract/evidence.ts';
import type { Severity } from '../../contract/finding.ts';
import { isAdministrator } from './abilities.ts';
import { sensitivePermissionsOf } from './sensitive-actions.ts';

/** How much harm whoever gets hold of a principal can do. */
export type Reach =
  | { readonly kind: 'administrator' }
  /** Can extend its own rights or get hold of credentials by these actions of the catalogue. */
  | { readonly kind: 'sensitive'; readonly actions: readonly string[] }
  /** None of those, as far as the catalogue's actions go: of others, such as reading secrets, nobody asks. */
  | { readonly kind: 'ordinary' }
  /** Nothing sensitive is known of it, but not all of its permissions could be had. */
  | { readonly kind: 'unknown' };

/** Hand out no more than the caller may do anyway, or no credential at all, and are allowed to half of all programs. */
const HARMLESS = new Set([
  'codeartifact:GetAuthorizationToken',
  'ecr-public:GetAuthorizationToken',
  'ecr:GetAuthorizationToken',
  'sts:GetFederationToken',
  'sts:GetSessionToken',
  'waf-regional:GetChangeToken',
  'waf:GetChangeToken',
]);

/**
 * Only what is allowed without conditions counts. On some resources only, a right that changes rights is sensitive
 * still; passing certain roles, or reading certain credentials, is what programs are made for.
 */
export function reachOf(record: PrincipalRecord): Reach {
  if (isAdministrator(record)) return { kind: 'administrator' };
  const actions = sensitivePermissionsOf(record).flatMap(({ action, category, isConditional, isEverywhere }) => {
    if (HARMLESS.has(action) || isConditional) return [];
    const changesRights = category === 'privilegeEscalation' && action !== 'iam:PassRole';
    return isEverywhere || changesRights ? [action] : [];
  });
  if (actions.length > 0) return { kind: 'sensitive', actions };
  return { kind: record.permissions.status === 'COMPLETE' ? 'ordinary' : 'unknown' };
}

export const isSensitive = ({ kind }: Reach): boolean => kind === 'administrator' || kind === 'sensitive';

/** A sentence on it. @param who how it begins, where a finding is not about the principal itself */
export function describeReach(reach: Reach, who = 'It'): string {
  switch (reach.kind) {
    case 'administrator':
      return `${who} is an administrator, and can give itself everything.`;
    case 'sensitive':
      return `${who} can do what extends rights or gives out credentials: ${listed(reach.actions, 3)}.`;
    case 'ordinary':
      return `${who} has no far-reaching right among the sensitive actions that are asked about.`;
    case 'unknown':
      return 'Not all of its permissions are known.';
  }
}

/** For a finding's evidence. */
export const reachEvidence = (reach: Reach): Record<string, unknown> => ({
  reach: reach.kind,
  ...(reach.kind === 'sensitive' ? { sensitiveActions: [...reach.actions] } : {}),
});

/** At most `most` of them, and how many more there are. */
export function listed(texts: readonly string[], most: number): string {
  const left = texts.length - most;
  return left > 0 ? `${texts.slice(0, most).join(', ')} and ${left} more` : texts.join(', ');
}

/** One step less severe. */
export function lowered(severity: Severity): Severity {
  if (severity === 'critical') return 'high';
  return severity === 'high' ? 'medium' : 'low';
}
