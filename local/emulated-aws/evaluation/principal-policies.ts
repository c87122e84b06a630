import type { EmulatedAccount, EmulatedRole, EmulatedUser } from '../account.ts';
import { combine, decide, type Decision, type NamedDocument } from './decide.ts';
import type { RequestContext } from './request-context.ts';

/** Identity policies of the principal and its groups, without the permissions boundary. */
export function identityPolicies(account: EmulatedAccount, principal: EmulatedUser | EmulatedRole): NamedDocument[] {
  const groups =
    'groupNames' in principal ? principal.groupNames.flatMap((name) => account.groups.get(name) ?? []) : [];
  const ownType = 'groupNames' in principal ? 'user' : 'role';
  const holders = [{ type: ownType, entity: principal }, ...groups.map((entity) => ({ type: 'group', entity }))];
  return holders.flatMap(({ type, entity }) => [
    ...entity.inlinePolicies.map(({ name, document }) => ({ id: `${type}_${entity.name}_${name}`, type, document })),
    ...entity.attachedPolicyArns.flatMap((arn) => managed(account, arn)),
  ]);
}

function managed(account: EmulatedAccount, arn: string): NamedDocument[] {
  const policy = account.policies.get(arn);
  const version = policy?.versions.find(({ isDefault }) => isDefault);
  if (policy === undefined || version === undefined) return [];
  return [{ id: policy.name, type: 'IAM Policy', document: version.document }];
}

/** Null: the principal has no permissions boundary. */
export function boundaryPolicies(
  account: EmulatedAccount,
  principal: EmulatedUser | EmulatedRole,
): NamedDocument[] | null {
  return principal.permissionsBoundaryArn === null ? null : managed(account, principal.permissionsBoundaryArn);
}

/** What the SCPs of the principal's account decide; undefined if none applies to the account. */
export function serviceControlDecision(
  account: EmulatedAccount,
  action: string,
  resource: string,
  context: RequestContext,
  missing: Set<string>,
): Decision | undefined {
  if (account.serviceControlPolicies === null) return undefined;
  return combine(
    account.serviceControlPolicies.map((level) => {
      const policies = level.map((document) => ({ id: 'scp', type: 'scp', document }));
      return decide(policies, action, resource, context, missing).decision;
    }),
  );
}
