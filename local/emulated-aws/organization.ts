import type { EmulatedAccount, PolicyDocument } from './account.ts';

export type AccountState = 'ACTIVE' | 'PENDING_ACTIVATION' | 'SUSPENDED' | 'PENDING_CLOSURE' | 'CLOSED';

/** What the accounts do not say of their organization; all of it has a default. */
export interface OrganizationSettings {
  /** Without one, the first account that no SCP is in force over. */
  readonly managementAccountId?: string;
  /** Accounts that may read the organization beside the management account; without any, the first account. */
  readonly delegatedAdministrators?: readonly string[];
  /** Emulated accounts that are not of the organization. */
  readonly outside?: readonly string[];
  /** ACTIVE for those that are not named. */
  readonly states?: Readonly<Record<string, AccountState>>;
  /** Whether accounts tell their `State`, or only their `Status`, as they did until 2026. */
  readonly hasStateField?: boolean;
}

/** A root, unit or account, with the SCPs attached to it. */
export interface OrganizationNode {
  readonly id: string;
  readonly kind: 'ROOT' | 'ORGANIZATIONAL_UNIT' | 'ACCOUNT';
  readonly parentId: string | null;
  readonly policyIds: readonly string[];
}

export interface OrganizationPolicy {
  readonly id: string;
  readonly document: PolicyDocument;
}

/** An organization as its operations show it. */
export interface OrganizationView {
  readonly id: string;
  readonly managementAccountId: string;
  readonly readers: ReadonlySet<string>;
  readonly scpsEnabled: boolean;
  readonly nodes: ReadonlyMap<string, OrganizationNode>;
  readonly policies: ReadonlyMap<string, OrganizationPolicy>;
}

export const ORGANIZATION_ID = 'o-exampleorg';
const ROOT_ID = 'r-exam';
/** Pays for an organization whose emulated accounts all have SCPs: none is in force over the management account. */
const MANAGEMENT_ACCOUNT = '999999999999';
const FULL_ACCESS = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

/**
 * The organization of emulated accounts, seen in the SCPs that are in force over each: the evaluator and Organizations
 * never say different things. Null: a single account without SCPs is in none.
 */
export function organizationOf(
  all: readonly EmulatedAccount[],
  settings: OrganizationSettings = {},
): OrganizationView | null {
  const accounts = all.filter(({ accountId }) => settings.outside?.includes(accountId) !== true);
  const [first] = accounts;
  const controlled = accounts.filter(({ serviceControlPolicies }) => serviceControlPolicies !== null);
  if (first === undefined || (accounts.length === 1 && controlled.length === 0)) return null;
  const managementAccountId =
    settings.managementAccountId ??
    accounts.find(({ serviceControlPolicies }) => serviceControlPolicies === null)?.accountId ??
    MANAGEMENT_ACCOUNT;
  const tree = new Tree(controlled.length > 0);
  const [rootPolicies] = controlled[0]?.serviceControlPolicies ?? [];
  tree.add({ id: ROOT_ID, kind: 'ROOT', parentId: null }, rootPolicies ?? []);
  for (const { accountId, serviceControlPolicies } of accounts) {
    const [root, ...below] = serviceControlPolicies ?? [];
    if (root !== undefined && JSON.stringify(root) !== JSON.stringify(rootPolicies)) {
      throw new Error(`Account ${accountId} has other SCPs at the root than the accounts beside it.`);
    }
    const units = below.slice(0, -1);
    const parentId = units.reduce((above, policies) => tree.unit(above, policies), ROOT_ID);
    tree.add({ id: accountId, kind: 'ACCOUNT', parentId }, below.at(-1) ?? []);
  }
  if (!tree.nodes.has(managementAccountId)) {
    tree.add({ id: managementAccountId, kind: 'ACCOUNT', parentId: ROOT_ID }, []);
  }
  return {
    id: ORGANIZATION_ID,
    managementAccountId,
    readers: new Set([managementAccountId, ...(settings.delegatedAdministrators ?? [first.accountId])]),
    scpsEnabled: controlled.length > 0,
    nodes: tree.nodes,
    policies: tree.policies,
  };
}

class Tree {
  readonly nodes = new Map<string, OrganizationNode>();
  readonly policies = new Map<string, OrganizationPolicy>();
  readonly #units = new Map<string, string>();

  constructor(private readonly scpsEnabled: boolean) {}

  /** Accounts with the same SCPs on the way share their units. @returns the unit's id */
  unit(parentId: string, policies: readonly PolicyDocument[]): string {
    const key = `${parentId} ${JSON.stringify(policies)}`;
    const known = this.#units.get(key);
    if (known !== undefined) return known;
    const id = `ou-exam-${String(this.#units.size).padStart(8, '0')}`;
    this.#units.set(key, id);
    this.add({ id, kind: 'ORGANIZATIONAL_UNIT', parentId }, policies);
    return id;
  }

  /** A policy's id is its place: it stays when the content changes, as AWS's does. */
  add(node: Omit<OrganizationNode, 'policyIds'>, documents: readonly PolicyDocument[]): void {
    const policyIds = documents.map((document, n) => {
      const full = JSON.stringify(document) === FULL_ACCESS;
      const id = full ? 'p-FullAWSAccess' : `p-${node.id.replace(/\W/g, '')}${n}`;
      this.policies.set(id, { id, document });
      return id;
    });
    this.nodes.set(node.id, { ...node, policyIds: this.scpsEnabled ? policyIds : [] });
  }
}
