import type { AccessGraph } from '../../access/graph/access-graph.ts';
import { TextNumbers, type PrincipalNode } from '../../access/node.ts';
import type { OpenRoleLine } from '../../contract/across/open-roles.ts';
import { groupedBy } from '../../streams/grouped-by.ts';
import { trustsEverybody } from '../../trust/whole-organization.ts';
import { toDetectedFinding, type DetectedFinding } from '../find.ts';
import { Crossings, type Crossing } from './crossings.ts';
import { draftOf, escalationAcrossAccounts } from './escalation-across-accounts.ts';
import { bestGains, certaintyOfGain, openRole, type OpenRole } from './open-roles.ts';

/** A path leads through at most this many accounts besides the first one. */
const MOST_ACCOUNTS = 6;

export interface AuditedAccounts {
  readonly accountIds: readonly string[];
  /** Null if the account's principals or policies are not known. */
  readonly graphOf: (accountId: string) => Promise<AccessGraph | null>;
  /** The roles of all these accounts whose trust policies may let in principals of other accounts. */
  readonly openRoles: readonly OpenRoleLine[];
  /** Its administrators are not reported. Null: not known, or none. */
  readonly managementAccountId: string | null;
  /** Whether there is time to search one more account. */
  readonly hasTime: () => boolean;
}

/**
 * Finds the paths between accounts. Only accounts that a trust policy of another one may mean are read, one at a time, so
 * that memory does not grow with the number of accounts.
 */
export class AcrossAccounts {
  /** Accounts that were not searched: their evidence is missing, or there was no time. */
  readonly notSearched: string[] = [];
  /** Accounts that were searched. */
  searched = 0;
  /** By their account. */
  readonly #roles: readonly (readonly OpenRole[])[];
  /** By the account that they may let in. */
  readonly #rolesFor = new Map<string, OpenRole[]>();
  /** Roles that may let in every account. */
  readonly #rolesForAll: OpenRole[] = [];

  constructor(private readonly given: AuditedAccounts) {
    const numbers = new TextNumbers();
    const roles = given.openRoles.map((line) => openRole(line, numbers));
    this.#roles = groupedBy(roles, ({ node }) => node.accountId);
    for (const role of roles) this.#add(role);
  }

  /** One finding for each principal that has a path. */
  async *findings(): AsyncGenerator<DetectedFinding> {
    await this.#followChains();
    for (const accountId of this.given.accountIds) {
      const crossings = await this.#crossingsFrom(accountId);
      if (crossings === null) continue;
      this.searched += 1;
      for (const node of crossings.principals) {
        const [first, ...others] = this.#reported(node, crossings.search.from(node));
        if (first === undefined) continue;
        const draft = draftOf(node, [first, ...others]);
        yield await toDetectedFinding(escalationAcrossAccounts, draft, accountId, node.arn);
      }
    }
  }

  #reported({ isAdministrator, accountId }: PrincipalNode, crossings: readonly Crossing[]): readonly Crossing[] {
    if (!isAdministrator) return crossings;
    if (accountId === this.given.managementAccountId) return [];
    return crossings.filter(({ path }) => path.to.split(':')[4] !== accountId);
  }

  /** Adds to each role what it leads to in further accounts. */
  async #followChains(): Promise<void> {
    let changed = new Set(this.#roles.flat());
    for (let accounts = 2; changed.size > 0 && accounts <= MOST_ACCOUNTS; accounts += 1) {
      const before = changed;
      changed = new Set();
      for (const roles of this.#roles) {
        const accountId = roles[0]?.node.accountId ?? '';
        if (roles.every(isCertainAdministrator)) continue;
        // The account is read again only if one of its principals may now reach more.
        if (!this.#rolesOpenTo(accountId).some((role) => before.has(role))) continue;
        const crossings = await this.#crossingsFrom(accountId);
        if (crossings === null) continue;
        for (const role of roles) {
          const node = crossings.graph.account.principal(role.node.arn);
          if (node === null) continue;
          const further = crossings.search.from(node).map(({ path }) => ({ gain: path.gain, path }));
          const gains = bestGains([...role.gains, ...further]);
          if (gains.every((gain) => role.gains.includes(gain))) continue;
          role.gains = gains;
          changed.add(role);
        }
      }
    }
  }

  /** Null if no role of another account may let in its principals, or if it can't be searched. */
  async #crossingsFrom(accountId: string) {
    const roles = this.#rolesOpenTo(accountId);
    if (roles.length === 0) return null;
    const own = this.given.hasTime() ? await this.given.graphOf(accountId) : null;
    const graph = own === null ? null : own.trustedBy(roles.map(({ node }) => node));
    if (graph === null) {
      if (!this.notSearched.includes(accountId)) this.notSearched.push(accountId);
      return null;
    }
    const principals = graph.account.principals.filter(({ managedBy }) => managedBy !== 'service');
    return { graph, principals, search: new Crossings(graph, roles) };
  }

  /** The roles of other accounts that may let in its principals, and that lead to something. */
  #rolesOpenTo(accountId: string): OpenRole[] {
    return [...(this.#rolesFor.get(accountId) ?? []), ...this.#rolesForAll].filter(
      ({ node, gains }) => node.accountId !== accountId && gains.length > 0,
    );
  }

  #add(role: OpenRole): void {
    // Every principal of every account would be named. The role has a finding of its own.
    if ((role.node.trust ?? []).some(trustsEverybody)) return;
    const allowing = (role.node.trust ?? []).filter(({ allows }) => allows);
    const names = allowing.flatMap(({ principals }) => principals.filter(({ type }) => type === 'aws'));
    if (allowing.some(({ exceptThese, principals }) => exceptThese || principals.some(isEveryone))) {
      this.#rolesForAll.push(role);
      return;
    }
    for (const accountId of new Set(names.flatMap(({ name }) => /\d{12}/.exec(name) ?? []))) {
      const roles = this.#rolesFor.get(accountId);
      if (roles === undefined) this.#rolesFor.set(accountId, [role]);
      else roles.push(role);
    }
  }
}

const isEveryone = ({ type }: { readonly type: string }): boolean => type === 'everyone';

const isCertainAdministrator = ({ gains }: OpenRole): boolean =>
  gains.some((one) => one.gain === 'administrator' && certaintyOfGain(one) === 'certain');
