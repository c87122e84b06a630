import type { Decision, PrincipalRecord } from '../contract/evidence.ts';
import { abilityOf } from '../access/abilities/abilities.ts';
import { useOf, type Use } from '../findings/use/usage.ts';
import { wildcardPattern } from '../policies/wildcards.ts';
import type { GrantingStatement, Question, TextAnswer } from './policy-text.ts';

/** A principal that can perform the action. */
export interface AllowedPrincipal {
  readonly accountId: string;
  readonly principalArn: string;
  readonly how: 'allowed' | 'conditional';
  /** Whether the answer comes from SimulatePrincipalPolicy or only from the policy text. */
  readonly basis: 'simulation' | 'policyText';
  /** ARNs with wildcards; null: every resource, or the resource in the question. */
  readonly resources: readonly string[] | null;
  /** Condition keys that could not be evaluated. */
  readonly conditions: readonly string[];
  /** Statements that grant the action; null if the run stored no policies. */
  readonly policies: readonly GrantingStatement[] | null;
  readonly lastUsed: Use;
}

export type Answer =
  | { readonly kind: 'can'; readonly principal: AllowedPrincipal }
  | { readonly kind: 'cannot' }
  | { readonly kind: 'unknown'; readonly reason: string };

const CANNOT: Answer = { kind: 'cannot' };

/** At most this many narrower resources are simulated for an action, so there may be more. */
const MOST_SIMULATED = 10;

/**
 * Whether one principal can perform the action. A simulated decision has priority over the policy text.
 * @param isSimulated whether the catalogue has the action, so that it was simulated for every principal
 * @param text null if the run stored no policies
 */
export function answerOf(
  record: PrincipalRecord,
  text: TextAnswer | null,
  question: Question,
  isSimulated: boolean,
): Answer {
  if (record.status === 'FAILED') return { kind: 'unknown', reason: problemOf(record) };
  if (!isSimulated) return byText(record, text, question);
  const decision = decisionOf(record, question.action);
  const ability = abilityOf(record, question.action);
  if (ability.kind === 'unknown') return byText(record, text, question);
  // No decision: no Allow matches the action. A denial by an SCP applies to every resource unless a condition key was
  // missing.
  if (decision === null) return CANNOT;
  if (decision.allowedByOrganizations === false && decision.missingContext.length === 0) return CANNOT;
  if (question.resource !== null) return onResource(record, decision, text, question, question.resource);
  if (ability.kind === 'able') {
    return canDo(record, question, 'simulation', ability.resources, ability.conditions, text);
  }
  return mayAllowOthers(decision) && decision.allowedByBoundary !== false && text?.kind === 'granted'
    ? byText(record, text, question)
    : CANNOT;
}

/** A Deny for `*` may not apply to some resources, and only a limited number of resources is simulated. */
const mayAllowOthers = ({ decision, resources }: Decision): boolean =>
  decision === 'explicitDeny' || resources.length >= MOST_SIMULATED;

function onResource(
  record: PrincipalRecord,
  decision: Decision,
  text: TextAnswer | null,
  question: Question,
  resource: string,
): Answer {
  const { missingContext } = decision;
  const simulated = decision.resources.find(({ arn }) => arn === resource);
  if (simulated !== undefined) {
    if (simulated.decision !== 'allowed' && missingContext.length === 0) return CANNOT;
    return canDo(record, question, 'simulation', null, missingContext, text);
  }
  const everywhere = decision.decision === 'allowed';
  if (text !== null && text.kind !== 'unknown') {
    if (text.kind === 'notGranted') return CANNOT;
    return everywhere
      ? canDo(record, question, 'simulation', null, missingContext, text)
      : byText(record, text, question);
  }
  if (everywhere) return canDo(record, question, 'simulation', null, missingContext, text);
  const within = decision.resources.flatMap(({ arn, decision: kind }) =>
    kind === 'allowed' && wildcardPattern(arn)(resource) ? [arn] : [],
  );
  if (within.length > 0) return canDo(record, question, 'simulation', within, missingContext, text);
  if (missingContext.length > 0) return canDo(record, question, 'simulation', null, missingContext, text);
  if (!mayAllowOthers(decision)) return CANNOT;
  return { kind: 'unknown', reason: 'This resource was not simulated, and the principal’s policies are not known.' };
}

function byText(record: PrincipalRecord, text: TextAnswer | null, question: Question): Answer {
  if (text === null)
    return { kind: 'unknown', reason: 'The action was not simulated, and this run stored no policies.' };
  if (text.kind === 'unknown') return text;
  if (text.kind === 'notGranted') return CANNOT;
  return canDo(record, question, 'policyText', text.resources, text.conditions, text);
}

const canDo = (
  record: PrincipalRecord,
  { action }: Question,
  basis: AllowedPrincipal['basis'],
  resources: readonly string[] | null,
  conditions: readonly string[],
  text: TextAnswer | null,
): Answer => ({
  kind: 'can',
  principal: {
    accountId: record.accountId,
    principalArn: record.arn,
    how: conditions.length === 0 ? 'allowed' : 'conditional',
    basis,
    resources,
    conditions,
    policies: text === null ? null : text.kind === 'granted' ? text.by : [],
    lastUsed: useOf(record, action),
  },
});

const decisionOf = ({ permissions }: PrincipalRecord, action: string): Decision | null =>
  permissions.decisions.find((one) => one.action.toLowerCase() === action.toLowerCase()) ?? null;

const problemOf = ({ problems: [first] }: PrincipalRecord): string =>
  first === undefined ? 'Its evidence could not be read.' : `${first.code}: ${first.message}`;
