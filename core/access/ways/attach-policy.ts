import { anyOf, isUnknown } from '../../evaluation/truth.ts';
import type { Verdict } from '../../evaluation/permissions.ts';
import type { NamedPolicy } from '../../evaluation/policy-set.ts';
import type { Power } from '../abilities/abilities.ts';
import type { PrincipalNode } from '../node.ts';
import { everyPolicy } from '../../evaluation/permissions.ts';
import { mayDo, policiesOf, type ExtraKeys } from '../requests.ts';
import type { WayContext } from './way-context.ts';

/** The actions that attach a managed policy. A condition may limit which (`iam:PolicyARN`). */
const ATTACHES = new Set(['iam:AttachUserPolicy', 'iam:AttachRolePolicy', 'iam:AttachGroupPolicy']);

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
    mayDo(account, node, action, resource, (key) => (key === 'iam:policyarn' ? [arn] : extra(key)));
  let best: Verdict | null = null;
  for (const arn of power.administratorPolicies) {
    const verdict = attach(arn);
    if (verdict.truth === true) return { verdict, power: power.everything(to.boundary, to.node), policies: null };
    if (isUnknown(verdict.truth)) best ??= verdict;
  }
  if (best !== null) return { verdict: best, power: power.everything(to.boundary, to.node), policies: null };
  return limitedGrant(action, node, attach, to, { account, power });
}

/** The policies that the conditions name, of which the inventory has the document. */
function limitedGrant(
  action: string,
  node: PrincipalNode,
  attach: (arn: string) => Verdict,
  to: Receiver,
  { account, power }: Pick<WayContext, 'account' | 'power'>,
): GrantedChange | null {
  const policies = everyPolicy(policiesOf(account, node));
  const named = account.evaluator.namedValues(policies, action.toLowerCase(), 'iam:policyarn');
  const grants = named.flatMap((arn) => {
    const document = account.policies.get(arn)?.document ?? null;
    const verdict = document === null ? null : attach(arn);
    return verdict === null || verdict.truth === false ? [] : [{ verdict, policy: { name: arn, document } }];
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
