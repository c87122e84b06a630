import { isPresentBoundary } from '../evaluation/action-keys.ts';
import { plainText, substitute, type ConditionContext } from '../evaluation/condition-context.ts';
import { operatorOf } from '../evaluation/condition-operators.ts';
import { conditionsTruth } from '../evaluation/conditions.ts';
import { everyPolicy } from '../evaluation/permissions.ts';
import type { ConditionClause, PolicyStatement } from '../policies/statements.ts';
import { wildcardPattern } from '../policies/wildcards.ts';
import type { AccountAccess } from './account-access.ts';
import { viewsMatching } from './abilities/resource-coverage.ts';
import type { PrincipalNode } from './node.ts';
import { contextFor, policiesOf, possiblePattern, tagsOf, type ExtraKeys } from './requests.ts';
import { resourceTagOf } from './tag-rules.ts';

const isOfTarget = (key: string, action: string): boolean =>
  key === 'aws:resourceaccount' || resourceTagOf(key) !== null || isPresentBoundary(key, action.toLowerCase());

/** The keys of the principal's own requests, and of those that the account's service sends for it. */
function contextsFor(
  account: AccountAccess,
  node: PrincipalNode,
  action: string,
  extra: ExtraKeys,
): readonly [ConditionContext, ...ConditionContext[]] {
  const own = contextFor(account, node, extra);
  const { service } = account;
  if (service === null || !service.sends.has(action)) return [own];
  return [own, (key) => service.keys.get(key) ?? own(key)];
}

const neverHold = (
  conditions: readonly ConditionClause[],
  hasVariables: boolean,
  contexts: readonly ConditionContext[],
): boolean => contexts.every((context) => conditionsTruth(conditions, hasVariables, context) === false);

/**
 * The candidates that an Allow statement of a principal may mean, by their ARNs and tags. The others need not be
 * evaluated: an account may have thousands of principals, each with a statement for a few tagged targets.
 * @param candidates sorted by ARN, as the answer
 */
export function possibleTargets(
  account: AccountAccess,
  node: PrincipalNode,
  { action, extra = () => null }: { readonly action: string; readonly extra?: ExtraKeys },
  candidates: readonly PrincipalNode[],
): readonly PrincipalNode[] {
  const contexts = contextsFor(account, node, action, (key) => (isOfTarget(key, action) ? 'unknown' : extra(key)));
  const [context] = contexts;
  const found = new Set<PrincipalNode>();
  for (const { statement, hasVariables } of account.evaluator.statementsAbout(
    node.policies.identity,
    action.toLowerCase(),
  )) {
    const { allows, resources, conditions } = statement;
    if (!allows || resources === null || neverHold(conditions, hasVariables, contexts)) continue;
    const patterns = resources.not
      ? ['*']
      : resources.patterns.flatMap((pattern) => possiblePattern(pattern, context) ?? []);
    const tagged = taggedAsNeeded(conditions, hasVariables, context, candidates);
    if (tagged === null && patterns.includes('*')) return candidates;
    for (const target of tagged === null ? viewsMatching(candidates, [patterns]) : named(tagged, patterns)) {
      found.add(target);
    }
  }
  return found.size === 0 ? [] : candidates.filter((target) => found.has(target));
}

const RESOURCE_VARIABLE = /\$\{(?:aws|iam):resource/i;

/**
 * What of a target decides whether a principal may do an action on it: its tags and boundary, and which patterns match its ARN. Targets
 * for which this is the same get the same answer.
 * @param isRelevant whether a statement can change the answer
 */
export function decisivePart(
  account: AccountAccess,
  node: PrincipalNode,
  { action, extra = () => null }: { readonly action: string; readonly extra?: ExtraKeys },
  isRelevant: (statement: PolicyStatement) => boolean = () => true,
): (target: PrincipalNode) => string {
  const contexts = contextsFor(account, node, action, (key) => (isOfTarget(key, action) ? 'unknown' : extra(key)));
  const [context] = contexts;
  const tags = new Set<string>();
  let isByBoundary = false;
  const patterns = new Set<string>();
  const policies = everyPolicy(policiesOf(account, node));
  for (const { statement, hasVariables } of account.evaluator.statementsAbout(policies, action.toLowerCase())) {
    const { resources, conditions } = statement;
    if (resources === null || !isRelevant(statement)) continue;
    if (neverHold(conditions, hasVariables, contexts)) continue;
    const texts = [...resources.patterns, ...conditions.flatMap(({ values }) => values)];
    if (texts.some((text) => RESOURCE_VARIABLE.test(text))) return ({ arn }) => arn;
    for (const pattern of resources.patterns) {
      const known = pattern.includes('${') && hasVariables ? substitute(pattern, context) : null;
      if (known?.kind === 'unknown') return ({ arn }) => arn;
      if (known?.kind !== 'none') patterns.add(known === null ? pattern : plainText(known.text));
    }
    for (const { key } of conditions) {
      const tag = resourceTagOf(key);
      if (tag !== null) tags.add(tag);
      isByBoundary ||= isPresentBoundary(key, action.toLowerCase());
    }
  }
  const matchers = [...patterns].flatMap((pattern) => (pattern === '*' ? [] : [wildcardPattern(pattern)]));
  return (target) => {
    const own = tagsOf(target);
    let text = isByBoundary ? `${target.accountId} ${target.boundaryArn ?? '-'} ` : target.accountId;
    for (const matches of matchers) text += matches(target.arn) ? '1' : '0';
    for (const tag of tags) {
      const value = own.get(tag);
      text += value === undefined ? ' -' : ` ${value.length} ${value}`;
    }
    return text;
  };
}

function named(targets: readonly PrincipalNode[], patterns: readonly string[]): readonly PrincipalNode[] {
  if (patterns.includes('*')) return targets;
  const matchers = patterns.map(wildcardPattern);
  return targets.filter(({ arn }) => matchers.some((matches) => matches(arn)));
}

/** The fewest targets to which a condition on a tag limits a statement; null: no condition does. */
function taggedAsNeeded(
  conditions: readonly ConditionClause[],
  hasVariables: boolean,
  context: ConditionContext,
  candidates: readonly PrincipalNode[],
): readonly PrincipalNode[] | null {
  let fewest: readonly PrincipalNode[] | null = null;
  for (const { operator, key, values } of conditions) {
    const tag = resourceTagOf(key);
    const read = tag === null ? null : operatorOf(operator);
    // Other operators also hold for targets without the tag.
    if (tag === null || read === null || read.kind !== 'compare') continue;
    if (read.isNegated || read.ifExists || read.quantifier === 'all') continue;
    const expected = values.map((value) =>
      hasVariables ? substitute(value, context) : { kind: 'text' as const, text: value },
    );
    const byValue = valuesIn(candidates, tag);
    const targets =
      operator === 'stringequals' && expected.every(({ kind }) => kind !== 'unknown')
        ? [...new Set(expected.flatMap((one) => (one.kind === 'text' ? [plainText(one.text)] : [])))].flatMap(
            (value) => byValue.get(value) ?? [],
          )
        : [...byValue].flatMap(([value, those]) =>
            expected.some((one) => one.kind === 'unknown' || (one.kind === 'text' && read.compare(one.text, value)))
              ? those
              : [],
          );
    if (fewest === null || targets.length < fewest.length) fewest = targets;
  }
  return fewest;
}

/** Many principals are asked about the same lists of targets. */
const indexes = new WeakMap<readonly PrincipalNode[], Map<string, ReadonlyMap<string, readonly PrincipalNode[]>>>();

/** The targets with a tag, by its value. */
function valuesIn(candidates: readonly PrincipalNode[], tag: string): ReadonlyMap<string, readonly PrincipalNode[]> {
  const ofList = indexes.get(candidates) ?? new Map<string, ReadonlyMap<string, readonly PrincipalNode[]>>();
  indexes.set(candidates, ofList);
  const known = ofList.get(tag);
  if (known !== undefined) return known;
  const byValue = new Map<string, PrincipalNode[]>();
  for (const target of candidates) {
    const value = tagsOf(target).get(tag);
    if (value === undefined) continue;
    const those = byValue.get(value);
    if (those === undefined) byValue.set(value, [target]);
    else those.push(target);
  }
  ofList.set(tag, byValue);
  return byValue;
}
