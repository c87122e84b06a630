import type { AccountAccess } from '../access/account-access.ts';
import type { AccessGraph } from '../access/graph/access-graph.ts';
import { TextNumbers, type PrincipalNode } from '../access/node.ts';
import { objects } from '../contract/objects.ts';
import { OpenRoleLine } from '../contract/across/open-roles.ts';
import type { RunSummary } from '../contract/run.ts';
import { mayLetInOthers, openRole } from '../findings/across-accounts/open-roles.ts';
import { mayNameAccount } from '../evaluation/trust-truth.ts';
import { readGraph } from '../objects/stored-graph.ts';
import { accountsOfRun } from '../objects/stored-runs.ts';
import { readObjectLines } from '../ports/stored-objects.ts';
import { DamagedObject, type ObjectStore } from '../ports/store.ts';
import { LruCache } from '../streams/lru-cache.ts';

/** Graphs of this many accounts are kept in memory. */
const KEPT_ACCOUNTS = 40;

/** The accounts of a run, each read when it is first needed. */
export class RunAccess {
  readonly #graphs = new LruCache<Promise<AccessGraph | null>>(KEPT_ACCOUNTS);
  #open: Promise<readonly PrincipalNode[]> | null = null;
  #accountIds: Promise<readonly string[]> | null = null;

  constructor(
    private readonly store: ObjectStore,
    readonly run: RunSummary,
  ) {}

  accountIds(): Promise<readonly string[]> {
    this.#accountIds ??= accountsOfRun(this.store, this.run);
    return this.#accountIds;
  }

  /** Null if the run has no records or no policies of the account. @throws StoreError, DamagedObject */
  graph(accountId: string): Promise<AccessGraph | null> {
    return this.#graphs.get(accountId, () => readGraph(this.store, this.run, accountId));
  }

  /** @throws StoreError, DamagedObject */
  async account(accountId: string): Promise<AccountAccess | null> {
    return (await this.graph(accountId))?.account ?? null;
  }

  /** A user or role by its ARN; null if the run does not have it. */
  async principal(arn: string): Promise<PrincipalNode | null> {
    const accountId = arn.split(':')[4] ?? '';
    if (!(await this.accountIds()).includes(accountId)) return null;
    return (await this.account(accountId))?.principal(arn) ?? null;
  }

  /**
   * Roles of other accounts of the run whose trust policies may let in a principal of this account: with their trust
   * policies and tags, but without their own policies. `principal` has the whole role.
   */
  async rolesElsewhere(accountId: string): Promise<readonly PrincipalNode[]> {
    this.#open ??= this.#readOpenRoles();
    return (await this.#open).filter(
      (role) =>
        role.accountId !== accountId && (role.trust ?? []).some((one) => one.allows && mayNameAccount(one, accountId)),
    );
  }

  /** A run of one account needs none. */
  async #readOpenRoles(): Promise<PrincipalNode[]> {
    const accountIds = await this.accountIds();
    if (accountIds.length < 2) return [];
    const { acrossAccounts, accounts, runId } = this.run;
    const complete = new Set(
      acrossAccounts === undefined
        ? []
        : accounts.flatMap(({ accountId, status }) => (status === 'COMPLETE' ? [accountId] : [])),
    );
    const numbers = new TextNumbers();
    const roles: PrincipalNode[] = [];
    for (const accountId of accountIds) {
      const key = objects.openRoles(runId, accountId);
      if (await this.store.exists(key)) {
        const before = roles.length;
        for await (const line of readObjectLines(this.store, key, OpenRoleLine)) {
          roles.push(openRole(line, numbers).node);
        }
        // An account without such roles has no object.
        if (roles.length === before) throw new DamagedObject(key, 'it is empty');
      } else if (!complete.has(accountId)) {
        // A scan, an earlier version, or an account whose findings could not be written.
        roles.push(...((await this.graph(accountId))?.account.roles ?? []).filter(mayLetInOthers));
      }
    }
    return roles;
  }
}
