import { allOf, keysOf, type Truth } from '../../evaluation/truth.ts';
import type { NamedPolicy } from '../../evaluation/policy-set.ts';
import type { AccountGroup } from '../account-access.ts';
import type { PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { everyPolicy } from '../../evaluation/permissions.ts';
import { wildcardPattern } from '../../policies/wildcards.ts';
import { allowedPatterns, mayDo, policiesOf, sampleArn, type ExtraKeys } from '../requests.ts';
import { uniqueGrounds } from '../target-groups.ts';
import { grantBy, type GrantedChange } from './attach-policy.ts';
import { bestOnly } from './best-ways.ts';
import { anyPolicy } from '../changes/changed-principals.ts';
import type { WayContext } from './way-context.ts';
import type { Way } from './way.ts';

type NewPrincipal = Extract<EscalationPath, { kind: 'new-principal' }>;

const ADD_TO_GROUP = 'iam:AddUserToGroup';
const GRANTS = new Set([
  'iam:AttachRolePolicy',
  'iam:PutRolePolicy',
  'iam:AttachUserPolicy',
  'iam:PutUserPolicy',
  ADD_TO_GROUP,
]);

/** The ways by a role or user that the principal creates with permissions of its choice, or with those of a group. */
export function newPrincipalWays(path: NewPrincipal, node: PrincipalNode, context: WayContext): Way[] {
  const { account } = context;
  if (account.facts.accountId !== node.accountId) return [];
  const groups = path.actions.includes(ADD_TO_GROUP) ? [...account.groups.values()] : [null];
  return bestOnly(groups.flatMap((group) => bestWays(path, node, group, context)));
}

/**
 * The most certain way with each boundary that the new principal may have.
 * @param group to which the new user is added; null: it gets its permissions by another action
 */
function bestWays(path: NewPrincipal, node: PrincipalNode, group: AccountGroup | null, context: WayContext): Way[] {
  // Whether the group may be changed does not depend on the new user, so other answers are not needed if not.
  if (group !== null && mayDo(context.account, node, ADD_TO_GROUP, group.arn).truth === false) return [];
  const names = namesToTry(path, node, context);
  const ways: Way[] = [];
  for (const boundary of boundariesToTry(path, node, context)) {
    let best: Way | null = null;
    for (const arn of names) {
      const one = wayWith(path, node, { arn, boundary, group }, context);
      if (one !== null && (best === null || one.keys.length < best.keys.length)) best = one;
      if (best?.keys.length === 0) break;
    }
    if (best === null) continue;
    ways.push(best);
    // No boundary gives more than none.
    if (boundary === null && best.keys.length === 0) break;
  }
  return ways;
}

interface Choice {
  /** ARN of the new principal. */
  readonly arn: string;
  readonly boundary: NamedPolicy | null;
  readonly group: AccountGroup | null;
}

function wayWith(
  path: NewPrincipal,
  node: PrincipalNode,
  { arn, boundary, group }: Choice,
  context: WayContext,
): Way | null {
  const { account, power, changed } = context;
  // A role that trusts the principal by name needs no identity policy for sts:AssumeRole.
  const needed = path.actions.filter((action) => !GRANTS.has(action));
  const extra: ExtraKeys = (key) => {
    if (key === 'iam:permissionsboundary') return boundary === null ? 'absent' : [boundary.name];
    return key === 'aws:resourceaccount' ? [node.accountId] : null;
  };
  const verdicts = needed.map((action) => mayDo(account, node, action, arn, extra));
  const grants = path.actions
    .filter((action) => GRANTS.has(action))
    .map((action): GrantedChange | null =>
      group === null
        ? grantBy(action, node, arn, { boundary, node: null }, context, extra)
        : {
            verdict: mayDo(account, node, action, group.arn, extra),
            power: power.ofDocuments(group.policies, boundary, null),
            policies: group.policies,
          },
    );
  const granted = grants.filter((grant): grant is GrantedChange => grant !== null);
  const [first] = granted;
  if (first === undefined || granted.length < grants.length) return null;
  const truths: Truth[] = [...verdicts.map(({ truth }) => truth), ...granted.map(({ verdict }) => verdict.truth)];
  if (path.creates === 'role') {
    const parts = { needsIdentity: false, needsBoundary: node.type === 'role' };
    truths.push(mayDo(account, node, 'sts:AssumeRole', arn, extra, parts).truth);
  }
  const truth = allOf(truths);
  if (truth === false) return null;
  const grounds = uniqueGrounds([...verdicts, ...granted.map(({ verdict }) => verdict)].flatMap((one) => one.grounds));
  const name = `created with ${group === null ? '' : `group ${group.name} and `}boundary ${boundary?.name ?? 'none'}`;
  const identity = (first.policies ?? [anyPolicy]).map((policy) => ({ ...anyPolicy, ...policy }));
  const after = changed.of(changed.created(path.creates, arn, node.accountId), name, first.power, {
    policies: { identity, boundary },
  });
  return { path, targets: [], gain: first.power, after, keys: keysOf(truth), doubts: [], grounds };
}

const MOST_NAMES = 20;

/** ARNs of new principals that the principal's Allow statements match. */
function namesToTry({ actions, creates }: NewPrincipal, node: PrincipalNode, { account }: WayContext): string[] {
  const { accountId, partition } = account.facts;
  const anyName = `arn:${partition}:iam::${accountId}:${creates}/new-${creates}`;
  const patterns = actions.flatMap((action) => allowedPatterns(account, node, action));
  const samples = patterns.flatMap((pattern) => {
    const arn = sampleArn(pattern, accountId, partition);
    if (arn === null) return [];
    return arn.startsWith(`arn:${partition}:iam::${accountId}:${creates}/`) ? [arn] : [anyName];
  });
  return [...new Set(samples)].slice(0, MOST_NAMES);
}

/** No boundary, and policies that conditions name as the boundary. A boundary limits the new principal. */
function boundariesToTry(
  { actions }: NewPrincipal,
  node: PrincipalNode,
  { account, power }: WayContext,
): (NamedPolicy | null)[] {
  const policies = everyPolicy(policiesOf(account, node));
  const named = actions.flatMap((action) =>
    account.evaluator.namedValues(policies, action.toLowerCase(), 'iam:permissionsboundary'),
  );
  if (named.length === 0) return [null];
  const exact = named.filter((name) => !/[*?]/.test(name));
  const arns = [...power.administratorPolicies, ...exact, ...matching(named, [...account.policies.keys()])];
  return [null, ...[...new Set(arns)].map((arn) => power.policy(arn))].slice(0, MOST_BOUNDARIES);
}

const MOST_BOUNDARIES = 20;

const matching = (patterns: readonly string[], arns: readonly string[]): string[] => {
  const matchers = patterns.filter((pattern) => /[*?]/.test(pattern)).map(wildcardPattern);
  return matchers.length === 0 ? [] : arns.filter((arn) => matchers.some((matches) => matches(arn)));
};
