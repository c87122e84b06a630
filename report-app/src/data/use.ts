import { isNeverReported } from '../../../core/findings/use/untracked-actions.ts';
import type { Decision, Principal } from './model.ts';

/**
 * Whether a principal used an action. `service`: AWS does not track the action; its service was used. `unknown`: the
 * last-accessed data does not tell.
 */
export type ActionUse =
  { readonly kind: 'used' | 'service'; readonly daysAgo: number } | { readonly kind: 'never' | 'unknown' };

export function useOfAction(principal: Principal, action: string): ActionUse {
  if (principal.lastAccessedStatus !== 'COMPLETE' || isNeverReported(action)) return { kind: 'unknown' };
  const [namespace = '', name = ''] = action.split(':');
  const service = principal.used.find((use) => use.namespace === namespace);
  // AWS lists every service that the policies allow. About others its report says nothing.
  if (service === undefined) {
    return { kind: principal.unused.some(([one]) => one === namespace) ? 'never' : 'unknown' };
  }
  if (service.unusedActions.includes(name)) return { kind: 'never' };
  const daysAgo = service.actions.get(name);
  return daysAgo === undefined ? { kind: 'service', daysAgo: service.daysAgo } : { kind: 'used', daysAgo };
}

/** On what an action is allowed. Null: it is not allowed, or something above the policies stops it. */
export function grantOf({
  decision,
  resources,
  missingContext,
  stopped,
}: Decision): 'everything' | 'some' | 'condition' | null {
  if (decision === 'allowed') return 'everything';
  if (stopped.length > 0) return null;
  if (resources.some(([, one]) => one === 'allowed')) return 'some';
  return missingContext.length > 0 ? 'condition' : null;
}

export const categoryNames: Readonly<Record<string, string>> = {
  privilegeEscalation: 'Permission changes',
  credentialExposure: 'Credentials and secrets',
  escalation: 'Steps of escalation',
};

/** The same for narrow columns. */
export const shortCategoryNames: Readonly<Record<string, string>> = {
  privilegeEscalation: 'Permissions',
  credentialExposure: 'Secrets',
  escalation: 'Escalation',
};

/** The categories of sensitive actions, the most sensitive first. */
export const categoryOrder = ['privilegeEscalation', 'credentialExposure', 'escalation'] as const;

export interface CategoryAccess {
  readonly allowed: number;
  /** Allowed actions of services that the principal used. */
  readonly used: number;
}

/** By category and by service: how many sensitive actions a principal may use, and how many of them it used. */
export function accessOf(principal: Principal): ReadonlyMap<string, CategoryAccess> {
  const access = new Map<string, CategoryAccess>();
  for (const decision of principal.decisions) {
    if (grantOf(decision) === null) continue;
    const use = useOfAction(principal, decision.action).kind;
    const isUsed = use === 'used' || use === 'service';
    const keys = [...decision.categories, `service:${decision.action.split(':')[0] ?? ''}`];
    for (const key of keys) {
      const { allowed, used } = access.get(key) ?? { allowed: 0, used: 0 };
      access.set(key, { allowed: allowed + 1, used: used + (isUsed ? 1 : 0) });
    }
  }
  return access;
}
