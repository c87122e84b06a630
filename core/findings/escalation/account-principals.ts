import type { PrincipalRecord } from '../../contract/evidence.ts';
import { isAdministrator, powerOf, withheldByBoundary } from '../abilities/abilities.ts';
import { AccountTargets } from './account-targets.ts';
import type { TargetView, RoleTarget, UserTarget } from '../abilities/target-view.ts';

/** Cognito identity pools are an OIDC provider, not a service, but roles are passed to them as to a service. */
const IDENTITY_POOLS = 'cognito-identity.amazonaws.com';

/**
 * `states.eu-west-1.amazonaws.com` becomes `states.amazonaws.com`, and `ec2.amazonaws.com.cn` becomes
 * `ec2.amazonaws.com`.
 */
const withoutRegion = (principal: string): string =>
  principal
    .replace(/\.amazonaws\.com\.cn$/, '.amazonaws.com')
    .replace(/\.[a-z]{2,4}(-[a-z]+)+-\d+(?=\.amazonaws\.com$)/, '');

/**
 * An account's principals in a compact form, some hundred bytes each, so that those of the largest account fit in
 * memory.
 */
export class AccountPrincipals {
  readonly #roles: RoleTarget[] = [];
  readonly #users: UserTarget[] = [];
  #hasIdentityCenter = false;
  #isComplete = true;
  /** Built from all added principals when first needed. */
  #targets: AccountTargets | null = null;

  add(record: PrincipalRecord): void {
    const { arn, managedBy, trust, credentials } = record;
    if (record.status !== 'COMPLETE') this.#isComplete = false;
    const view: TargetView = {
      arn,
      managedBy,
      isAdministrator: isAdministrator(record),
      power: record.permissions.status === 'FAILED' ? null : powerOf(record),
      withheld: withheldByBoundary(record),
    };
    const services = trust?.flatMap(({ kind, principal }) =>
      kind === 'service' || (kind === 'oidcProvider' && principal === IDENTITY_POOLS) ? [withoutRegion(principal)] : [],
    );
    if (record.type === 'user') this.#users.push({ ...view, accessKeys: credentials?.accessKeys.length ?? null });
    else this.#roles.push({ ...view, trust, services: services === undefined ? null : new Set(services) });
    if (managedBy === 'identityCenter') this.#hasIdentityCenter = true;
    this.#targets = null;
  }

  /** Whether every added principal has complete evidence. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether the account has a role of IAM Identity Center. */
  get hasIdentityCenter(): boolean {
    return this.#hasIdentityCenter;
  }

  /** The principals that others may be able to act as. */
  get targets(): AccountTargets {
    this.#targets ??= new AccountTargets(this.#roles, this.#users);
    return this.#targets;
  }
}
