import type { WorklistLine } from '../contract/account-objects.ts';
import type { Permissions } from '../contract/evidence.ts';
import type { BatchFindings } from './worklist.ts';

/**
 * Decisions that are the same for every principal of a group: one of them is simulated, the others get its decisions. Only
 * whole ones are taken over, and only where no organization has a say, because SCPs often spare principals by their
 * ARN, and what they say is not known here. Otherwise, and where the one failed, each of the others is asked itself:
 * whose calls failed for a reason of his own, or was deleted, costs nobody else a part.
 */
export class SharedSimulations {
  readonly #known = new Map<string, Permissions>();

  /** @param found what earlier attempts have left, so that nobody is asked again for a group that is known */
  constructor(lines: readonly WorklistLine[], found: BatchFindings['parts']) {
    for (const line of lines) {
      const part = found.get(line.arn)?.permissions?.part;
      if (part !== undefined) this.add(line, part);
    }
  }

  add({ group }: WorklistLine, part: Permissions): void {
    if (group === null || part.status !== 'COMPLETE') return;
    if (part.decisions.some(({ allowedByOrganizations }) => allowedByOrganizations !== null)) return;
    this.#known.set(group, part);
  }

  of({ group }: WorklistLine): Permissions | null {
    return group === null ? null : (this.#known.get(group) ?? null);
  }

  /** One of each group and who is in none; then those for whom there may be decisions by then. */
  rounds(lines: readonly WorklistLine[]): [first: WorklistLine[], others: WorklistLine[]] {
    const first: WorklistLine[] = [];
    const others: WorklistLine[] = [];
    const begun = new Set(this.#known.keys());
    for (const line of lines) {
      (line.group !== null && begun.has(line.group) ? others : first).push(line);
      if (line.group !== null) begun.add(line.group);
    }
    return [first, others];
  }
}
