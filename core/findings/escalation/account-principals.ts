import type { PrincipalRecord } from '../../contract/evidence.ts';
import { isAdministrator, powerOf, withheldByBoundary } from '../abilities/abilities.ts';
import { AccountTargets } from './account-targets.ts';
import type { PrincipalView, RoleView, UserView } from '../abilities/principal-view.ts';

/** Lets in whoever an identity pool gives a role: no service, but passed a role like one. */
const IDENTITY_POOLS = 'cognito-identity.amazonaws.com';

/** `states.eu-west-1.amazonaws.com` and `ec2.amazonaws.com.cn` mean the service wherever it is asked, as policies may. */
const serviceIn = (principal: string): string =>
  principal
    .replace(/\.amazonaws\.com\.cn$/, '.amazonaws.com')
    .replace(/\.[a-z]{2,4}(-[a-z]+)+-\d+(?=\.amazonaws\.com$)/, '');

/** An account's principals, kept small: some hundred bytes each, so that the largest account's fit in memory. */
export class AccountPrincipals {
  readonly #roles: RoleView[] = [];
  readonly #users: UserView[] = [];
  #hasIdentityCenter = false;
  #isWhole = true;
  /** Made of all that was added, when it is first asked for. */
  #targets: AccountTargets | null = null;

  add(record: PrincipalRecord): void {
    const { arn, managedBy, trust, credentials } = record;
    if (record.status !== 'COMPLETE') this.#isWhole = false;
    const view: PrincipalView = {
      arn,
      managedBy,
      isAdministrator: isAdministrator(record),
      power: record.permissions.status === 'FAILED' ? null : powerOf(record),
      withheld: withheldByBoundary(record),
    };
    const services = trust?.flatMap(({ kind, principal }) =>
      kind === 'service' || (kind === 'oidcProvider' && principal === IDENTITY_POOLS) ? [serviceIn(principal)] : [],
    );
    if (record.type === 'user') this.#users.push({ ...view, accessKeys: credentials?.accessKeys.length ?? null });
    else this.#roles.push({ ...view, trust, services: services === undefined ? null : new Set(services) });
    if (managedBy === 'identityCenter') this.#hasIdentityCenter = true;
    this.#targets = null;
  }

  /** Whether all is known of each of them. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whether people sign in to the account by IAM Identity Center. */
  get hasIdentityCenter(): boolean {
    return this.#hasIdentityCenter;
  }

  /** Those whom others may come to act as. */
  get targets(): AccountTargets {
    this.#targets ??= new AccountTargets(this.#roles, this.#users);
    return this.#targets;
  }
}
