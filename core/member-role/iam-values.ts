import * as v from 'valibot';

/** A value that AWS accepts only in one form. The requirement follows the name of the setting or option. */
export interface ValueForm {
  readonly pattern: RegExp;
  readonly requirement: string;
}

/** Values that both the settings of the stack and the options of `member-template` accept. */
export const valueForms = {
  /** Organizations API Reference, Organization. */
  organizationId: {
    pattern: /^o-[a-z0-9]{10,32}$/,
    requirement: 'must be the ID of an organization such as "o-exampleorg"',
  },
  /** STS API Reference, AssumeRole. */
  externalId: {
    pattern: /^[\w+=,.@:/-]{2,1224}$/,
    requirement: 'must have 2 to 1,224 letters, digits and any of _+=,.@:/-',
  },
  /** STS API Reference, AssumeRole. The colon is missing, so no value begins with "aws:", which AWS reserves. */
  sourceIdentity: {
    pattern: /^[\w+=,.@-]{2,64}$/,
    requirement: 'must have 2 to 64 letters, digits and any of _+=,.@- (no colon, no space)',
  },
  /** IAM User Guide, "IAM identifiers". */
  roleArn: {
    pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/,
    requirement: 'must be the ARN of a role, such as "arn:aws:iam::111122223333:role/iam-audit"',
  },
  memberRoleName: {
    pattern: /^(?=.{1,575}$)([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/,
    requirement:
      'must be the name of a role (at most 64 characters), after its path (at most 510) if it has one, such as "iam-audit-member" or "audit/member" (not an ARN, and without a slash at the start)',
  },
  rolePath: {
    pattern: /^\/([\w+=,.@-]+\/)*$/,
    requirement: 'must begin and end with a slash, such as "/iam-audit/"',
  },
  /** The characters that a role name may have (IAM API Reference, CreateRole). */
  roleNamePrefix: {
    pattern: /^[\w+=,.@-]{1,30}$/,
    requirement: 'must have 1 to 30 letters, digits and any of _+=,.@-, such as "corp-"',
  },
  boundaryName: {
    pattern: /^([\w+=,.@-]+\/)*[\w+=,.@-]{1,128}$/,
    requirement: 'must be the name of a managed policy, after its path if it has one, such as "boundary" (not its ARN)',
  },
  /** At least one character of the name must not be a wildcard. Otherwise every role or user of the account would match. */
  principalPattern: {
    pattern: /^(role|user)\/(?=[*?/]*[\w+=,.@-])[\w+=,.@/*?-]{1,575}$/,
    requirement:
      'must be role/NAME or user/NAME with the path if there is one, * and ? as wildcards, such as "role/Auditor" or "role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Auditor_*" (not an ARN, and not only wildcards)',
  },
  /** As `principalPattern`, without users. The policy that protects exempt roles does not protect users. */
  rolePattern: {
    pattern: /^role\/(?=[*?/]*[\w+=,.@-])[\w+=,.@/*?-]{1,575}$/,
    requirement:
      'must be role/NAME with the path if there is one, * and ? as wildcards, such as "role/OrganizationAccountAccessRole" (not an ARN, not a user, and not only wildcards)',
  },
} as const satisfies Readonly<Record<string, ValueForm>>;

const TAG_CHARACTERS = 'letters, digits, spaces and any of _.:/=+-@';
const tagText = (least: 0 | 1, most: number) => {
  const requirement = `must have ${least} to ${most} ${TAG_CHARACTERS}`;
  return v.pipe(
    v.string(requirement),
    v.regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, requirement),
    v.minLength(least, requirement),
    v.maxLength(most, requirement),
  );
};

/** Keys that are the same key for IAM, in quotes. */
function duplicateKeys(keys: readonly string[]): string[] {
  const second = keys.find(
    (key, place) => keys.findIndex((other) => other.toLowerCase() === key.toLowerCase()) < place,
  );
  return keys.filter((key) => key.toLowerCase() === second?.toLowerCase()).map((key) => JSON.stringify(key));
}

const TAGS_REQUIREMENT = 'must be an object of tags such as { "CostCenter": "1234" }';

const tagsWithValues = (leastLength: 0 | 1) =>
  v.pipe(
    v.unknown(),
    v.check((tags) => typeof tags === 'object' && tags !== null && !Array.isArray(tags), TAGS_REQUIREMENT),
    v.record(
      v.pipe(
        tagText(1, 128),
        v.check((key) => !/^aws:/i.test(key), 'must not begin with "aws:", which AWS reserves'),
      ),
      tagText(leastLength, 256),
    ),
    v.check((tags) => Object.keys(tags).length <= 50, 'must have at most 50 tags'),
    v.check(
      (tags) => duplicateKeys(Object.keys(tags)).length === 0,
      ({ input }) =>
        `must not have both ${duplicateKeys(Object.keys(input)).join(' and ')}: for IAM, keys that differ only in case are the same key`,
    ),
  );

/** The tags that every service and CloudFormation accept. For IAM, keys that differ only in case are the same key. */
export const Tags = tagsWithValues(1);
export type Tags = v.InferOutput<typeof Tags>;

/** Tags of a session, as STS accepts them: a value may be empty (STS API Reference, Tag). */
export const SessionTags = tagsWithValues(0);
export type SessionTags = v.InferOutput<typeof SessionTags>;
