import type { AllowedPrincipal, Ground, Use } from '../core/contract/answers/permission.ts';
import { shortened } from './table.ts';

/** Whether an action is allowed, on which resources and under which conditions. */
export function accessOf({
  resources,
  conditions,
  basis,
}: Pick<AllowedPrincipal, 'resources' | 'conditions' | 'basis'>): string {
  const where = resources === null ? 'yes' : `on ${shortened(resources)}`;
  const when = conditions.length === 0 ? '' : `, if ${shortened(conditions)}`;
  return `${where}${when}${basis === 'evaluation' ? ' (evaluated)' : ''}`;
}

/** @param grounds null: the run stored no policies */
export function groundsOf(grounds: readonly Ground[] | null): string {
  if (grounds === null) return 'not stored';
  return grounds.length === 0
    ? 'not known'
    : shortened(grounds.map(({ policy, statement }) => `${policy} (${statement})`));
}

export function lastUse(use: Use): string {
  switch (use.kind) {
    case 'at':
      return use.level === 'action' ? use.time : `${use.time} (any action of the service)`;
    case 'never':
      return 'never';
    case 'unknown':
      return 'not known';
  }
}
