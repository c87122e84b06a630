import type { AccountAccess, RequestingService } from '../account-access.ts';
import type { AssumableRoles } from '../assumable-roles.ts';
import type { PrincipalNode } from '../node.ts';
import type { StackUse } from '../paths/escalation-path.ts';
import type { TargetFinder } from '../target-groups.ts';
import type { ChangedPrincipals } from '../changed-principals.ts';
import type { FederatedRoles } from './federation.ts';
import type { GrantedPower } from '../granted-power.ts';
import type { ServiceRoles } from './passed-roles.ts';
import type { Way } from './way.ts';
import type { TagConditions } from '../tag-conditions.ts';

/** What the ways of an account's principals are found with. */
export interface WayContext {
  readonly account: AccountAccess;
  readonly finder: TargetFinder;
  readonly assumable: AssumableRoles;
  readonly power: GrantedPower;
  readonly serviceRoles: ServiceRoles;
  readonly federated: FederatedRoles;
  readonly changed: ChangedPrincipals;
  readonly tags: TagConditions;
  readonly stacks: ServiceContexts;
  readonly stackRoles: RolesInStacks;
  readonly helpers: HelperWays;
  /** The same, with what is given if the conditions of SCPs and boundaries are met. Null: there are no such conditions. */
  readonly underConditions: Pick<WayContext, 'power' | 'changed'> | null;
  /** Only these users and roles are targets. Undefined: all of the account. */
  readonly among?: Targets;
}

/** The contexts in which a service also sends requests for the account's principals. */
export interface ServiceContexts {
  context(service: RequestingService, context: WayContext): WayContext;
}

/** Roles as CloudFormation uses them. */
export interface RolesInStacks {
  /** The same list for the same roles. */
  usedIn(use: StackUse, roles: readonly PrincipalNode[]): readonly PrincipalNode[];
}

/** The ways of principals that others act as. */
export interface HelperWays {
  waysOf(node: PrincipalNode, context: WayContext): readonly Way[];
  /** Counts the pairs of a principal and a helper; false if there were enough. */
  mayTry(): boolean;
}

export interface Targets {
  readonly users: readonly PrincipalNode[];
  readonly roles: readonly PrincipalNode[];
  /** The same name always means the same targets. */
  readonly name: string;
}

/** The users and roles that may be targets. */
export const targetsIn = ({ account, among }: WayContext): Targets =>
  among ?? { users: account.users, roles: account.roles, name: '' };
