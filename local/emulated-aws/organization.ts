import type { EmulatedAccount, PolicyDocument } from './account.ts';

export type AccountState = 'ACTIVE' | 'PENDING_ACTIVATION' | 'SUSPENDED' | 'PENDING_CLOSURE' | 'CLOSED';

/** Properties of an organization that its accounts do not define. */
export interface OrganizationSettings {
  /** Default: the first account without SCPs. */
  readonly managementAccountId?: string;
  /** Accounts that may read the organization, besides the management account. Default: the first account. */
  readonly delegatedAdministrators?: readonly string[];
  /** Services with trusted access. Default: none. */
  readonly trustedServices?: readonly string[];
  /** Accounts by the service that they administer. They also need to be in `delegatedAdministrators`. Default: none. */
  readonly serviceAdministrators?: Readonly<Record<string, readonly string[]>>;
  /** Whether all features are enabled. Default: if an account has SCPs. */
  readonly allFeatures?: boolean;
  /** Emulated accounts that are not in the organization. */
  readonly outside?: readonly string[];
  /** State by account ID. Default: ACTIVE. */
  readonly states?: Readonly<Record<string, AccountState>>;
  /** Names of resource control policies, and the roots, units and accounts that they are attached to. Default: not enabled. */
  readonly resourceControlPolicies?: Readonly<Record<string, readonly string[]>>;
  /** Whether accounts have the field `State`. Until 2026, AWS returned only `Status`. Default: true. */
  readonly hasStateField?: boolean;
}

/** A root, organizational unit or account, with the SCPs attached to it. */
export interface OrganizationNode {
  readonly id: string;
  readonly name: string;
  readonly kind: 'ROOT' | 'ORGANIZATIONAL_UNIT' | 'ACCOUNT';
  readonly parentId: string | null;
  readonly policyIds: readonly string[];
}

export interface OrganizationPolicy {
  readonly id: string;
  readonly document: PolicyDocument;
}

/** An organization, with the data that its operations return. */
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
/** Management account if all emulated accounts have SCPs, because SCPs do not apply to a management account. */
const MANAGEMENT_ACCOUNT = '999999999999';
/** Policy documents do not change, so each is written as text once: an organization may have 10,000 accounts. */
const texts = new WeakMap<PolicyDocument, string>();

function textOf(document: PolicyDocument): string {
  const text = texts.get(document) ?? JSON.stringify(document);
  texts.set(document, text);
  return text;
}

const textOfAll = (documents: readonly PolicyDocument[]): string => documents.map(textOf).join(',');

const FULL_ACCESS = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

/**
 * Derives the organization from the SCPs that apply to each emulated account. The evaluator and Organizations therefore
 * always agree. Null: a single account without SCPs is in no organization.
 */
function organizationOf(all: readonly EmulatedAccount[], settings: OrganizationSettings = {}): OrganizationView | null {
  const accounts = all.filter(({ accountId }) => settings.outside?.includes(accountId) !== true);
  const [first] = accounts;
  const controlled = accounts.filter(({ serviceControlPolicies }) => serviceControlPolicies !== null);
  if (first === undefined || (accounts.length === 1 && controlled.length === 0)) return null;
  const managementAccountId =
    settings.managementAccountId ??
    accounts.find(({ serviceControlPolicies }) => serviceControlPolicies === null)?.accountId ??
    MANAGEMENT_ACCOUNT;
  const tree = new OrganizationTree(controlled.length > 0);
  const [rootPolicies] = controlled[0]?.serviceControlPolicies ?? [];
  tree.add({ id: ROOT_ID, name: 'Root', kind: 'ROOT', parentId: null }, rootPolicies ?? []);
  for (const { accountId, serviceControlPolicies, unitNames, name = defaultName(accountId) } of accounts) {
    const [root, ...below] = serviceControlPolicies ?? [];
    if (root !== undefined && textOfAll(root) !== textOfAll(rootPolicies ?? [])) {
      throw new Error(`Account ${accountId} has different SCPs at the root than the other accounts.`);
    }
    const levels = below.slice(0, -1);
    if (unitNames !== undefined && serviceControlPolicies !== null && unitNames.length !== levels.length) {
      throw new Error(`Account ${accountId} has ${unitNames.length} units, and SCPs for ${levels.length} units.`);
    }
    const units = unitNames?.map((name, n) => ({ name, policies: levels[n] ?? [] })) ?? levels.map(unnamed);
    const parentId = units.reduce((above, unit) => tree.unit(above, unit), ROOT_ID);
    tree.add({ id: accountId, name, kind: 'ACCOUNT', parentId }, below.at(-1) ?? []);
  }
  if (!tree.nodes.has(managementAccountId)) {
    const name = defaultName(managementAccountId);
    tree.add({ id: managementAccountId, name, kind: 'ACCOUNT', parentId: ROOT_ID }, []);
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

/**
 * The organization of accounts that may change. It is derived again only after a change, because an organization of a
 * thousand accounts takes several milliseconds, and every call to Organizations needs it.
 */
export class CurrentOrganization {
  #parts: readonly unknown[] = [];
  #view: OrganizationView | null = null;

  of(all: readonly EmulatedAccount[], settings: OrganizationSettings = {}): OrganizationView | null {
    const parts = partsOf(all, settings);
    const isSame = parts.length === this.#parts.length && parts.every((part, n) => part === this.#parts[n]);
    if (!isSame) this.#view = organizationOf(all, settings);
    this.#parts = parts;
    return this.#view;
  }
}

/** Everything that an organization is derived from. Policy documents do not change, so they are compared by identity. */
function partsOf(all: readonly EmulatedAccount[], settings: OrganizationSettings): unknown[] {
  const { managementAccountId, delegatedAdministrators, outside = [] } = settings;
  const parts: unknown[] = [managementAccountId, delegatedAdministrators?.length, ...(delegatedAdministrators ?? [])];
  parts.push(outside.length, ...outside);
  for (const { accountId, name, unitNames, serviceControlPolicies } of all) {
    parts.push(accountId, name, unitNames?.length, serviceControlPolicies?.length);
    for (const unitName of unitNames ?? []) parts.push(unitName);
    for (const level of serviceControlPolicies ?? []) {
      parts.push(level.length);
      for (const document of level) parts.push(document);
    }
  }
  return parts;
}

const defaultName = (accountId: string): string => `account ${accountId}`;

interface UnitPlan {
  /** Null: the unit has its ID as name. */
  readonly name: string | null;
  readonly policies: readonly PolicyDocument[];
}

const unnamed = (policies: readonly PolicyDocument[]): UnitPlan => ({ name: null, policies });

class OrganizationTree {
  readonly nodes = new Map<string, OrganizationNode>();
  readonly policies = new Map<string, OrganizationPolicy>();
  readonly #units = new Map<string, string>();

  constructor(private readonly scpsEnabled: boolean) {}

  /**
   * Finds or adds a unit. Accounts with the same SCPs and names at every level above share their units.
   * @returns the unit's ID
   */
  unit(parentId: string, { name, policies }: UnitPlan): string {
    const key = `${parentId} ${name ?? ''} ${textOfAll(policies)}`;
    const existing = this.#units.get(key);
    if (existing !== undefined) return existing;
    const id = `ou-exam-${String(this.#units.size).padStart(8, '0')}`;
    this.#units.set(key, id);
    this.add({ id, name: name ?? id, kind: 'ORGANIZATIONAL_UNIT', parentId }, policies);
    return id;
  }

  /** A policy's ID comes from its position, so that it stays the same if the content changes, as in AWS. */
  add(node: Omit<OrganizationNode, 'policyIds'>, documents: readonly PolicyDocument[]): void {
    const policyIds = documents.map((document, n) => {
      const full = textOf(document) === FULL_ACCESS;
      const id = full ? 'p-FullAWSAccess' : `p-${node.id.replace(/\W/g, '')}${n}`;
      this.policies.set(id, { id, document });
      return id;
    });
    this.nodes.set(node.id, { ...node, policyIds: this.scpsEnabled ? policyIds : [] });
  }
}
