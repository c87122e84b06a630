import type { EmulatedAccount, EmulatedRole, EmulatedUser, PolicyDocument } from '../account.ts';
import { ServiceError } from '../service-error.ts';
import { conditionsHold } from './conditions.ts';
import { principalContext, substitute, type RequestContext } from './request-context.ts';
import { statementsOf, type Statement } from './statements.ts';
import { matchesAction, matchesWildcards } from './wildcards.ts';

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

export interface SimulationRequest {
  readonly actionNames: readonly string[];
  /** Empty: the resource is `*`. */
  readonly resourceArns: readonly string[];
  readonly contextEntries: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface PolicySource {
  readonly id: string;
  readonly type: string;
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

interface NamedDocument extends PolicySource {
  readonly document: PolicyDocument;
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
  const boundary = boundaryOf(account, principal);
  const context = principalContext(account, principal, request.now);
  for (const { name, values } of request.contextEntries) context.set(name, values);

  const evaluate = (action: string, resource: string): Evaluation => {
    const missing = new Set<string>();
    const own = decide(identity, action, resource, context, missing);
    const byBoundary = boundary === null ? null : decide(boundary, action, resource, context, missing);
    const byOrganizations = organizationsDecision(account, action, resource, context, missing);
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

/** Allowed if every decision is allowed. An explicit deny in any of them wins. */
function combine(decisions: readonly (Decision | undefined)[]): Decision {
  if (decisions.includes('explicitDeny')) return 'explicitDeny';
  return decisions.includes('implicitDeny') ? 'implicitDeny' : 'allowed';
}

function findPrincipal(account: EmulatedAccount, arn: string): EmulatedUser | EmulatedRole {
  const name = arn.split('/').at(-1) ?? '';
  const principal = arn.includes(':role/') ? account.roles.get(name) : account.users.get(name);
  if (principal?.arn === arn) return principal;
  throw new ServiceError(404, 'NoSuchEntity', `The principal with ARN ${arn} cannot be found.`);
}

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

function boundaryOf(account: EmulatedAccount, principal: EmulatedUser | EmulatedRole): NamedDocument[] | null {
  return principal.permissionsBoundaryArn === null ? null : managed(account, principal.permissionsBoundaryArn);
}

function organizationsDecision(
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

function decide(
  policies: readonly NamedDocument[],
  action: string,
  resource: string,
  context: RequestContext,
  missing: Set<string>,
): { decision: Decision; matched: PolicySource[] } {
  const allowing: PolicySource[] = [];
  const denying: PolicySource[] = [];
  for (const { id, type, document } of policies) {
    for (const statement of statementsOf(document)) {
      if (!applies(statement, action, resource, context, missing)) continue;
      (statement.allows ? allowing : denying).push({ id, type });
    }
  }
  if (denying.length > 0) return { decision: 'explicitDeny', matched: denying };
  return { decision: allowing.length > 0 ? 'allowed' : 'implicitDeny', matched: allowing };
}

function applies(
  statement: Statement,
  action: string,
  resource: string,
  context: RequestContext,
  missing: Set<string>,
): boolean {
  return (
    matchesElements(statement.actions, statement.notActions, (pattern) => matchesAction(pattern, action)) &&
    matchesElements(statement.resources, statement.notResources, (pattern) => {
      const text = substitute(pattern, context, missing);
      return text !== null && matchesWildcards(text, resource);
    }) &&
    conditionsHold(statement.conditions, context, missing)
  );
}

function matchesElements(
  included: readonly string[] | null,
  excluded: readonly string[] | null,
  matches: (pattern: string) => boolean,
): boolean {
  if (included !== null) return included.some(matches);
  return excluded !== null && !excluded.some(matches);
}
