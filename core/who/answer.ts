import type { Decision, PrincipalRecord } from '../contract/evidence.ts';
import { abilityOf } from '../findings/abilities/abilities.ts';
import { useOf, type Use } from '../findings/use/usage.ts';
import { wildcardPattern } from '../policies/wildcards.ts';
import type { Granting, Question, TextAnswer } from './policy-text.ts';

/** Somebody who can do it. */
export interface Doer {
  readonly accountId: string;
  readonly principalArn: string;
  readonly how: 'allowed' | 'conditional';
  /** Whether SimulatePrincipalPolicy says so, or only the text of the policies. */
  readonly basis: 'simulation' | 'policyText';
  /** Null: all, or the one that was asked about. Otherwise ARNs with wildcards. */
  readonly resources: readonly string[] | null;
  /** Keys that nobody could judge. */
  readonly conditions: readonly string[];
  /** Statements that grant it; null where the run kept no policies. */
  readonly policies: readonly Granting[] | null;
  readonly lastUsed: Use;
}

export type Answer =
  | { readonly kind: 'can'; readonly doer: Doer }
  | { readonly kind: 'cannot' }
  | { readonly kind: 'unknown'; readonly reason: string };

const CANNOT: Answer = { kind: 'cannot' };

/** As many narrower resources as are simulated of one action: there may be more. */
const MOST_SIMULATED = 10;

/**
 * Whether one principal can do it. What was simulated decides; where it was not, the text of its policies does.
 * @param isSimulated whether the action is one of those that every principal is asked about
 * @param text null: the run kept no policies
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
  // Ruled out: no Allow names it. An organization's no holds for every resource, unless it hangs on a missing key.
  if (decision === null) return CANNOT;
  if (decision.allowedByOrganizations === false && decision.missingContext.length === 0) return CANNOT;
  if (question.resource !== null) return onResource(record, decision, text, question, question.resource);
  if (ability.kind === 'able') {
    return canDo(record, question, 'simulation', ability.resources, ability.conditions, text);
  }
  return leavesMore(decision) && decision.allowedByBoundary !== false && text?.kind === 'granted'
    ? byText(record, text, question)
    : CANNOT;
}

/** A denial of `*` may spare some, or hang on a key; and of narrower resources only so many were asked. */
const leavesMore = ({ decision, resources }: Decision): boolean =>
  decision === 'explicitDeny' || resources.length >= MOST_SIMULATED;

function onResource(
  record: PrincipalRecord,
  decision: Decision,
  text: TextAnswer | null,
  question: Question,
  resource: string,
): Answer {
  const { missingContext } = decision;
  const asked = decision.resources.find(({ arn }) => arn === resource);
  if (asked !== undefined) {
    if (asked.decision !== 'allowed' && missingContext.length === 0) return CANNOT;
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
  if (!leavesMore(decision)) return CANNOT;
  return { kind: 'unknown', reason: 'This resource was not simulated, and its policies are not known.' };
}

function byText(record: PrincipalRecord, text: TextAnswer | null, question: Question): Answer {
  if (text === null) return { kind: 'unknown', reason: 'It was not simulated, and this run kept no policies.' };
  if (text.kind === 'unknown') return text;
  if (text.kind === 'notGranted') return CANNOT;
  return canDo(record, question, 'policyText', text.resources, text.conditions, text);
}

const canDo = (
  record: PrincipalRecord,
  { action }: Question,
  basis: Doer['basis'],
  resources: readonly string[] | null,
  conditions: readonly string[],
  text: TextAnswer | null,
): Answer => ({
  kind: 'can',
  doer: {
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
  first === undefined ? 'Nothing could be read of it.' : `${first.code}: ${first.message}`;
