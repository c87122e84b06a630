import type { PrincipalRecord } from '../contract/evidence.ts';
import type { TrustedParty } from '../contract/trust.ts';
import { wildcardPattern } from '../wildcards.ts';
import { isAdministrator, powerOf, type Power } from './abilities.ts';

/** A role as something that others may come to act as. */
export interface RoleView {
  readonly arn: string;
  /** Services that its trust policy lets in, such as `lambda.amazonaws.com`; null where that can't be read. */
  readonly services: ReadonlySet<string> | null;
  readonly trust: readonly TrustedParty[] | null;
  readonly isAdministrator: boolean;
  /** Null where its permissions could not be had. */
  readonly power: Power | null;
}

/** An account's roles, kept small: some hundred bytes each, so that the largest account's fit in memory. */
export class AccountRoles {
  readonly #roles: RoleView[] = [];
  #isWhole = true;

  /** Whether all is known of each of them. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  add(record: PrincipalRecord): void {
    if (record.type !== 'role') return;
    const { arn, trust } = record;
    if (record.status !== 'COMPLETE') this.#isWhole = false;
    const services = trust?.flatMap(({ kind, principal }) => (kind === 'service' ? [principal] : [])) ?? null;
    this.#roles.push({
      arn,
      services: services === null ? null : new Set(services),
      trust,
      isAdministrator: isAdministrator(record),
      power: record.permissions.status === 'FAILED' ? null : powerOf(record),
    });
  }

  /** Roles whose trust policy surely lets this service in. */
  trusting(service: string): RoleView[] {
    return this.#roles.filter(({ services }) => services?.has(service) === true);
  }

  /** Roles that are meant by ARNs with wildcards; null: all. */
  among(resources: readonly string[] | null): RoleView[] {
    if (resources === null) return [...this.#roles];
    const patterns = resources.map(wildcardPattern);
    return this.#roles.filter(({ arn }) => patterns.some((matches) => matches(arn)));
  }
}
