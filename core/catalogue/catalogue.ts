import { sha256Hex } from '../streams/sha256.ts';
import { catalogueActions, type ActionCategory, type CatalogueAction } from './actions.ts';
import { sensitiveActions, type SensitiveAction } from './sensitive-actions.ts';

export type { ActionCategory, CatalogueAction } from './actions.ts';

/** Sorted by name. Each action is listed once, regardless of case. */
export const catalogue: readonly CatalogueAction[] = catalogueActions;

const categoriesByAction = new Map(catalogue.map(({ action, categories }) => [action.toLowerCase(), categories]));

/** Empty for an action that is not in the catalogue. */
export const categoriesOf = (action: string): readonly ActionCategory[] =>
  categoriesByAction.get(action.toLowerCase()) ?? [];

const sensitiveByAction = new Map(sensitiveActions.map((one) => [one.action.toLowerCase(), one]));

/** What a sensitive action gives, and what it needs. Null for an action that is only a step of escalation paths. */
export const sensitiveActionOf = (action: string): SensitiveAction | null =>
  sensitiveByAction.get(action.toLowerCase()) ?? null;

/**
 * Whether the action alone gives permissions that the caller may lack. Only these raise a severity. The other
 * sensitive actions are often part of a wildcard such as `s3:Get*`, and give nothing without something else.
 */
export function worksAlone(action: string): boolean {
  const sensitive = sensitiveActionOf(action);
  return sensitive?.extent === 'more' && sensitive.needs === null;
}

let version: Promise<string> | null = null;

/** Changes if the list of actions changes. Decisions for another version are not carried forward. */
export function catalogueVersion(): Promise<string> {
  version ??= sha256Hex(JSON.stringify(catalogue.map(({ action }) => action.toLowerCase()))).then((hash) =>
    hash.slice(0, 16),
  );
  return version;
}
