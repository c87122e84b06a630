import type { PrincipalType } from '../contract/evidence.ts';
import type { Recommendation } from '../contract/recommendation.ts';

/**
 * Quotas in characters without white space (IAM User Guide, "IAM and AWS STS quotas"): for all inline policies of a
 * user or role together, and for one managed policy.
 */
const INLINE_LIMITS: Readonly<Record<PrincipalType, number>> = { user: 2_048, role: 10_240 };
const MANAGED_LIMIT = 6_144;

export const policyLimits = (type: PrincipalType): Pick<Recommendation['size'], 'inlineLimit' | 'managedLimit'> => ({
  inlineLimit: INLINE_LIMITS[type],
  managedLimit: MANAGED_LIMIT,
});

/** Where the policy fits; `none`: it must be split. */
type Placement = 'inline' | 'managed' | 'none';

const placementOf = (type: PrincipalType, characters: number): Placement => {
  if (characters <= INLINE_LIMITS[type]) return 'inline';
  return characters <= MANAGED_LIMIT ? 'managed' : 'none';
};

/** A note on the policy's size; null if it fits as an inline policy. */
export function sizeNote(type: PrincipalType, characters: number): string | null {
  switch (placementOf(type, characters)) {
    case 'inline':
      return null;
    case 'managed':
      return `The policy is too long for an inline policy of a ${type} (${INLINE_LIMITS[type]} characters), but fits in a managed policy.`;
    case 'none':
      return `The policy is too long for an inline policy of a ${type} (${INLINE_LIMITS[type]} characters) and for a managed policy (${MANAGED_LIMIT} characters): split its statements over several managed policies.`;
  }
}

interface Application {
  readonly type: PrincipalType;
  readonly name: string;
  readonly runId: string;
  readonly replaces: Recommendation['replaces'];
  readonly characters: number;
}

/** Names and paths in IAM may contain characters that a shell interprets. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The steps to apply a recommendation by hand. The audit itself never changes IAM. */
export function applySteps({ type, name, runId, replaces, characters }: Application): string[] {
  const principal = `--${type}-name=${quoted(name)}`;
  const ownPolicies = replaces.filter(({ group }) => group === null);
  const groups = [...new Set(replaces.flatMap(({ group }) => group ?? []))];
  const policyName = `iam-audit-${runId}`;
  const document = `--policy-document "$(jq -c .policy ${quoted(`${type}-${name}.json`)})"`;
  const put: Readonly<Record<Placement, string[]>> = {
    inline: [`aws iam put-${type}-policy ${principal} --policy-name=${policyName} ${document}`],
    managed: [
      `aws iam create-policy --policy-name=${policyName}-${type}-${name} ${document}`,
      `aws iam attach-${type}-policy ${principal} --policy-arn= followed by the ARN that create-policy returned`,
    ],
    none: ['Split .policy.Statement over several managed policies and attach them.'],
  };
  return [
    'Review the policy, test it in an environment where a failure does no harm, and keep copies of the policies that it replaces. IAM’s size limit applies to all inline policies of a principal together: if the new policy does not fit in addition to the old ones, delete an old one first.',
    ...put[placementOf(type, characters)],
    ...ownPolicies.map((policy) =>
      policy.kind === 'managed'
        ? `aws iam detach-${type}-policy ${principal} --policy-arn=${quoted(policy.name)}`
        : `aws iam delete-${type}-policy ${principal} --policy-name=${quoted(policy.name)}`,
    ),
    ...groups.map(
      (group) =>
        `The policies of the group ${group} also apply to its other members, so keep them. Remove only this user from the group: aws iam remove-user-from-group --group-name=${quoted(group)} ${principal}`,
    ),
  ];
}
