import type { ReportLine } from '../../contract/report/report-data.ts';
import type { StoredPolicies, StoredPolicy } from '../../policies/read-policies.ts';

/** Writes the policies of principals, and the texts of those documents that there is room for, each once. */
export class PolicyRows {
  readonly #written = new Set<string>();
  #room: number;
  #omitted = false;

  /** @param room characters of all documents together */
  constructor(room: number) {
    this.#room = room;
  }

  /** @param withDocuments whether the texts of the documents are written too */
  *linesOf(policies: StoredPolicies, principal: number, withDocuments: boolean): Generator<ReportLine> {
    const own = policies.policies.filter(({ group }) => group === null);
    const names = (kind: StoredPolicy['kind']): string[] =>
      own.filter((policy) => policy.kind === kind).map(({ name }) => name);
    yield [
      'policies',
      {
        p: principal,
        inline: names('inline'),
        attached: names('managed'),
        groups: policies.groups,
        boundary: policies.boundary?.arn ?? null,
      },
    ];
    if (!withDocuments) return;
    for (const { kind, name, group, document } of policies.policies) {
      if (kind === 'managed') yield* this.#document(null, 'managed', name, document);
      else if (kind === 'inline' && group === null) yield* this.#document(principal, 'inline', name, document);
      else if (kind === 'inline') yield* this.#document(null, 'group', `${group ?? ''}/${name}`, document);
    }
    yield* this.#document(principal, 'trust', 'trust policy', policies.trust);
    if (policies.boundary !== null) {
      yield* this.#document(null, 'managed', policies.boundary.arn, policies.boundary.document);
    }
  }

  /** Whether there was no room for a document. */
  get omitted(): boolean {
    return this.#omitted;
  }

  *#document(
    of: number | null,
    kind: 'inline' | 'trust' | 'managed' | 'group',
    name: string,
    text: string | null,
  ): Generator<ReportLine> {
    if (text === null) return;
    if (of === null) {
      const key = `${kind} ${name}`;
      if (this.#written.has(key)) return;
      this.#written.add(key);
    }
    if (text.length > this.#room) {
      this.#omitted = true;
      return;
    }
    this.#room -= text.length;
    yield ['document', { of, kind, name, text }];
  }
}
