import { sha256Hex } from '../streams/sha256.ts';
import { catalogueActions } from './actions.ts';

/** The reasons why an action is sensitive. */
export type ActionCategory =
  /** Part of a known privilege escalation path. */
  | 'escalation'
  /** Changes a principal's permissions without other actions. */
  | 'privilegeEscalation'
  /** Returns a secret, a token or other credentials. */
  | 'credentialExposure';

export interface CatalogueAction {
  /** `service:Action`, spelled as in AWS's documentation. */
  readonly action: string;
  readonly categories: readonly ActionCategory[];
}

/** Sorted by name. Each action is listed once, regardless of case. */
export const catalogue: readonly CatalogueAction[] = catalogueActions;

const categoriesByAction = new Map(catalogue.map(({ action, categories }) => [action.toLowerCase(), categories]));

/** Empty for an action that is not in the catalogue. */
export const categoriesOf = (action: string): readonly ActionCategory[] =>
  categoriesByAction.get(action.toLowerCase()) ?? [];

let version: Promise<string> | null = null;

/** Changes if the list of actions changes. Decisions for another version are not carried forward. */
export function catalogueVersion(): Promise<string> {
  version ??= sha256Hex(JSON.stringify(catalogue.map(({ action }) => action.toLowerCase()))).then((hash) =>
    hash.slice(0, 16),
  );
  return version;
}
