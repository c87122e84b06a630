import { isPresentBoundary } from '../evaluation/action-keys.ts';
import { plainText, substitute, type ConditionContext, type KeyValue } from '../evaluation/condition-context.ts';
import {
  everyPolicy,
  permissionTo,
  type Parts,
  type PrincipalPolicies,
  type Verdict,
} from '../evaluation/permissions.ts';
import { isRequestTag, taggingAction } from '../evaluation/tags-on-creation.ts';
import { allOf, keysOf, weightOf } from '../evaluation/truth.ts';
import type { AccountAccess } from './account-access.ts';
import type { PrincipalNode } from './node.ts';

/** A key of a request, in lower case, with its value. Null: not given, so the caller's own value counts. */
export type ExtraKeys = (key: string) => KeyValue | null;

const noExtra: ExtraKeys = () => null;

/** Asks a request's keys for the boundary that its user or role has. No condition can name this key. */
const PRESENT_BOUNDARY = 'the present permissions boundary';

export const policiesOf = (account: AccountAccess, { policies }: PrincipalNode): PrincipalPolicies => ({
  ...policies,
  serviceControl: account.facts.serviceControl,
});

const NOT_ALLOWED: Verdict = { truth: false, grounds: [] };

/** Whether a principal may send a request, by its policies and by the simulation. */
export function mayDo(
  account: AccountAccess,
  node: PrincipalNode,
  action: string,
  resource: string,
  extra: ExtraKeys = noExtra,
  parts?: Parts,
): Verdict {
  if (parts === undefined && account.isRefused(node, action)) return NOT_ALLOWED;
  account.work.count();
  const { partition } = account.facts;
  const request = { action, resource, partition };
  const context = contextFor(account, node, withPresentBoundary(account, action, resource, extra));
  const policies = policiesOf(account, node);
  const own = withTags(
    account,
    node,
    request,
    context,
    permissionTo(account.evaluator, policies, request, context, parts),
  );
  const { service } = account;
  if (service === null || own.truth === true || parts !== undefined || !service.sends.has(action)) return own;
  const ofService: ConditionContext = (key) => service.keys.get(key) ?? context(key);
  const sent = permissionTo(account.evaluator, policies, request, ofService);
  const needed = service.sends.get(action) ?? null;
  const other = needed === null || sent.truth === false ? null : mayDoSomewhere(account, node, needed);
  const truth = other === null ? sent.truth : allOf([sent.truth, other.truth]);
  return weightOf(truth) < weightOf(own.truth) ? { truth, grounds: sent.grounds } : own;
}

/** A request whose tags the policies ask for also needs the action that sets them. */
function withTags(
  account: AccountAccess,
  node: PrincipalNode,
  request: { readonly action: string; readonly resource: string; readonly partition: string },
  context: ConditionContext,
  tagged: Verdict,
): Verdict {
  const action = request.action.toLowerCase();
  const tagging = tagged.truth === false ? null : taggingAction(action);
  const policies = policiesOf(account, node);
  if (tagging === null || !account.evaluator.namesKey(everyPolicy(policies), action, isRequestTag)) return tagged;
  const untagged = permissionTo(account.evaluator, policies, request, (key) =>
    isRequestTag(key) ? 'absent' : context(key),
  );
  if (weightOf(untagged.truth) <= weightOf(tagged.truth)) return untagged;
  const [, name = ''] = request.action.split(':');
  const tags = permissionTo(account.evaluator, policies, { ...request, action: tagging }, (key) =>
    key === 'ec2:createaction' ? [name] : context(key),
  );
  const both = { truth: allOf([tagged.truth, tags.truth]), grounds: [...tagged.grounds, ...tags.grounds] };
  return weightOf(both.truth) < weightOf(untagged.truth) ? both : untagged;
}

/** Some actions compare the boundary that the user or role has, which the caller does not choose. */
function withPresentBoundary(account: AccountAccess, action: string, resource: string, extra: ExtraKeys): ExtraKeys {
  const lower = action.toLowerCase();
  return (key) => {
    const given = extra(key);
    if (given !== null || !isPresentBoundary(key, lower)) return given;
    const target = account.principal(resource);
    return extra(PRESENT_BOUNDARY) ?? (target === null ? null : presentBoundary(target));
  };
}

function presentBoundary({ boundaryArn, policies }: PrincipalNode): KeyValue {
  if (boundaryArn !== null) return [boundaryArn];
  return policies.boundary === null ? 'absent' : 'unknown';
}

export function contextFor(account: AccountAccess, node: PrincipalNode, extra: ExtraKeys): ConditionContext {
  const own = account.ownKeys(node);
  return (key) => {
    const given = extra(key);
    if (given !== null || !key.startsWith('aws:resourceorg')) return given ?? own(key);
    const of = extra('aws:resourceaccount');
    return of === null || (Array.isArray(of) && of[0] === node.accountId) ? own(key) : 'unknown';
  };
}

const tagsByNode = new WeakMap<PrincipalNode, ReadonlyMap<string, string>>();

/** The tags of a user or role by their keys in lower case: IAM compares tag keys so. */
export function tagsOf(node: PrincipalNode): ReadonlyMap<string, string> {
  const known = tagsByNode.get(node);
  if (known !== undefined) return known;
  const tags = new Map(Object.entries(node.tags).map(([key, value]) => [key.toLowerCase(), value]));
  tagsByNode.set(node, tags);
  return tags;
}

/** The keys of a request about a user or role: its tags and account. */
export function resourceKeys(target: PrincipalNode, more: ExtraKeys = noExtra): ExtraKeys {
  const tags = tagsOf(target);
  return (key) => {
    const given = more(key);
    if (given !== null) return given;
    if (key === 'aws:resourceaccount') return [target.accountId];
    if (key === PRESENT_BOUNDARY) return presentBoundary(target);
    const name = /^(?:aws|iam):resourcetag\/(.*)$/.exec(key)?.[1];
    if (name === undefined) return null;
    const tag = tags.get(name);
    return tag === undefined ? 'absent' : [tag];
  };
}

/** The keys of a request about a group: IAM has no tags of groups. */
export const groupKeys =
  (accountId: string, more: ExtraKeys = noExtra): ExtraKeys =>
  (key) => {
    if (key === 'aws:resourceaccount') return [accountId];
    return /^(?:aws|iam):resourcetag\//.test(key) ? 'absent' : more(key);
  };

/**
 * Whether a principal may do an action on some resource of its account that it may choose or create, such as a new
 * function. Resources that its Allow statements name are tried.
 */
export function mayDoSomewhere(
  account: AccountAccess,
  node: PrincipalNode,
  action: string,
  extra: ExtraKeys = noExtra,
): Verdict & { readonly isNarrow: boolean } {
  let best = { ...NOT_ALLOWED, isNarrow: false };
  if (account.isRefused(node, action)) return best;
  for (const resource of resourcesToTry(account, node, action)) {
    const verdict = { ...mayDo(account, node, action, resource, extra), isNarrow: resource !== '*' };
    if (verdict.truth === true) return verdict;
    if (
      verdict.truth !== false &&
      keysOf(verdict.truth).length < (best.truth === false ? Infinity : keysOf(best.truth).length)
    )
      best = verdict;
  }
  return best;
}

/**
 * The resource patterns that a principal's Allow statements name for an action, with its own variables replaced, and a
 * variable whose value is not known by `*`.
 */
export function allowedPatterns(account: AccountAccess, node: PrincipalNode, action: string): string[] {
  const own = account.ownKeys(node);
  return account.evaluator
    .allowedPatterns(node.policies.identity, action.toLowerCase())
    .flatMap((pattern) => possiblePattern(pattern, own) ?? []);
}

/** A pattern with its variables replaced. Null: it matches nothing. */
export function possiblePattern(pattern: string, context: ConditionContext): string | null {
  const substituted = substitute(pattern, context);
  if (substituted.kind === 'none') return null;
  return substituted.kind === 'text' ? plainText(substituted.text) : pattern.replace(/\$\{[^}]*\}/g, '*');
}

const MOST_RESOURCES = 20;

/** `*` if an Allow names all resources, and an ARN that each other pattern matches. */
function resourcesToTry(account: AccountAccess, node: PrincipalNode, action: string): string[] {
  const { accountId, partition } = account.facts;
  const patterns = allowedPatterns(account, node, action);
  const samples = patterns.flatMap((pattern) => sampleArn(pattern, accountId, partition) ?? []);
  return [...new Set(samples)].sort().slice(0, MOST_RESOURCES);
}

/** An ARN in the account that a pattern matches; null if it matches none there. A variable may have any value. */
export function sampleArn(pattern: string, accountId: string, partition: string): string | null {
  const plain = pattern.replace(/\$\{[^}]*\}/g, 'x');
  if (/^\*+$/.test(plain)) return '*';
  const parts = plain.split(':');
  while (parts.length < 6 && parts.at(-1)?.endsWith('*') === true) parts.push('*');
  const [, itsPartition = '', service = '', region = '', account = '', ...resource] = parts;
  if (account !== '' && !/[*?]/.test(account) && account !== accountId && account !== 'aws') return null;
  const filled = (part: string, value: string): string => (/[*?]/.test(part) ? value : part);
  return [
    'arn',
    filled(itsPartition, partition),
    filled(service, 'x'),
    filled(region, 'us-east-1'),
    account === '' ? '' : filled(account, accountId),
    resource.join(':').replaceAll('*', 'x').replaceAll('?', 'x'),
  ].join(':');
}

/** Whether the answer about an action may differ between two resources, or between two principals with the same policies. */
export function dependence(
  account: AccountAccess,
  node: PrincipalNode,
  action: string,
): { readonly resource: boolean; readonly context: boolean } {
  return account.evaluator.dependsOn(everyPolicy(policiesOf(account, node)), action.toLowerCase());
}
