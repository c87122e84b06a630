import type { PrincipalType } from '../contract/evidence.ts';
import type { Recommendation } from '../contract/recommendation.ts';

/**
 * Characters without white space (IAM User Guide, "IAM and AWS STS quotas"): of all inline policies of a user or role
 * together, and of a managed policy.
 */
const INLINE_LIMITS: Readonly<Record<PrincipalType, number>> = { user: 2_048, role: 10_240 };
const MANAGED_LIMIT = 6_144;

export const policyLimits = (type: PrincipalType): Pick<Recommendation['size'], 'inlineLimit' | 'managedLimit'> => ({
  inlineLimit: INLINE_LIMITS[type],
  managedLimit: MANAGED_LIMIT,
});

type Placing = 'inline' | 'managed' | 'nowhere';

const placing = (type: PrincipalType, characters: number): Placing => {
  if (characters <= INLINE_LIMITS[type]) return 'inline';
  return characters <= MANAGED_LIMIT ? 'managed' : 'nowhere';
};

/** Null where it fits as an inline policy. */
export function sizeNote(type: PrincipalType, characters: number): string | null {
  switch (placing(type, characters)) {
    case 'inline':
      return null;
    case 'managed':
      return `It is too long for an inline policy of a ${type} (${INLINE_LIMITS[type]} characters), and fits a managed one.`;
    case 'nowhere':
      return `It is too long for an inline policy of a ${type} (${INLINE_LIMITS[type]} characters) and for a managed one (${MANAGED_LIMIT}): split its statements over several managed policies.`;
  }
}

interface Application {
  readonly type: PrincipalType;
  readonly name: string;
  readonly runId: string;
  readonly replaces: Recommendation['replaces'];
  readonly characters: number;
}

/** Names and paths in IAM may hold what a shell would take for its own. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Suggestions only: the audit itself writes nothing in IAM. */
export function applySteps({ type, name, runId, replaces, characters }: Application): string[] {
  const who = `--${type}-name=${quoted(name)}`;
  const own = replaces.filter(({ group }) => group === null);
  const groups = [...new Set(replaces.flatMap(({ group }) => group ?? []))];
  const policyName = `iam-audit-${runId}`;
  const document = `--policy-document "$(jq -c .policy ${quoted(`${type}-${name}.json`)})"`;
  const put: Readonly<Record<Placing, string[]>> = {
    inline: [`aws iam put-${type}-policy ${who} --policy-name=${policyName} ${document}`],
    managed: [
      `aws iam create-policy --policy-name=${policyName}-${type}-${name} ${document}`,
      `aws iam attach-${type}-policy ${who} --policy-arn= and the ARN that this answered`,
    ],
    nowhere: ['Split .policy.Statement over several managed policies and attach them.'],
  };
  return [
    'Read it first, try it where a failure does no harm, and keep what it replaces. IAM counts all inline policies of a principal together: where the new one does not fit beside the old ones, it takes the place of one of them.',
    ...put[placing(type, characters)],
    ...own.map((policy) =>
      policy.kind === 'managed'
        ? `aws iam detach-${type}-policy ${who} --policy-arn=${quoted(policy.name)}`
        : `aws iam delete-${type}-policy ${who} --policy-name=${quoted(policy.name)}`,
    ),
    ...groups.map(
      (group) =>
        `The policies of the group ${group} are shared with its other members, so they stay; take only this user out of it: aws iam remove-user-from-group --group-name=${quoted(group)} ${who}`,
    ),
  ];
}
