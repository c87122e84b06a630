import type { WorklistLine } from '../contract/account-objects.ts';
import type { Permissions } from '../contract/evidence.ts';

interface SharedPart {
  readonly line: WorklistLine;
  readonly part: Permissions;
  /** ARN of the principal that was simulated. Each copy of the decisions stores it. */
  readonly from: string;
}

/**
 * Decisions that are the same for every principal of a group. One principal is simulated, and the others get its
 * decisions. Only COMPLETE permissions are shared, and only if no service control policies apply: these often exempt
 * principals by ARN, and their text is not known here. Otherwise each principal is simulated itself. So a principal
 * whose calls failed, or that was deleted, does not change the evidence of others.
 */
export class SharedSimulations {
  readonly #byGroup = new Map<string, SharedPart>();
  #isPrevented = false;

  /** Whether service control policies apply, so that every principal is simulated itself. */
  get isPrevented(): boolean {
    return this.#isPrevented;
  }

  /**
   * Decisions of earlier attempts are added too, so that a group is not simulated again.
   * @param from ARN of the principal that was simulated, if it is another one of the group
   */
  add(line: WorklistLine, part: Permissions, from = line.arn): void {
    const { group } = line;
    if (part.decisions.some(({ allowedByOrganizations }) => allowedByOrganizations !== null)) {
      this.#isPrevented = true;
      return;
    }
    if (group === null || part.status !== 'COMPLETE') return;
    this.#byGroup.set(group, { line, part, from });
  }

  /**
   * The decisions of the group, on the resources that this principal's policies name in the same places; null if there
   * are none.
   */
  of(line: WorklistLine): Pick<SharedPart, 'part' | 'from'> | null {
    const shared = line.group === null ? undefined : this.#byGroup.get(line.group);
    if (shared === undefined) return null;
    const own = sameResources(shared.line, line);
    if (own === null) return null;
    const decisions = shared.part.decisions.map((decision) => ({
      ...decision,
      resources: decision.resources.map(({ arn, decision: kind }) => ({ arn: own.get(arn) ?? arn, decision: kind })),
    }));
    return { part: { ...shared.part, decisions }, from: shared.from };
  }

  /** First one principal of each group and all without a group; then those that can get decisions of their group. */
  rounds(lines: readonly WorklistLine[]): [first: WorklistLine[], others: WorklistLine[]] {
    const first: WorklistLine[] = [];
    const others: WorklistLine[] = [];
    const started = new Set(this.#byGroup.keys());
    for (const line of lines) {
      (line.group !== null && started.has(line.group) ? others : first).push(line);
      if (line.group !== null) started.add(line.group);
    }
    return [first, others];
  }
}

/** By resource of one principal: the resource of the other in the same place; null if the places differ. */
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
