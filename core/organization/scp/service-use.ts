import type { OrganizationUseLine } from '../../contract/organization-use/organization-use.ts';

/** What the reports say, without the data that proposals do not need: an organization may have 10,000 accounts. */
export class ServiceUse {
  readonly #used = new Map<string, ReadonlySet<string>>();
  readonly #allowed = new Map<string, ReadonlyMap<string, string>>();
  readonly #asOf = new Map<string, string>();

  add({ id, kind, asOf, services }: OrganizationUseLine): void {
    if (services === null || asOf === null) return;
    this.#asOf.set(id, asOf);
    // Several services may have the same namespace. Its actions are used if one of them is.
    const used = services.filter((one) => one.lastAuthenticated !== null || one.entities > 0);
    this.#used.set(id, new Set(used.map(({ namespace }) => namespace)));
    if (kind !== 'account') {
      this.#allowed.set(id, new Map(services.map(({ namespace, name }) => [namespace, name])));
    }
  }

  has(id: string): boolean {
    return this.#asOf.has(id);
  }

  /** When AWS made the report, ISO 8601; null without a report. */
  asOf(id: string): string | null {
    return this.#asOf.get(id) ?? null;
  }

  /** Namespaces that principals below the entity used. Empty without a report. */
  used(id: string): ReadonlySet<string> {
    return this.#used.get(id) ?? new Set();
  }

  /** By namespace: the names of the services that SCPs allow a root or unit. Empty without a report. */
  allowed(id: string): ReadonlyMap<string, string> {
    return this.#allowed.get(id) ?? new Map<string, string>();
  }
}
