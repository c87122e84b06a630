/**
 * What the emulated AWS knows of one account. The generator makes it from a seed, the operations show it as
 * IAM would, the evaluator decides on it, and tests change it by hand. Times are milliseconds since the epoch.
 */
export interface EmulatedAccount {
  readonly accountId: string;
  readonly users: Map<string, EmulatedUser>;
  readonly roles: Map<string, EmulatedRole>;
  readonly groups: Map<string, EmulatedGroup>;
  /** By ARN: the account's own managed policies and the AWS managed ones that it attaches. */
  readonly policies: Map<string, EmulatedPolicy>;
  /** SCPs in force for the account, or null where it is in no organization. Each inner list is one level (root, OU, account). */
  serviceControlPolicies: PolicyDocument[][] | null;
  readonly root: EmulatedRoot;
}

/** Finds accounts by their id: a Map of them, or what makes them when they are asked for. */
export interface AccountDirectory {
  get(accountId: string): EmulatedAccount | undefined;
}

/** A policy as its author wrote it: parsed JSON. */
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
  /** AIDA…, AROA… or AGPA…: IAM's unique id. */
  readonly id: string;
  readonly createdAt: number;
  inlinePolicies: InlinePolicy[];
  attachedPolicyArns: string[];
}

export type EmulatedGroup = EmulatedEntity;

interface EmulatedPrincipal extends EmulatedEntity {
  permissionsBoundaryArn: string | null;
  tags: Record<string, string>;
  /** What service last accessed tells of it: by service namespace, only services that were called. */
  activity: Map<string, ServiceActivity>;
}

export interface ServiceActivity {
  lastAuthenticated: number;
  region: string;
  /** By action name without the service's prefix; empty for services that AWS does not track by action. */
  actions: Map<string, number>;
}

export interface EmulatedUser extends EmulatedPrincipal {
  groupNames: string[];
  /** Null where the user has no console password. */
  password: { lastUsed: number | null; lastChanged: number } | null;
  mfaActive: boolean;
  /** At most two. */
  accessKeys: {
    active: boolean;
    lastRotated: number;
    lastUsed: { at: number; region: string; service: string } | null;
  }[];
}

export interface EmulatedRole extends EmulatedPrincipal {
  trustPolicy: PolicyDocument;
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
