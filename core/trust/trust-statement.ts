import { lowerKeys } from '../policies/policy-document.ts';

/** A trust policy that does not have the form that IAM documents. */
export class TrustPolicyUnreadable extends Error {
  override name = 'TrustPolicyUnreadable';
}

/** Principal types as in the policy, in lower case; `everyone` for `*`. */
export interface NamedPrincipal {
  readonly type: 'everyone' | 'aws' | 'service' | 'federated' | 'canonicaluser';
  readonly name: string;
}

export interface TrustClause {
  /** In lower case. */
  readonly operator: string;
  /** In lower case. */
  readonly key: string;
  readonly values: readonly string[];
}

export interface TrustStatement {
  readonly allows: boolean;
  /** True for NotPrincipal: everyone except these. */
  readonly exceptThese: boolean;
  readonly principals: readonly NamedPrincipal[];
  /** True for NotAction: all actions except these. */
  readonly exceptActions: boolean;
  /** Patterns in lower case. */
  readonly actions: readonly string[];
  /** All must hold. */
  readonly clauses: readonly TrustClause[];
  /** Whether values may have policy variables: only in documents of version 2012-10-17. */
  readonly hasVariables: boolean;
}

/** IAM User Guide, "IAM JSON policy elements: Version". */
const WITH_VARIABLES = '2012-10-17';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Parsed without a schema, because valibot's records drop keys such as `constructor`. A Deny without its condition
 * denies more.
 */
export function parseTrustPolicy(text: string): TrustStatement[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error: unknown) {
    if (error instanceof SyntaxError) throw new TrustPolicyUnreadable('It is not JSON.');
    throw error;
  }
  const document = distinct(content, 'It');
  if (!isObject(document) || document.statement === undefined) throw new TrustPolicyUnreadable('It has no Statement.');
  const raw: readonly unknown[] = Array.isArray(document.statement) ? document.statement : [document.statement];
  const hasVariables = document.version === WITH_VARIABLES;
  return raw.map((one, index) => statement(one, `Statement ${index + 1}`, hasVariables));
}

function statement(value: unknown, where: string, hasVariables: boolean): TrustStatement {
  const raw = distinct(value, where);
  if (!isObject(raw)) throw new TrustPolicyUnreadable(`${where} is not an object.`);
  const { effect, principal, notprincipal, action, notaction, condition } = raw;
  if (effect !== 'Allow' && effect !== 'Deny') {
    throw new TrustPolicyUnreadable(`${where} has an Effect that is neither Allow nor Deny.`);
  }
  const one = (name: string, value: unknown, not: unknown): unknown => {
    if ((value === undefined) !== (not === undefined)) return value ?? not;
    throw new TrustPolicyUnreadable(`${where} must have either ${name} or Not${name}.`);
  };
  return {
    allows: effect === 'Allow',
    exceptThese: notprincipal !== undefined,
    principals: principals(one('Principal', principal, notprincipal), where),
    exceptActions: notaction !== undefined,
    actions: texts(one('Action', action, notaction), `${where}, Action`).map((pattern) => pattern.toLowerCase()),
    clauses: clauses(condition, `${where}, Condition`),
    hasVariables,
  };
}

/** @throws TrustPolicyUnreadable if two element names differ only in case, because it is unknown which one counts */
function distinct(value: unknown, where: string): unknown {
  const lowered = lowerKeys(value);
  if (isObject(value) && isObject(lowered) && Object.keys(value).length !== Object.keys(lowered).length) {
    throw new TrustPolicyUnreadable(`${where} has the same element twice.`);
  }
  return lowered;
}

function principals(value: unknown, where: string): NamedPrincipal[] {
  if (value === '*') return [{ type: 'everyone', name: '*' }];
  if (!isObject(value)) throw new TrustPolicyUnreadable(`${where} names its principals in an unknown form.`);
  return Object.entries(value).flatMap(([written, names]) => {
    const type = principalType(written, where);
    return texts(names, `${where}, ${written}`).map((name) =>
      // IAM: { "AWS": "*" } and "*" are the same.
      name === '*' && type === 'aws' ? { type: 'everyone' as const, name } : { type, name },
    );
  });
}

function principalType(written: string, where: string): NamedPrincipal['type'] {
  const type = written.toLowerCase();
  if (type === 'aws' || type === 'service' || type === 'federated' || type === 'canonicaluser') return type;
  throw new TrustPolicyUnreadable(`${where} names principals of an unknown type: ${written}.`);
}

function clauses(value: unknown, where: string): TrustClause[] {
  if (value === undefined) return [];
  if (!isObject(value)) throw new TrustPolicyUnreadable(`${where} is not an object.`);
  return Object.entries(value).flatMap(([operator, keys]) => {
    if (!isObject(keys)) throw new TrustPolicyUnreadable(`${where}, ${operator} is not an object.`);
    return Object.entries(keys).map(([key, values]) => ({
      operator: operator.toLowerCase(),
      key: key.toLowerCase(),
      values: texts(values, `${where}, ${operator}`),
    }));
  });
}

/** A string or a list of strings. Conditions may also have numbers and booleans. */
function texts(value: unknown, where: string): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((one) => {
    if (typeof one === 'string') return one;
    if (typeof one === 'number' || typeof one === 'boolean') return String(one);
    throw new TrustPolicyUnreadable(`${where} has a value that is not a string.`);
  });
}
