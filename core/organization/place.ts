import type { OrganizationAccount } from '../contract/organization.ts';

/** An account's name and place, as `run.json` has them. */
export interface Place {
  readonly name: string | null;
  /** Names of the units above it, from the root down, such as `Root/Workloads/Production`. Null: not known. */
  readonly path: string | null;
}

export const placeOf = ({ name, units }: Pick<OrganizationAccount, 'name' | 'units'>): Place => ({
  name,
  path: units === null ? null : units.map((unit) => unit.name).join('/'),
});
