import type { Status } from '../../../core/contract/evidence.ts';
import { ownerOf } from './answers.ts';
import { byText } from './filter.ts';
import type { Report } from './model.ts';

/** The values of a filter, and how they are shown. */
export type Options = readonly (readonly [value: string, text: string])[];

/** Filters with more values than this are text fields of the search instead. */
const MOST_OPTIONS = 400;

/** Values that are shown as they are. */
export const plainOptions = (values: readonly string[]): Options => values.map((value) => [value, value] as const);

/** The values of the filters that this report has. A filter with too many values is left to the search. */
export function listsOf({
  findings,
  accounts,
  principals,
}: Report): Readonly<Record<'rules' | 'accounts' | 'units' | 'owners' | 'tags' | 'controls', Options>> {
  const rules = new Map<string, number>();
  for (const { rule } of findings) rules.set(rule, (rules.get(rule) ?? 0) + 1);
  const owners = new Set<string>();
  const tags = new Set<string>();
  for (const principal of principals) {
    const owner = ownerOf(principal);
    if (owner !== null) owners.add(owner);
    for (const [key, value] of principal.tags) tags.add(`${key}=${value}`);
  }
  const units = new Set<string>();
  for (const { path } of accounts) {
    const parts = path?.split('/') ?? [];
    parts.forEach((_, index) => units.add(parts.slice(0, index + 1).join('/')));
  }
  const controls = new Set(findings.flatMap(({ ruleText }) => ruleText?.controls ?? []));
  const options = (values: Iterable<string>): Options => {
    const sorted = [...values].sort(byText);
    return sorted.length > MOST_OPTIONS ? [] : plainOptions(sorted);
  };
  return {
    rules: [...rules].sort(([a], [b]) => byText(a, b)).map(([rule, count]) => [rule, `${rule} (${count})`] as const),
    accounts: accounts.map(
      ({ accountId, name }) =>
        [accountId, name === undefined || name === null ? accountId : `${accountId} ${name}`] as const,
    ),
    units: options(units),
    owners: options(owners),
    tags: options(tags),
    controls: options(controls),
  };
}

export const statuses = ['COMPLETE', 'PARTIAL', 'FAILED'] as const satisfies readonly Status[];
