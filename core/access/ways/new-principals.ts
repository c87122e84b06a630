import { allOf, keysOf, type Truth } from '../../evaluation/truth.ts';
import type { NamedPolicy } from '../../evaluation/policy-set.ts';
import type { PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { mayDo, sampleArn, type ExtraKeys } from '../requests.ts';
import { uniqueGrounds } from '../target-groups.ts';
import { grantBy, type GrantedChange } from './attach-policy.ts';
import type { WayContext } from './find-ways.ts';
import type { Way } from './way.ts';

type NewPrincipal = Extract<EscalationPath, { kind: 'new-principal' }>;

const GRANTS = new Set(['iam:AttachRolePolicy', 'iam:PutRolePolicy', 'iam:AttachUserPolicy', 'iam:PutUserPolicy']);

/** The ways by a role or user that the principal creates with permissions of its choice. */
export function newPrincipalWays(path: NewPrincipal, node: PrincipalNode, context: WayContext): Way[] {
  const { account } = context;
  const boundaries = boundariesToTry(path, node, context);
  let best: Way | null = null;
  for (const arn of namesToTry(path, node, context)) {
    for (const boundary of boundaries) {
      const one = wayWith(path, node, arn, boundary, context);
      if (one === null) continue;
      if (one.keys.length === 0) return [one];
      if (best === null || one.keys.length < best.keys.length) best = one;
    }
  }
  return best === null || account.facts.accountId !== node.accountId ? [] : [best];
}

function wayWith(
  path: NewPrincipal,
  node: PrincipalNode,
  arn: string,
  boundary: NamedPolicy | null,
  context: WayContext,
): Way | null {
  const { account } = context;
  // A role that trusts the principal by name needs no identity policy for sts:AssumeRole.
  const needed = path.actions.filter((action) => !GRANTS.has(action));
  const extra: ExtraKeys = (key) => {
    if (key === 'iam:permissionsboundary') return boundary === null ? 'absent' : [boundary.name];
    return key === 'aws:resourceaccount' ? [node.accountId] : null;
  };
  const verdicts = needed.map((action) => mayDo(account, node, action, arn, extra));
  const grants = path.actions
    .filter((action) => GRANTS.has(action))
    .map((action) => grantBy(action, node, arn, boundary, context, extra));
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
  return { path, targets: [], gain: first.power, keys: keysOf(truth), doubts: [], grounds };
}

const MOST_NAMES = 20;

/** ARNs of new principals that the principal's Allow statements match. */
function namesToTry(
  { actions, creates }: NewPrincipal,
  { policies }: PrincipalNode,
  { account }: WayContext,
): string[] {
  const { accountId, partition } = account.facts;
  const anyName = `arn:${partition}:iam::${accountId}:${creates}/new-${creates}`;
  const patterns = actions.flatMap((action) =>
    account.evaluator.allowedPatterns(policies.identity, action.toLowerCase()),
  );
  const samples = patterns.flatMap((pattern) => {
    const arn = sampleArn(pattern, accountId, partition);
    if (arn === null) return [];
    return arn.startsWith(`arn:${partition}:iam::${accountId}:${creates}/`) ? [arn] : [anyName];
  });
  return [...new Set(samples)].slice(0, MOST_NAMES);
}

/** No boundary, and the boundaries that conditions name. A boundary limits the new principal. */
function boundariesToTry(
  { actions }: NewPrincipal,
  node: PrincipalNode,
  { account }: WayContext,
): (NamedPolicy | null)[] {
  const policies = [...node.policies.identity, ...(node.policies.boundary === null ? [] : [node.policies.boundary])];
  const named = actions.flatMap((action) =>
    account.evaluator.namedValues(policies, action.toLowerCase(), 'iam:permissionsboundary'),
  );
  const known = [...new Set(named)].map((name) => ({ name, document: account.policies.get(name)?.document ?? null }));
  return [null, ...known];
}
