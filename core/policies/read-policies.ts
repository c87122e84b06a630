import * as v from 'valibot';
import { objects } from '../contract/objects.ts';
import { PolicyLine, type PrincipalPolicies } from '../contract/policies.ts';
import type { ObjectStore } from '../ports/store.ts';

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
}

type Group = Extract<PolicyLine, { kind: 'group' }>;

/** The beginning of each line about a principal, as JSON.stringify writes it. */
const PRINCIPAL = /^\{"kind":"principal","arn":"([^"\\]*)"/;

/**
 * The policies of the principals that `wanted` accepts, one principal after another, in one pass. Lines about other
 * principals are not parsed. Only documents that several principals may share stay in memory.
 * @throws ObjectNotFound, ValiError for a damaged line
 */
export async function* readPolicies(
  store: ObjectStore,
  runId: string,
  accountId: string,
  wanted: (arn: string) => boolean = () => true,
): AsyncGenerator<StoredPolicies> {
  const managed = new Map<string, string | null>();
  const groups = new Map<string, Group['policies']>();
  for await (const text of store.readLines(objects.policies(runId, accountId))) {
    const arn = PRINCIPAL.exec(text)?.[1];
    if (arn !== undefined && !wanted(arn)) continue;
    const line = v.parse(PolicyLine, JSON.parse(text));
    if (line.kind === 'managed') managed.set(line.arn, line.document);
    else if (line.kind === 'group') groups.set(line.name, line.policies);
    else if (wanted(line.arn)) yield policiesOfPrincipal(line, managed, groups);
  }
}

function policiesOfPrincipal(
  { arn, inline, attached, groups: names, boundary }: PrincipalPolicies,
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
  };
}

/** A policy's name for messages. */
export function policyName({ kind, name, group }: Omit<StoredPolicy, 'document'>): string {
  const own = kind === 'inline' ? `inline policy ${name}` : name;
  if (kind === 'group') return `group ${name}`;
  return group === null ? own : `${own} of group ${group}`;
}
