import { allOf, anyOf, isUnknown } from '../../evaluation/truth.ts';
import type { Verdict } from '../../evaluation/permissions.ts';
import type { NamedPolicy } from '../../evaluation/policy-set.ts';
import type { Power } from '../abilities/abilities.ts';
import type { PrincipalNode } from '../node.ts';
import { everyPolicy } from '../../evaluation/permissions.ts';
import { ownPolicies } from './own-policies.ts';
import { uniqueGrounds, type PolicyWriting } from '../target-groups.ts';
import { mayDo, policiesOf, type ExtraKeys } from '../requests.ts';
import type { WayContext } from './way-context.ts';

/** The actions that attach a managed policy. A condition may limit which (`iam:PolicyARN`). */
const ATTACHES = new Set(['iam:AttachUserPolicy', 'iam:AttachRolePolicy', 'iam:AttachGroupPolicy']);

const POLICY = 'iam:policyarn';

/** Who gets permissions. */
interface Receiver {
  readonly boundary: NamedPolicy | null;
  /** Null: it does not exist yet. */
  readonly node: PrincipalNode | null;
}

export interface GrantedChange {
  readonly verdict: Verdict;
  /** What the changed principal can do afterwards, without its earlier permissions. */
  readonly power: Power;
  /** The policies that it gets at most; null: any. */
  readonly policies: readonly NamedPolicy[] | null;
  /** The action by which the caller first writes the policy. Undefined: the policy is as it needs it. */
  readonly written?: PolicyWriting;
}

/**
 * Whether a principal may give a user, role or group policies by an action, and what they give at most: any permission,
 * or only those of the policies that a condition allows.
 * @param to the principal that gets the permissions
 */
export function grantBy(
  action: string,
  node: PrincipalNode,
  resource: string,
  to: Receiver,
  { account, power }: WayContext,
  extra: ExtraKeys = () => null,
): GrantedChange | null {
  if (!ATTACHES.has(action)) {
    const verdict = mayDo(account, node, action, resource, extra);
    return verdict.truth === false ? null : { verdict, power: power.everything(to.boundary, to.node), policies: null };
  }
  const attach = (arn: string): Verdict =>
    mayDo(account, node, action, resource, (key) => (key === POLICY ? [arn] : extra(key)));
  let best: Verdict | null = null;
  for (const arn of power.administratorPolicies) {
    const verdict = attach(arn);
    if (verdict.truth === true) return { verdict, power: power.everything(to.boundary, to.node), policies: null };
    if (isUnknown(verdict.truth)) best ??= verdict;
  }
  if (best !== null) return { verdict: best, power: power.everything(to.boundary, to.node), policies: null };
  for (const { arn, written, verdict } of ownPolicies(node, action, POLICY, account)) {
    const attached = attach(arn);
    const truth = allOf([verdict.truth, attached.truth]);
    if (truth === false) continue;
    const grounds = uniqueGrounds([...verdict.grounds, ...attached.grounds]);
    return { verdict: { truth, grounds }, power: power.everything(to.boundary, to.node), policies: null, written };
  }
  return limitedGrant(action, node, attach, to, { account, power });
}

/** The customer managed policies that the conditions allow, of which the inventory has the document. */
function limitedGrant(
  action: string,
  node: PrincipalNode,
  attach: (arn: string) => Verdict,
  to: Receiver,
  { account, power }: Pick<WayContext, 'account' | 'power'>,
): GrantedChange | null {
  if (
    account.evaluator.namedValues(everyPolicy(policiesOf(account, node)), action.toLowerCase(), POLICY).length === 0
  ) {
    return null;
  }
  const grants = power.strongestPolicies.flatMap(({ arn, document }) => {
    const verdict = attach(arn);
    return verdict.truth === false ? [] : [{ verdict, policy: { name: arn, document } }];
  });
  const [first] = grants;
  if (first === undefined) return null;
  const truth = anyOf(grants.map(({ verdict }) => verdict.truth));
  const given = grants.map(({ policy }) => policy);
  return {
    verdict: { ...first.verdict, truth },
    power: power.ofDocuments(given, to.boundary, to.node),
    policies: given,
  };
}
