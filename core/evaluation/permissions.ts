import { bestChoice, type Chosen } from './best-choice.ts';
import type { ConditionContext } from './condition-context.ts';
import { globalRegion, isChosenIn, isGlobalService, valuesToTry } from './chosen-keys.ts';
import { isKeyOfResource, isPresentBoundary, mayHaveKey } from './action-keys.ts';
import type { Ground } from '../contract/answers/permission.ts';
import type { NamedPolicy, PolicyAnswer, PolicyEvaluator } from './policy-set.ts';
import { everyChoice, possibleValues, type PlacedClause } from './possible-values.ts';
import { allOf, isUnknown, keysOf, negated, type Truth } from './truth.ts';

/** The policies that decide about a principal's requests. */
export interface PrincipalPolicies {
  readonly identity: readonly NamedPolicy[];
  /** Null: it has no permissions boundary. */
  readonly boundary: NamedPolicy | null;
  /** Service control policies, level by level from the root to the account. Null: not known, or none apply. */
  readonly serviceControl: readonly (readonly NamedPolicy[])[] | null;
}

export interface Verdict {
  readonly truth: Truth;
  /** The identity policies' Allow statements that decide. */
  readonly grounds: readonly Ground[];
}

/** A part of the policies to which a request is compared. */
export interface Parts {
  /** False if a resource policy grants the request, so that no identity policy has to allow it. */
  readonly needsIdentity: boolean;
  /** False if an implicit deny of the boundary does not limit the grant of a resource policy. */
  readonly needsBoundary: boolean;
}

const ALL_PARTS: Parts = { needsIdentity: true, needsBoundary: true };

/**
 * Whether a principal may send a request (IAM User Guide, "Policy evaluation logic"). For keys that the caller chooses,
 * values are tried, and the best answer counts.
 * @param context keys of the request besides the chosen ones
 */
export function permissionTo(
  evaluator: PolicyEvaluator,
  policies: PrincipalPolicies,
  request: { readonly action: string; readonly resource: string; readonly partition: string },
  context: ConditionContext,
  parts: Parts = ALL_PARTS,
): Verdict {
  const action = request.action.toLowerCase();
  const namespace = action.split(':')[0] ?? '';
  const ask = (chosen: Chosen): Verdict => {
    const withChosen: ConditionContext = (key) => {
      if (!isKeyOfResource(key, action, request.resource)) return 'absent';
      const value = chosen.get(key) ?? context(key);
      if (value === 'unknown' && !mayHaveKey(key, action)) return 'absent';
      // iam:PassRole is checked in the request of the service that gets the role.
      const isGlobal = isGlobalService(namespace) && action !== 'iam:passrole';
      if (value !== 'unknown' || key !== 'aws:requestedregion' || !isGlobal) return value;
      return [globalRegion(request.partition)];
    };
    return answer(evaluator, policies, { action, resource: request.resource, context: withChosen }, parts);
  };
  const named = (key: string): string[] => evaluator.namedValues(everyPolicy(policies), action, key);
  const best = bestChoice(ask, (key) =>
    context(key) !== 'unknown' || isPresentBoundary(key, action) || !isChosenIn(key, action)
      ? []
      : valuesToTry(key, named(key), request.partition, context),
  );
  const clauses = (key: string): PlacedClause[] => evaluator.clausesOn(everyPolicy(policies), action, key);
  return isUnknown(best.truth) && isContradiction((chosen) => ask(chosen).truth, clauses, context)
    ? { truth: false, grounds: [] }
    : best;
}

/** At most this many choices of values are tried. */
const MOST_CHOICES = 150;

/**
 * Whether no values of the keys on which an answer depends make it true: conditions of an Allow and of a Deny may exclude
 * each other.
 */
function isContradiction(
  ask: (chosen: Chosen) => Truth,
  clauses: (key: string) => readonly PlacedClause[],
  context: ConditionContext,
): boolean {
  const keys = new Map(keysOf(ask(new Map())).map((key) => [key, clauses(key)]));
  // A condition alone excludes nothing.
  if (![...keys.values()].some(({ length }) => length > 1)) return false;
  const values = [...keys].map(([key, ofKey]) => [key, possibleValues(ofKey, context)] as const);
  const choices = everyChoice(new Map(values.filter(([, ofKey]) => ofKey !== null)), MOST_CHOICES);
  return choices !== null && choices.every((chosen) => ask(chosen) === false);
}

function answer(
  evaluator: PolicyEvaluator,
  { identity, boundary, serviceControl }: PrincipalPolicies,
  request: { readonly action: string; readonly resource: string; readonly context: ConditionContext },
  { needsIdentity, needsBoundary }: Parts,
): Verdict {
  const own = evaluator.evaluate(identity, request);
  const truths: Truth[] = needsIdentity ? [negated(own.denied), own.allowed] : [negated(own.denied)];
  if (boundary !== null && !truths.includes(false)) {
    const within = evaluator.evaluate([boundary], request);
    truths.push(negated(within.denied));
    if (needsBoundary) truths.push(within.allowed);
  }
  for (const level of serviceControl ?? []) {
    if (truths.includes(false)) break;
    truths.push(allowedAt(evaluator.evaluate(level, request)));
  }
  return { truth: allOf(truths), grounds: needsIdentity ? own.grounds : [] };
}

const allowedAt = ({ allowed, denied }: PolicyAnswer): Truth => allOf([allowed, negated(denied)]);

export const everyPolicy = ({ identity, boundary, serviceControl }: PrincipalPolicies): NamedPolicy[] => [
  ...identity,
  ...(boundary === null ? [] : [boundary]),
  ...(serviceControl ?? []).flat(),
];
