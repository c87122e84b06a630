import type { WorklistLine } from '../contract/account-objects.ts';
import type { Permissions } from '../contract/evidence.ts';

interface Known {
  readonly line: WorklistLine;
  readonly part: Permissions;
  /** Who was simulated: what is taken over may be taken over again by a later attempt. */
  readonly from: string;
}

/**
 * Decisions that are the same for every principal of a group: one of them is simulated, the others get its decisions. Only
 * whole ones are taken over, and only where no organization has a say, because SCPs often spare principals by their
 * ARN, and what they say is not known here. Otherwise, and where the one failed, each of the others is asked itself:
 * whose calls failed for a reason of his own, or was deleted, costs nobody else a part.
 */
export class SharedSimulations {
  readonly #known = new Map<string, Known>();

  /**
   * Also what earlier attempts have left is added, so that nobody is asked again for a group that is known.
   * @param from who was simulated, where it was another of the group
   */
  add(line: WorklistLine, part: Permissions, from = line.arn): void {
    const { group } = line;
    if (group === null || part.status !== 'COMPLETE') return;
    if (part.decisions.some(({ allowedByOrganizations }) => allowedByOrganizations !== null)) return;
    this.#known.set(group, { line, part, from });
  }

  /** What was decided for one of the group, on the resources that this one's policies name in the same places. */
  of(line: WorklistLine): Pick<Known, 'part' | 'from'> | null {
    const known = line.group === null ? undefined : this.#known.get(line.group);
    if (known === undefined) return null;
    const own = sameResources(known.line, line);
    if (own === null) return null;
    const decisions = known.part.decisions.map((decision) => ({
      ...decision,
      resources: decision.resources.map(({ arn, decision: kind }) => ({ arn: own.get(arn) ?? arn, decision: kind })),
    }));
    return { part: { ...known.part, decisions }, from: known.from };
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

/** Of each resource that the one's policies name, the other's in the same place; null where the places differ. */
function sameResources(one: WorklistLine, other: WorklistLine): ReadonlyMap<string, string> | null {
  const pairs = new Map<string, string>();
  if (one.narrower.length !== other.narrower.length) return null;
  for (const [index, { resources }] of one.narrower.entries()) {
    const others = other.narrower[index]?.resources ?? [];
    if (resources.length !== others.length) return null;
    for (const [place, resource] of resources.entries()) {
      const counterpart = others[place];
      if (counterpart === undefined || (pairs.get(resource) ?? counterpart) !== counterpart) return null;
      pairs.set(resource, counterpart);
    }
  }
  return pairs;
}
