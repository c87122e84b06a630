import type { PrincipalRecord } from '../../contract/evidence.ts';
import type { Severity } from '../../contract/finding.ts';
import { catalogue, worksAlone } from '../../catalogue/catalogue.ts';
import { listedBriefly } from '../../wording/wording.ts';
import { abilityBy, isAdministrator } from './abilities.ts';
import { sensitivePermissionsOf } from './sensitive-actions.ts';

/** How much harm an attacker who controls a principal can do. */
export type PrivilegeLevel =
  | { readonly kind: 'administrator' }
  /** These actions of the catalogue let it change permissions or obtain credentials. */
  | { readonly kind: 'sensitive'; readonly actions: readonly string[] }
  /** None of those. Actions outside the catalogue, such as reading secrets, are not checked. */
  | { readonly kind: 'ordinary'; readonly allowedActions: number }
  /** No sensitive action is known to be allowed, but some of its permissions could not be read. */
  | { readonly kind: 'unknown' };

/**
 * Only actions allowed without conditions count. An action that changes permissions counts even if it is allowed on
 * some resources only. Passing certain roles or obtaining certain credentials does not count: many programs need
 * it. So do actions that give
 * nothing without something else.
 */
export function privilegeLevelOf(record: PrincipalRecord): PrivilegeLevel {
  if (isAdministrator(record)) return { kind: 'administrator' };
  const actions = sensitivePermissionsOf(record).flatMap(({ action, category, isConditional, isEverywhere }) => {
    if (isConditional) return [];
    // A principal that may pass every role finds a service that runs its code.
    if (action === 'iam:PassRole') return isEverywhere ? [action] : [];
    return worksAlone(action) && (isEverywhere || category === 'privilegeEscalation') ? [action] : [];
  });
  if (actions.length > 0) return { kind: 'sensitive', actions };
  const { status, decisions } = record.permissions;
  if (status !== 'COMPLETE') return { kind: 'unknown' };
  return { kind: 'ordinary', allowedActions: decisions.filter((one) => abilityBy(one).kind === 'able').length };
}

export const isPrivileged = ({ kind }: PrivilegeLevel): boolean => kind === 'administrator' || kind === 'sensitive';

/** A sentence about it. @param subject the first words, if a finding is not about the principal itself */
export function describePrivilegeLevel(level: PrivilegeLevel, subject = 'It'): string {
  switch (level.kind) {
    case 'administrator':
      return `${subject} is an administrator and can give itself any permission.`;
    case 'sensitive':
      return `${subject} can change permissions or obtain credentials with ${listedBriefly(level.actions, 3)}.`;
    case 'ordinary':
      return describeOrdinary(level.allowedActions);
    case 'unknown':
      return 'Some of its permissions could not be read.';
  }
}

function describeOrdinary(allowedActions: number): string {
  const checked = `of the ${catalogue.length} sensitive actions checked`;
  if (allowedActions === 0) return `None ${checked} is allowed.`;
  return (
    `${allowedActions} ${checked} ${allowedActions === 1 ? 'is' : 'are'} allowed. ` +
    'None of them changes permissions, or returns other credentials, without conditions and resource limits.'
  );
}

/** For a finding's evidence. */
export const privilegeLevelEvidence = (level: PrivilegeLevel): Record<string, unknown> => ({
  reach: level.kind,
  ...(level.kind === 'sensitive' ? { sensitiveActions: [...level.actions] } : {}),
});

/** The next lower severity; low stays low. */
export function lowered(severity: Severity): Severity {
  if (severity === 'critical') return 'high';
  return severity === 'high' ? 'medium' : 'low';
}
