import { sha256Hex } from '../streams/sha256.ts';
import { catalogueActions } from './actions.ts';

/** Why an action is worth asking about. */
export type ActionCategory =
  /** Part of a known path by which a principal gains more than it was given. */
  | 'escalation'
  /** Changes what a principal may do by itself. */
  | 'privilegeEscalation'
  /** Hands out a secret, a token or another way to authenticate. */
  | 'credentialExposure';

export interface CatalogueAction {
  /** As AWS writes it: `service:Action`. */
  readonly action: string;
  readonly categories: readonly ActionCategory[];
}

/** Sorted by name, each action once whatever its case. */
export const catalogue: readonly CatalogueAction[] = catalogueActions;

const categoriesByAction = new Map(catalogue.map(({ action, categories }) => [action.toLowerCase(), categories]));

/** Empty for an action that is not in the catalogue. */
export const categoriesOf = (action: string): readonly ActionCategory[] =>
  categoriesByAction.get(action.toLowerCase()) ?? [];

let version: Promise<string> | null = null;

/** Changes whenever what is asked changes: decisions made with another catalogue are not carried forward. */
export function catalogueVersion(): Promise<string> {
  version ??= sha256Hex(JSON.stringify(catalogue.map(({ action }) => action.toLowerCase()))).then((hash) =>
    hash.slice(0, 16),
  );
  return version;
}
