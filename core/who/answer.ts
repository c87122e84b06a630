import type { AllowedPrincipal } from '../contract/answers/permission.ts';
import type { Decision, PrincipalRecord } from '../contract/evidence.ts';
import { abilityOf } from '../access/abilities/abilities.ts';
import { useOf } from '../findings/use/usage.ts';
import { wildcardPattern } from '../policies/wildcards.ts';
import { CONTENT_OF } from './not-granted.ts';
import { isAboutAssuming, type EvaluatedAnswer, type Question } from './question.ts';

export type Answer =
  | { readonly kind: 'can'; readonly principal: AllowedPrincipal }
  | { readonly kind: 'cannot' }
  | { readonly kind: 'unknown'; readonly reason: string };

const CANNOT: Answer = { kind: 'cannot' };

/** At most this many narrower resources are simulated for an action, so there may be more. */
const MOST_SIMULATED = 10;

/**
 * Whether one principal can perform the action. A simulated decision has priority over the evaluation of the policies.
 * @param isSimulated whether the catalogue has the action, so that it was simulated for every principal
 * @param evaluated null if the run stored no policies
 * @param knowsServiceControl whether the evaluation has the SCPs. Then it decides where an SCP denies `*`, because the SCP
 * may name or except resources.
 */
export function answerOf(
  record: PrincipalRecord,
  evaluated: EvaluatedAnswer | null,
  question: Question,
  isSimulated: boolean,
  knowsServiceControl = false,
): Answer {
  if (record.status === 'FAILED') return { kind: 'unknown', reason: problemOf(record) };
  if (isAboutAssuming(question)) return toAssume(record, evaluated, question, knowsServiceControl);
  if (!isSimulated) return byEvaluation(record, evaluated, question);
  const decision = decisionOf(record, question.action);
  const ability = abilityOf(record, question.action);
  if (ability.kind === 'unknown') return byEvaluation(record, evaluated, question);
  // No decision: no Allow matches the action.
  if (decision === null) return CANNOT;
  if (isDeniedByOrganizations(decision)) {
    return knowsServiceControl && evaluated !== null ? byEvaluation(record, evaluated, question) : CANNOT;
  }
  if (decides(evaluated, decision, knowsServiceControl)) return byEvaluation(record, evaluated, question);
  if (question.resource !== null) return onResource(record, decision, evaluated, question, question.resource);
  if (ability.kind === 'able') {
    // The simulation asked about `*`, to which a Deny of every ARN does not apply.
    const isEverywhere = ability.resources === null && ability.conditions.length === 0;
    if (isEverywhere && evaluated?.kind === 'notGranted') return CANNOT;
    return canDo(record, question, 'simulation', ability.resources, ability.conditions, evaluated);
  }
  // The boundary may allow resources that only it names.
  return (mayAllowOthers(decision) || decision.allowedByBoundary === false) && evaluated?.kind === 'granted'
    ? byEvaluation(record, evaluated, question)
    : CANNOT;
}

/**
 * Whether the policies decide what the simulation left open for want of condition keys: some are known, or the caller
 * chooses them, and some conditions exclude each other.
 */
const decides = (evaluated: EvaluatedAnswer | null, decision: Decision, knowsServiceControl: boolean): boolean =>
  decision.missingContext.length > 0 &&
  (knowsServiceControl || decision.allowedByOrganizations === null) &&
  evaluated !== null &&
  evaluated.kind !== 'unknown' &&
  !(evaluated.kind === 'granted' && evaluated.conditions.some((one) => one.startsWith(CONTENT_OF)));

/**
 * A simulation does not consider trust policies, so the evaluation decides, which does. But a denial by an SCP that the
 * simulation found applies also to a role whose trust policy names the principal.
 */
function toAssume(
  record: PrincipalRecord,
  evaluated: EvaluatedAnswer | null,
  question: Question,
  knowsServiceControl: boolean,
): Answer {
  const decision = decisionOf(record, question.action);
  if (!knowsServiceControl && decision !== null && isDeniedByOrganizations(decision)) return CANNOT;
  if (evaluated !== null) return byEvaluation(record, evaluated, question);
  return { kind: 'unknown', reason: 'This run stored no policies, so trust policies are not known.' };
}

const isDeniedByOrganizations = ({ allowedByOrganizations, missingContext }: Decision): boolean =>
  allowedByOrganizations === false && missingContext.length === 0;

/** A Deny for `*` may not apply to some resources, and only a limited number of resources is simulated. */
const mayAllowOthers = ({ decision, resources }: Decision): boolean =>
  decision === 'explicitDeny' || resources.length >= MOST_SIMULATED;

function onResource(
  record: PrincipalRecord,
  decision: Decision,
  evaluated: EvaluatedAnswer | null,
  question: Question,
  resource: string,
): Answer {
  const { missingContext } = decision;
  const simulated = decision.resources.find(({ arn }) => arn === resource);
  if (simulated !== undefined) {
    if (simulated.decision !== 'allowed' && missingContext.length === 0) return CANNOT;
    return canDo(record, question, 'simulation', null, missingContext, evaluated);
  }
  const everywhere = decision.decision === 'allowed';
  if (evaluated !== null && evaluated.kind !== 'unknown') {
    if (evaluated.kind === 'notGranted') return CANNOT;
    return everywhere
      ? canDo(record, question, 'simulation', null, missingContext, evaluated)
      : byEvaluation(record, evaluated, question);
  }
  if (everywhere) return canDo(record, question, 'simulation', null, missingContext, evaluated);
  const within = decision.resources.flatMap(({ arn, decision: kind }) =>
    kind === 'allowed' && wildcardPattern(arn)(resource) ? [arn] : [],
  );
  if (within.length > 0) return canDo(record, question, 'simulation', within, missingContext, evaluated);
  if (missingContext.length > 0) return canDo(record, question, 'simulation', null, missingContext, evaluated);
  if (!mayAllowOthers(decision)) return CANNOT;
  return { kind: 'unknown', reason: 'This resource was not simulated, and the principal’s policies are not known.' };
}

function byEvaluation(record: PrincipalRecord, evaluated: EvaluatedAnswer | null, question: Question): Answer {
  if (evaluated === null)
    return { kind: 'unknown', reason: 'The action was not simulated, and this run stored no policies.' };
  if (evaluated.kind === 'unknown') return evaluated;
  if (evaluated.kind === 'notGranted') return CANNOT;
  return canDo(record, question, 'evaluation', evaluated.resources, evaluated.conditions, evaluated);
}

const canDo = (
  record: PrincipalRecord,
  { action }: Question,
  basis: AllowedPrincipal['basis'],
  resources: readonly string[] | null,
  conditions: readonly string[],
  evaluated: EvaluatedAnswer | null,
): Answer => ({
  kind: 'can',
  principal: {
    accountId: record.accountId,
    principalArn: record.arn,
    how: conditions.length === 0 ? 'allowed' : 'conditional',
    basis: record.permissions.source === 'evaluated' ? 'evaluation' : basis,
    resources,
    conditions,
    grounds: evaluated === null ? null : evaluated.kind === 'granted' ? evaluated.grounds : [],
    lastUsed: useOf(record, action),
  },
});

const decisionOf = ({ permissions }: PrincipalRecord, action: string): Decision | null =>
  permissions.decisions.find((one) => one.action.toLowerCase() === action.toLowerCase()) ?? null;

const problemOf = ({ problems: [first] }: PrincipalRecord): string =>
  first === undefined ? 'Its evidence could not be read.' : `${first.code}: ${first.message}`;
