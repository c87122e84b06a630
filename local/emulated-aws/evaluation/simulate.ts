import type { EmulatedAccount, EmulatedRole, EmulatedUser } from '../account.ts';
import { ServiceError } from '../service-error.ts';
import { combine, decide, type Decision, type PolicySource } from './decide.ts';
import { boundaryPolicies, identityPolicies, serviceControlDecision } from './principal-policies.ts';
import { principalContext } from './request-context.ts';

export interface SimulationRequest {
  readonly actionNames: readonly string[];
  /** Empty: the resource is `*`. */
  readonly resourceArns: readonly string[];
  readonly contextEntries: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Evaluation {
  readonly decision: Decision;
  readonly matched: readonly PolicySource[];
  readonly missingContext: readonly string[];
  /** Null: no SCP applies to the account. */
  readonly allowedByOrganizations: boolean | null;
  /** Null: the principal has no permissions boundary. */
  readonly allowedByBoundary: boolean | null;
}

export interface ActionResult extends Evaluation {
  readonly action: string;
  readonly resource: string;
  /** One result for each requested resource. */
  readonly resources: readonly (Evaluation & { readonly arn: string })[];
}

/**
 * Decides as SimulatePrincipalPolicy does. It evaluates the identity policies of the principal and its groups, its
 * permissions boundary and the SCPs. An explicit deny in any of them wins (IAM User Guide, "Policy evaluation logic").
 * It does not evaluate resource policies, RCPs or session policies.
 * @throws ServiceError NoSuchEntity
 */
export function simulatePrincipal(
  account: EmulatedAccount,
  principalArn: string,
  request: SimulationRequest,
): ActionResult[] {
  const principal = findPrincipal(account, principalArn);
  const identity = identityPolicies(account, principal);
  const boundary = boundaryPolicies(account, principal);
  const context = principalContext(account, principal, request.now);
  for (const { name, values } of request.contextEntries) context.set(name, values);

  const evaluate = (action: string, resource: string): Evaluation => {
    const missing = new Set<string>();
    const own = decide(identity, action, resource, context, missing);
    const byBoundary = boundary === null ? null : decide(boundary, action, resource, context, missing);
    const byOrganizations = serviceControlDecision(account, action, resource, context, missing);
    return {
      decision: combine([own.decision, byBoundary?.decision, byOrganizations]),
      matched: own.matched,
      missingContext: [...missing],
      allowedByBoundary: byBoundary === null ? null : byBoundary.decision === 'allowed',
      allowedByOrganizations: byOrganizations === undefined ? null : byOrganizations === 'allowed',
    };
  };

  return request.actionNames.map((action) => {
    const resources = request.resourceArns.map((arn) => ({ arn, ...evaluate(action, arn) }));
    const [first, ...others] = resources;
    if (first === undefined) return { action, resource: '*', resources, ...evaluate(action, '*') };
    const decision = combine(resources.map((result) => result.decision));
    const missingContext = [...new Set([first, ...others].flatMap((result) => result.missingContext))];
    return { ...first, action, resource: first.arn, decision, missingContext, resources };
  });
}

function findPrincipal(account: EmulatedAccount, arn: string): EmulatedUser | EmulatedRole {
  const name = arn.split('/').at(-1) ?? '';
  const principal = arn.includes(':role/') ? account.roles.get(name) : account.users.get(name);
  if (principal?.arn === arn) return principal;
  throw new ServiceError(404, 'NoSuchEntity', `The principal with ARN ${arn} cannot be found.`);
}
