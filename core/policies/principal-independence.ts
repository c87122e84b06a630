import { policyShape, USER_NAME_VARIABLE, type PolicyShape } from './policy-equivalence.ts';

/** What a policy's answers hang on besides the request's action and resource. */
export interface PolicyTraits {
  /** The same for every principal of the same type in the same account. */
  readonly independent: Readonly<Record<'user' | 'role', boolean>>;
  /** All that a user's answers hang on is its name, and that only in resources. */
  readonly dependsOnlyOnUserName: boolean;
  /** The same at any time. */
  readonly timeless: boolean;
  /** The document with its resources apart; null where it can't be read. */
  readonly shape: PolicyShape | null;
  /** The same with only what counts where nothing but `*` is asked about. */
  readonly shapeForAnyResource: PolicyShape | null;
}

/** A variable stands for what the request says of the principal or of anything else; these three are plain characters. */
const VARIABLE = /\$\{(?![*?$]\})/;
/** No role has a user name: what hangs on one is the same for all of them. */
const USER_NAME = 'aws:username';

/**
 * Condition keys of AWS's own that say nothing of the principal, in lower case. A list of what is known to be harmless,
 * not of what is known to hang on the principal: AWS adds keys, and one that is new here must not be taken for harmless.
 * (IAM User Guide, "AWS global condition context keys"; no simulation is told whether there was MFA.)
 */
const HARMLESS_KEYS = new Set(
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
const HARMLESS_TAGS = ['aws:resourcetag/', 'aws:requesttag/'];
/** Keys of these services say who the session belongs to, or how it came to be. */
const SESSION_SERVICES = new Set(['aws', 'sts', 'saml', 'cognito-identity']);
const TIME = /aws:(currenttime|epochtime|tokenissuetime|multifactorauthage)/i;

const dependent: PolicyTraits = {
  independent: { user: false, role: false },
  dependsOnlyOnUserName: false,
  timeless: false,
  shape: null,
  shapeForAnyResource: null,
};

/**
 * Whether a document's answers hang on the principal or on the time. Sound rather than sharp: what can't be read, and
 * every key and variable that is not known to be harmless, counts as hanging on both.
 */
export function policyTraits(document: string): PolicyTraits {
  let content: unknown;
  try {
    content = JSON.parse(document);
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return dependent;
    throw error;
  }
  // Written anew, so that no escape hides a variable.
  const plain = JSON.stringify(content);
  const allKeys = conditionKeys(content);
  const keys = allKeys.filter((key) => !isHarmless(key));
  const shape = policyShape(content);
  // Most say nothing of tags: one shape is made and kept, not two.
  const shapeForAnyResource = allKeys.some(isTag) ? policyShape(withoutTagValues(content)) : shape;
  const saysMore = (text: string): boolean => VARIABLE.test(text.replace(USER_NAME_VARIABLE, ''));
  return {
    independent: {
      user: keys.length === 0 && !VARIABLE.test(plain),
      role: keys.every((key) => key === USER_NAME) && !saysMore(plain),
    },
    dependsOnlyOnUserName:
      keys.length === 0 && shape !== null && !VARIABLE.test(shape.template) && !shape.patterns.some(saysMore),
    timeless: !TIME.test(plain),
    shape,
    shapeForAnyResource,
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every key under an operator of every `Condition`, wherever in the document it stands, in lower case. */
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
 * `*` has no tags, and no request of ours brings any: a condition on one then holds or fails whatever value it wants, so
 * that principals whose policies differ in nothing else share their decisions. Only `Null` looks at its value.
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

const isTag = (key: string): boolean => HARMLESS_TAGS.some((prefix) => key.startsWith(prefix));

function isHarmless(key: string): boolean {
  if (HARMLESS_KEYS.has(key) || isTag(key)) return true;
  // A service's own key, such as `s3:prefix`; identity providers' have dots, such as `graph.facebook.com:id`.
  const service = /^([a-z0-9-]+):./.exec(key)?.[1];
  return service !== undefined && !SESSION_SERVICES.has(service);
}
