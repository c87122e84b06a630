import type { PrincipalRecord } from '../contract/evidence.ts';
import { catalogue } from '../evidence/catalogue/catalogue.ts';
import { abilityOf } from './abilities.ts';

/** Whether an action is sensitive by itself, and not only as a step of a path. */
export type SensitiveCategory = 'privilegeEscalation' | 'credentialExposure';

export interface SensitivePermission {
  readonly action: string;
  /** The worse of the two. */
  readonly category: SensitiveCategory;
  readonly isConditional: boolean;
}

const sensitiveActions = catalogue.flatMap(({ action, categories }): [string, SensitiveCategory][] => {
  if (categories.includes('privilegeEscalation')) return [[action, 'privilegeEscalation']];
  return categories.includes('credentialExposure') ? [[action, 'credentialExposure']] : [];
});

/** What a principal can do that is sensitive, under conditions too. */
export const sensitivePermissionsOf = (record: PrincipalRecord): SensitivePermission[] =>
  record.permissions.decisions.length === 0
    ? []
    : sensitiveActions.flatMap(([action, category]) => {
        const ability = abilityOf(record, action);
        return ability.kind === 'able' ? [{ action, category, isConditional: ability.conditions.length > 0 }] : [];
      });
