import { escalationActions } from './escalation-actions.ts';
import { sensitiveActions } from './sensitive-actions.ts';

/** The reasons why an action is sensitive. */
export type ActionCategory =
  /** Part of a known privilege escalation path. */
  | 'escalation'
  /** Changes a principal's permissions. */
  | 'privilegeEscalation'
  /** Returns a secret, a token or other credentials. */
  | 'credentialExposure';

export interface CatalogueAction {
  /** `service:Action`, spelled as in AWS's documentation. */
  readonly action: string;
  readonly categories: readonly ActionCategory[];
}

const sensitiveByAction = new Map(sensitiveActions.map((one) => [one.action, one]));
const steps = new Set(escalationActions);

/** The actions that the audit checks for every principal, sorted by name, each once. */
export const catalogueActions: readonly CatalogueAction[] = [
  ...new Set([...escalationActions, ...sensitiveByAction.keys()]),
]
  .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
  .map((action) => ({
    action,
    categories: [
      ...(steps.has(action) ? (['escalation'] as const) : []),
      ...(sensitiveByAction.get(action)?.categories ?? []),
    ],
  }));
