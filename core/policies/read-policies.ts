import { objects } from '../contract/objects.ts';
import { PolicyLine, type PrincipalPolicies } from '../contract/policies.ts';
import type { ObjectStore } from '../ports/store.ts';
import { parseLine } from '../ports/stored-objects.ts';

/** A policy that grants permissions to a principal, from `policies.jsonl`. */
export interface StoredPolicy {
  /** `group`: all policies of a group that the inventory did not read. */
  readonly kind: 'inline' | 'managed' | 'group';
  /** An inline policy's or group's name, a managed policy's ARN. */
  readonly name: string;
  /** The group through which the principal has the policy. Null: it belongs to the principal itself. */
  readonly group: string | null;
  /** JSON text; null if it is not known. */
  readonly document: string | null;
}

export interface StoredPolicies {
  readonly arn: string;
  readonly policies: readonly StoredPolicy[];
  readonly boundary: { readonly arn: string; readonly document: string | null } | null;
  /** Names of its groups. */
  readonly groups: readonly string[];
  /** The trust policy, JSON text. Null for users, and if the run did not store it. */
  readonly trust: string | null;
  /** Names of the instance profiles that have the role. Null: not known. */
  readonly instanceProfiles: readonly string[] | null;
}

type Group = Extract<PolicyLine, { kind: 'group' }>;

export type SharedPolicy = Exclude<PolicyLine, { kind: 'principal' }>;

/** The managed policies and groups of an account. @throws ObjectNotFound, DamagedObject */
export async function* readSharedPolicies(
  store: ObjectStore,
  runId: string,
  accountId: string,
): AsyncGenerator<SharedPolicy> {
  const key = objects.policies(runId, accountId);
  for await (const text of store.readLines(key)) {
    if (PRINCIPAL.test(text)) continue;
    const line = parseLine(key, text, PolicyLine);
    if (line.kind !== 'principal') yield line;
  }
}

/** The beginning of each line about a principal, as JSON.stringify writes it. */
const PRINCIPAL = /^\{"kind":"principal","arn":"([^"\\]*)"/;

/**
 * The policies of the principals that `wanted` accepts, one principal after another, in one pass. Lines about other
 * principals are not parsed. Only documents that several principals may share stay in memory.
 * @throws ObjectNotFound, DamagedObject
 */
export async function* readPolicies(
  store: ObjectStore,
  runId: string,
  accountId: string,
  wanted: (arn: string) => boolean = () => true,
): AsyncGenerator<StoredPolicies> {
  const lines = new PolicyLines();
  const key = objects.policies(runId, accountId);
  for await (const text of store.readLines(key)) {
    const arn = PRINCIPAL.exec(text)?.[1];
    if (arn !== undefined && !wanted(arn)) continue;
    const policies = lines.add(parseLine(key, text, PolicyLine));
    if (policies !== null && wanted(policies.arn)) yield policies;
  }
}

/** Joins the lines of `policies.jsonl`, in their order. */
export class PolicyLines {
  readonly #managed = new Map<string, string | null>();
  readonly #groups = new Map<string, Group['policies']>();

  /** @returns the policies of the line's principal; null for a line about a managed policy or a group */
  add(line: PolicyLine): StoredPolicies | null {
    if (line.kind === 'principal') return policiesOfPrincipal(line, this.#managed, this.#groups);
    if (line.kind === 'managed') this.#managed.set(line.arn, line.document);
    else this.#groups.set(line.name, line.policies);
    return null;
  }
}

function policiesOfPrincipal(
  { arn, inline, attached, groups: names, boundary, trust, instanceProfiles }: PrincipalPolicies,
  managed: ReadonlyMap<string, string | null>,
  groups: ReadonlyMap<string, Group['policies']>,
): StoredPolicies {
  const policiesOf = (own: NonNullable<Group['policies']>, group: string | null): StoredPolicy[] => [
    ...own.inline.map(({ name, document }) => ({ kind: 'inline' as const, name, group, document })),
    ...own.attached.map((name) => ({ kind: 'managed' as const, name, group, document: managed.get(name) ?? null })),
  ];
  return {
    arn,
    policies: [
      ...policiesOf({ inline, attached }, null),
      ...names.flatMap((name) => {
        const group = groups.get(name) ?? null;
        return group === null
          ? [{ kind: 'group' as const, name, group: name, document: null }]
          : policiesOf(group, name);
      }),
    ],
    boundary: boundary === null ? null : { arn: boundary, document: managed.get(boundary) ?? null },
    groups: names,
    trust,
    instanceProfiles,
  };
}

/** A policy's name for messages. */
export function policyName({ kind, name, group }: Omit<StoredPolicy, 'document'>): string {
  const own = kind === 'inline' ? `inline policy ${name}` : name;
  if (kind === 'group') return `group ${name}`;
  return group === null ? own : `${own} of group ${group}`;
}
