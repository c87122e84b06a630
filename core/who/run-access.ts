import type { AccountAccess } from '../access/account-access.ts';
import { AccessGraph } from '../access/graph/access-graph.ts';
import type { PrincipalNode } from '../access/node.ts';
import { ServiceControlDocuments } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import type { RunSummary } from '../contract/run.ts';
import { mayNameAccount, readTrustStatements } from '../evaluation/trust-truth.ts';
import { namedServiceControl, readAccess } from '../objects/stored-access.ts';
import { accountsOfRun } from '../objects/stored-runs.ts';
import { accountInOrganization, serviceControlDocuments } from '../organization/account-in-organization.ts';
import { readPolicies } from '../policies/read-policies.ts';
import type { ObjectStore } from '../ports/store.ts';
import { readValue } from '../ports/stored-objects.ts';
import { LruCache } from '../streams/lru-cache.ts';
import type { TrustStatement } from '../trust/trust-statement.ts';

/** A role whose trust policy may let in principals of other accounts. */
interface OpenRole {
  readonly arn: string;
  readonly accountId: string;
  readonly statements: readonly TrustStatement[];
}

/** Graphs of this many accounts are kept in memory. */
const KEPT_ACCOUNTS = 40;

/** The accounts of a run, each read when it is first needed. */
export class RunAccess {
  readonly #graphs = new LruCache<Promise<AccessGraph | null>>(KEPT_ACCOUNTS);
  #open: Promise<readonly OpenRole[]> | null = null;
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
    return this.#graphs.get(accountId, () => this.#read(accountId));
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

  /** Roles of other accounts of the run whose trust policies may let in a principal of this account. */
  async rolesElsewhere(accountId: string): Promise<readonly PrincipalNode[]> {
    this.#open ??= this.#readOpenRoles();
    const roles: PrincipalNode[] = [];
    for (const role of await this.#open) {
      if (role.accountId === accountId) continue;
      if (!role.statements.some((one) => one.allows && mayNameAccount(one, accountId))) continue;
      const node = await this.principal(role.arn);
      if (node !== null) roles.push(node);
    }
    return roles;
  }

  async #read(accountId: string): Promise<AccessGraph | null> {
    const { store, run } = this;
    const { runId } = run;
    if (!(await store.exists(objects.principals(runId, accountId)))) return null;
    if (!(await store.exists(objects.policies(runId, accountId)))) return null;
    const { organizationId, serviceControl } = await accountInOrganization(store, runId, accountId);
    const documents =
      (await serviceControlDocuments(store, runId, serviceControl)) ?? (await this.#scannedServiceControl(accountId));
    const { access } = await readAccess(store, runId, accountId, {
      now: Date.parse(run.startedAt),
      organization: { id: organizationId ?? 'unknown' },
      isManagementAccount: null,
      serviceControl: documents === null ? null : namedServiceControl(documents),
    });
    return new AccessGraph(access);
  }

  #scannedServiceControl(accountId: string): Promise<ServiceControlDocuments | null> {
    return readValue(this.store, objects.scannedServiceControl(this.run.runId, accountId), ServiceControlDocuments);
  }

  /** One pass over all stored policies. A run of one account needs none. */
  async #readOpenRoles(): Promise<OpenRole[]> {
    const accountIds = await this.accountIds();
    if (accountIds.length < 2) return [];
    const roles: OpenRole[] = [];
    for (const accountId of accountIds) {
      if (!(await this.store.exists(objects.policies(this.run.runId, accountId)))) continue;
      for await (const { arn, trust } of readPolicies(this.store, this.run.runId, accountId, isRole)) {
        const statements = trust === null ? null : readTrustStatements(trust);
        if (statements === null || !statements.some((one) => isForOthers(one, accountId))) continue;
        roles.push({ arn, accountId, statements });
      }
    }
    return roles;
  }
}

const isRole = (arn: string): boolean => arn.includes(':role/');

const isForOthers = ({ allows, exceptThese, principals }: TrustStatement, accountId: string): boolean =>
  allows &&
  (exceptThese ||
    principals.some(({ type, name }) => type === 'everyone' || (type === 'aws' && !name.includes(accountId))));
