import type { EmulatedAccount, EmulatedRole } from '../account.ts';
import type { Caller } from './caller.ts';
import { combine, decide, type Decision } from './decide.ts';
import { boundaryPolicies, identityPolicies, serviceControlDecision } from './principal-policies.ts';
import type { RequestContext } from './request-context.ts';
import { sessionDecision } from './session-policies.ts';
import { evaluateTrustPolicy } from './trust.ts';

export interface AssumeRoleRequest {
  readonly caller: Caller;
  readonly role: EmulatedRole;
  readonly roleAccount: EmulatedAccount;
  /** `sts:AssumeRole`, `sts:TagSession` or `sts:SetSourceIdentity`. */
  readonly action: string;
  readonly context: RequestContext;
}

/**
 * Decides as STS does whether a caller may assume a role (IAM User Guide, "Policy evaluation logic"). The trust policy must
 * always allow it. If it names the caller's account, or if the role is in another account, the caller's own policies must
 * allow it as well. A caller that the emulated account does not have has no policies: there, the emulation's setting
 * `authorize` decides in their place.
 */
export function decideAssumeRole({ caller, role, roleAccount, action, context }: AssumeRoleRequest): Decision {
  const trust = evaluateTrustPolicy(role.trustPolicy, caller, action, context);
  const { account, principal, session } = caller;
  const missing = new Set<string>();
  const identity =
    account === undefined || principal === null
      ? 'allowed'
      : decide(identityPolicies(account, principal), action, role.arn, context, missing).decision;
  const policies = account === undefined || principal === null ? null : boundaryPolicies(account, principal);
  const boundary = policies === null ? 'allowed' : decide(policies, action, role.arn, context, missing).decision;
  const organization =
    account === undefined
      ? 'allowed'
      : (serviceControlDecision(account, action, role.arn, context, missing) ?? 'allowed');
  const bySession = sessionDecision(session, action, role.arn, context);

  const all = [trust.decision, identity, boundary, organization, bySession];
  if (all.includes('explicitDeny')) return 'explicitDeny';
  const isSameAccount = caller.accountId === roleAccount.accountId;
  // Within an account, an implicit deny does not limit what is granted to the user or session itself. What is granted to
  // the role is limited by its boundary and by session policies, but needs no identity policy.
  if (isSameAccount && trust.grants.has('session')) return combine([trust.decision, organization]);
  if (isSameAccount && trust.grants.has('principal'))
    return combine([trust.decision, organization, boundary, bySession]);
  return combine(all);
}
