/**
 * The data of one emulated account. The generator creates it from a seed, the operations return it in IAM's format, the
 * evaluator reads its policies, and tests can change it. Times are milliseconds since the epoch.
 */
export interface EmulatedAccount {
  readonly accountId: string;
  /** Its name in the organization. Default: "account" and its ID. */
  name?: string;
  /**
   * Names of the units above the account, from the root down. With SCPs: as many as `serviceControlPolicies` has levels
   * between root and account. Default: the units have their IDs as names.
   */
  unitNames?: readonly string[];
  readonly users: Map<string, EmulatedUser>;
  readonly roles: Map<string, EmulatedRole>;
  readonly groups: Map<string, EmulatedGroup>;
  /** By ARN: customer managed policies, and the AWS managed policies that the account attaches. */
  readonly policies: Map<string, EmulatedPolicy>;
  /** SCPs that apply to the account, or null if no SCP does. Each inner list is one level (root, OU, account). */
  serviceControlPolicies: PolicyDocument[][] | null;
  readonly root: EmulatedRoot;
  /** As IAM returns it. Null: the account has none. Default: a strong policy. */
  passwordPolicy?: Readonly<Record<string, string | number | boolean>> | null;
}

/** Finds an account by its ID. An implementation can be a Map, or can generate accounts on request. */
export interface AccountDirectory {
  get(accountId: string): EmulatedAccount | undefined;
}

/** The accounts of a list that may change: in an organization, accounts join and leave. */
export class ListedAccounts implements AccountDirectory {
  readonly #places = new Map<string, number>();

  constructor(private readonly accounts: readonly EmulatedAccount[]) {}

  get(accountId: string): EmulatedAccount | undefined {
    const known = this.accounts[this.#places.get(accountId) ?? -1];
    if (known?.accountId === accountId) return known;
    this.#places.clear();
    this.accounts.forEach((account, place) => this.#places.set(account.accountId, place));
    return this.accounts[this.#places.get(accountId) ?? -1];
  }
}

/** A policy document: parsed JSON. */
export type PolicyDocument = Readonly<Record<string, unknown>>;

export interface EmulatedPolicy {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly policyId: string;
  readonly createdAt: number;
  /** Newest first; exactly one is the default. */
  versions: { id: string; isDefault: boolean; createdAt: number; document: PolicyDocument }[];
}

export interface InlinePolicy {
  name: string;
  document: PolicyDocument;
}

interface EmulatedEntity {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  /** IAM's unique ID: AIDA…, AROA… or AGPA…. */
  readonly id: string;
  readonly createdAt: number;
  inlinePolicies: InlinePolicy[];
  attachedPolicyArns: string[];
}

export type EmulatedGroup = EmulatedEntity;

interface EmulatedPrincipal extends EmulatedEntity {
  permissionsBoundaryArn: string | null;
  tags: Record<string, string>;
  /** Service last accessed data by service namespace. Contains only services that the principal has called. */
  activity: Map<string, ServiceActivity>;
}

export interface ServiceActivity {
  lastAuthenticated: number;
  region: string;
  /** Time by action name, without the service's prefix. Empty for services that AWS does not track by action. */
  actions: Map<string, number>;
}

export interface EmulatedUser extends EmulatedPrincipal {
  groupNames: string[];
  /** Null: the user has no console password. */
  password: { lastUsed: number | null; lastChanged: number } | null;
  mfaActive: boolean;
  /** Whether the user has an active signing certificate. Default: it has none. */
  certificateActive?: boolean;
  /** At most two. */
  accessKeys: {
    active: boolean;
    lastRotated: number;
    lastUsed: { at: number; region: string; service: string } | null;
  }[];
}

export interface EmulatedRole extends EmulatedPrincipal {
  trustPolicy: PolicyDocument;
  /** Names of the instance profiles that have it. Default: one of its name if it trusts EC2. */
  instanceProfiles?: readonly string[];
  lastUsed: { at: number; region: string } | null;
  maxSessionDurationSeconds: number;
  description: string;
}

export interface EmulatedRoot {
  createdAt: number;
  passwordLastUsed: number | null;
  mfaActive: boolean;
  accessKeyActive: boolean;
}
