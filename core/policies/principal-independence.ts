import { policyShape, USER_NAME_VARIABLE, type PolicyShape } from './policy-equivalence.ts';

/** What a policy's decisions depend on, apart from the request's action and resource. */
export interface PolicyTraits {
  /** Whether decisions are the same for all principals of this type in one account. */
  readonly independent: Readonly<Record<'user' | 'role', boolean>>;
  /** Whether a user's decisions depend only on the user's name, and only through resource patterns. */
  readonly dependsOnlyOnUserName: boolean;
  /** Whether the decisions do not depend on the time. */
  readonly timeless: boolean;
  /** The document with its resource patterns separated; null if it can't be read. */
  readonly shape: PolicyShape | null;
  /** The same, without the parts that don't affect decisions for the resource `*`. */
  readonly shapeForAnyResource: PolicyShape | null;
}

/** A policy variable. `${*}`, `${?}` and `${$}` are excluded, because they are literal characters. */
const VARIABLE = /\$\{(?![*?$]\})/;
/** No role has a user name, so a condition on it gives the same result for all roles. */
const USER_NAME = 'aws:username';

/**
 * AWS's global condition keys that don't depend on the principal, in lower case. The list has the independent keys and not
 * the dependent ones, because AWS adds keys, and an unknown key must count as dependent. MFA keys are included, because the
 * audit's simulations never set them. (IAM User Guide, "AWS global condition context keys".)
 */
const PRINCIPAL_INDEPENDENT_KEYS = new Set(
  [
    ...[
      'CalledVia',
      'CalledViaFirst',
      'CalledViaLast',
      'ViaAWSService',
      'Referer',
      'RequestedRegion',
      'ResourceAccount',
    ],
    ...[
      'ResourceOrgID',
      'ResourceOrgPaths',
      'SecureTransport',
      'SourceAccount',
      'SourceArn',
      'SourceIp',
      'SourceOrgID',
    ],
    ...['SourceOrgPaths', 'SourceVpc', 'SourceVpce', 'TagKeys', 'UserAgent', 'VpcSourceIp'],
    ...['MultiFactorAuthPresent', 'MultiFactorAuthAge'],
  ].map((key) => `aws:${key.toLowerCase()}`),
);
const PRINCIPAL_INDEPENDENT_TAGS = ['aws:resourcetag/', 'aws:requesttag/'];
/** Condition keys with these prefixes describe the session's owner, or how the session was created. */
const SESSION_SERVICES = new Set(['aws', 'sts', 'saml', 'cognito-identity']);
const TIME = /aws:(currenttime|epochtime|tokenissuetime|multifactorauthage)/i;

const unreadableTraits: PolicyTraits = {
  independent: { user: false, role: false },
  dependsOnlyOnUserName: false,
  timeless: false,
  shape: null,
  shapeForAnyResource: null,
};

/**
 * Determines whether a document's decisions depend on the principal or the time. If this is not certain, they count as
 * dependent: the decisions of a document that can't be read depend on both, and every unknown key or variable depends on the
 * principal.
 */
export function policyTraits(document: string): PolicyTraits {
  let content: unknown;
  try {
    content = JSON.parse(document);
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return unreadableTraits;
    throw error;
  }
  // The document is serialised again, so that a JSON escape can't hide a variable.
  const plain = JSON.stringify(content);
  const allKeys = conditionKeys(content);
  const keys = allKeys.filter((key) => !isPrincipalIndependent(key));
  const shape = policyShape(content);
  // Most documents have no tag keys. They need only one shape in memory.
  const shapeForAnyResource = allKeys.some(isTag) ? policyShape(withoutTagValues(content)) : shape;
  const hasOtherVariable = (text: string): boolean => VARIABLE.test(text.replace(USER_NAME_VARIABLE, ''));
  return {
    independent: {
      user: keys.length === 0 && !VARIABLE.test(plain),
      role: keys.every((key) => key === USER_NAME) && !hasOtherVariable(plain),
    },
    dependsOnlyOnUserName:
      keys.length === 0 && shape !== null && !VARIABLE.test(shape.template) && !shape.patterns.some(hasOtherVariable),
    timeless: !TIME.test(plain),
    shape,
    shapeForAnyResource,
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** All condition keys of the document, at any depth, in lower case. */
function conditionKeys(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(conditionKeys);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name.toLowerCase() === 'condition' && isObject(inner)
      ? Object.values(inner).flatMap((keys) =>
          isObject(keys) ? Object.keys(keys).map((key) => key.toLowerCase()) : [''],
        )
      : conditionKeys(inner),
  );
}

/**
 * Removes the expected values of tag conditions. The resource `*` has no tags, and the audit's requests set none, so
 * the result of a tag condition does not depend on its value. Two policies that differ only in such values then give
 * the same decisions. The operator `Null` is the exception, because its result depends on its value.
 */
function withoutTagValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTagValues);
  if (!isObject(value)) return value;
  return mapped(value, (name, inner) =>
    name.toLowerCase() === 'condition' && isObject(inner)
      ? mapped(inner, (operator, keys) =>
          isObject(keys) && operator.toLowerCase() !== 'null'
            ? mapped(keys, (key, values) => (isTag(key.toLowerCase()) ? '' : values))
            : keys,
        )
      : withoutTagValues(inner),
  );
}

const mapped = (
  record: Readonly<Record<string, unknown>>,
  change: (name: string, value: unknown) => unknown,
): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(name, value)]));

const isTag = (key: string): boolean => PRINCIPAL_INDEPENDENT_TAGS.some((prefix) => key.startsWith(prefix));

function isPrincipalIndependent(key: string): boolean {
  if (PRINCIPAL_INDEPENDENT_KEYS.has(key) || isTag(key)) return true;
  // A service-specific key, such as `s3:prefix`. Keys of identity providers have dots, such as `graph.facebook.com:id`.
  const service = /^([a-z0-9-]+):./.exec(key)?.[1];
  return service !== undefined && !SESSION_SERVICES.has(service);
}
