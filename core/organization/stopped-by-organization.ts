import type { PrincipalRecord } from '../contract/evidence.ts';

/**
 * Counts, by action, the principals whose policies have an Allow statement for the action and that the service control
 * policies of the organization do not allow it. An action without a matching Allow is ruled out and has no decision. A
 * decision that depends on condition keys, or that the permissions boundary also denies, does not count.
 */
export class StoppedByOrganization {
  readonly #principals = new Map<string, number>();

  add({ permissions }: PrincipalRecord): void {
    for (const {
      action,
      decision,
      allowedByOrganizations,
      allowedByBoundary,
      missingContext,
    } of permissions.decisions) {
      const isStopped = decision !== 'allowed' && allowedByOrganizations === false;
      if (!isStopped || allowedByBoundary === false || missingContext.length > 0) continue;
      this.#principals.set(action, (this.#principals.get(action) ?? 0) + 1);
    }
  }

  /** By action, in alphabetical order. */
  counts(): Record<string, number> {
    return Object.fromEntries([...this.#principals].sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}
