import * as v from 'valibot';
import { AccountId, RunId } from './execution-input.ts';
import { TrustedParty } from './trust.ts';

/** A time in ISO 8601, UTC. */
const Time = v.pipe(v.string(), v.isoTimestamp());

/**
 * COMPLETE: everything could be read. FAILED: nothing could be read. Otherwise PARTIAL: what is missing is named where it is
 * missing.
 */
export const Status = v.picklist(['COMPLETE', 'PARTIAL', 'FAILED']);
export type Status = v.InferOutput<typeof Status>;

export const PrincipalType = v.picklist(['user', 'role']);
export type PrincipalType = v.InferOutput<typeof PrincipalType>;

/**
 * The reason why data is missing. `code` is AWS's error code, or one of the audit's own:
 * ReportFailed, ReportTimedOut, RefusedAction, Throttled, Interrupted.
 */
export const Problem = v.object({
  step: v.picklist(['inventory', 'lastAccessed', 'permissions', 'credentials']),
  code: v.string(),
  message: v.string(),
});
export type Problem = v.InferOutput<typeof Problem>;

/** An action that AWS tracks, and its last use. Null: none in AWS's tracking period. */
export const AccessedAction = v.object({ name: v.string(), lastAccessed: v.nullable(Time) });
/** A service that the principal's policies allow, and its last use. */
export const AccessedService = v.object({
  /** Such as `s3`. */
  namespace: v.string(),
  /** Such as `Amazon S3`. */
  name: v.string(),
  /** Null: no use in AWS's tracking period. */
  lastAuthenticated: v.nullable(Time),
  /** The Region of the last use. */
  region: v.nullable(v.string()),
  /** Null if AWS does not track this service by action. */
  actions: v.nullable(v.array(AccessedAction)),
});
export type AccessedService = v.InferOutput<typeof AccessedService>;

/** All or nothing: `services` is empty unless the part is COMPLETE. */
export const LastAccessed = v.object({
  status: Status,
  /** When AWS made the report. */
  asOf: Time,
  /** The run that read the data, if it is an earlier one. */
  carriedFrom: v.nullable(RunId),
  services: v.array(AccessedService),
});
export type LastAccessed = v.InferOutput<typeof LastAccessed>;

export const DecisionKind = v.picklist(['allowed', 'explicitDeny', 'implicitDeny']);
export type DecisionKind = v.InferOutput<typeof DecisionKind>;

/** `decision` is for resource `*`; `resources` are the narrower ones that were simulated too. */
export const Decision = v.object({
  /** `service:Action`. */
  action: v.string(),
  decision: DecisionKind,
  /** Null: no service control policy applies, or AWS did not say it. */
  allowedByOrganizations: v.nullable(v.boolean()),
  /** Null: the principal has no permissions boundary, or AWS did not say it. */
  allowedByBoundary: v.nullable(v.boolean()),
  /** Condition keys whose values the simulation lacked. */
  missingContext: v.array(v.string()),
  resources: v.array(v.object({ arn: v.string(), decision: DecisionKind })),
});
export type Decision = v.InferOutput<typeof Decision>;

export const Permissions = v.object({
  status: Status,
  /**
   * `simulated`: by AWS's SimulatePrincipalPolicy. `evaluated`: on this machine, from files. Missing in records of
   * earlier versions, which are simulated.
   */
  source: v.optional(v.picklist(['simulated', 'evaluated'])),
  /** When the decisions were made. */
  asOf: Time,
  /** The run that simulated the permissions, if it is an earlier one. */
  carriedFrom: v.nullable(RunId),
  /** Number of the catalogue's actions that no Allow statement can match. They need no call. */
  ruledOut: v.number(),
  decisions: v.array(Decision),
});
export type Permissions = v.InferOutput<typeof Permissions>;

/** A user's password, MFA devices and access keys, from the credential report. */
export const Credentials = v.object({
  /** Whether a console password exists. Null if the report does not have the value, and in earlier records. */
  passwordEnabled: v.optional(v.nullable(v.boolean()), null),
  passwordLastUsed: v.nullable(Time),
  /** When the password was set. Null without a password, for root, and in earlier records. */
  passwordLastChanged: v.optional(v.nullable(Time), null),
  mfaActive: v.boolean(),
  accessKeys: v.array(v.object({ active: v.boolean(), lastUsed: v.nullable(Time), lastRotated: v.nullable(Time) })),
  /** Active X.509 signing certificates. Null if the report does not have the columns, and in earlier records. */
  activeCertificates: v.optional(v.nullable(v.number()), null),
});
export type Credentials = v.InferOutput<typeof Credentials>;

/** The account's password policy. A setting that AWS does not return is off. */
export const PasswordPolicy = v.object({
  /** False: the account has none, so the default policy of IAM applies. */
  exists: v.boolean(),
  minimumLength: v.number(),
  requiresSymbols: v.boolean(),
  requiresNumbers: v.boolean(),
  requiresUppercase: v.boolean(),
  requiresLowercase: v.boolean(),
  /** Number of earlier passwords that can't be used again; 0: none. */
  reusePrevention: v.number(),
  /** Days; null: passwords do not expire. */
  maxAgeDays: v.nullable(v.number()),
});
export type PasswordPolicy = v.InferOutput<typeof PasswordPolicy>;

/** The credential report's data about the account itself. Null, with a problem, if there was no report. */
export const AccountCredentials = v.object({
  /** The account's root user. */
  root: v.optional(v.nullable(Credentials), null),
  /** When AWS made the report. AWS makes one at most every four hours and returns the last one until then. */
  credentialReportAt: v.optional(v.nullable(Time), null),
  /** The report's age when it was read. */
  credentialReportAgeMinutes: v.optional(v.nullable(v.number()), null),
  /** Users with a console password. Null: not known. */
  usersWithPassword: v.optional(v.nullable(v.number()), null),
  /** Null: not asked because no user has a password, or, with a problem, it could not be read. */
  passwordPolicy: v.optional(v.nullable(PasswordPolicy), null),
  problems: v.optional(v.array(Problem), []),
});
export type AccountCredentials = v.InferOutput<typeof AccountCredentials>;

/** Valibot's `record` drops `constructor`, `prototype` and `__proto__`, but AWS accepts them as tag keys. */
export const Tags = v.custom<Readonly<Record<string, string>>>(
  (input) =>
    typeof input === 'object' &&
    input !== null &&
    !Array.isArray(input) &&
    Object.values(input).every((value) => typeof value === 'string'),
  'tags must be an object of strings',
);

/** The principal of a record, from the inventory. */
export const PrincipalIdentity = v.object({
  accountId: AccountId,
  arn: v.string(),
  type: PrincipalType,
  name: v.string(),
  path: v.string(),
  principalId: v.string(),
  createdAt: Time,
  tags: Tags,
});
export type PrincipalIdentity = v.InferOutput<typeof PrincipalIdentity>;

/**
 * What created a role and manages it. The account can't change or remove the role, or must not, because a tool of its
 * organization depends on it.
 */
export const ManagedBy = v.picklist(['service', 'identityCenter', 'controlTower', 'stackSets']);
export type ManagedBy = v.InferOutput<typeof ManagedBy>;

/** Further data of a principal from the inventory. Missing in lines of earlier versions. */
export const PrincipalTraits = v.object({
  /** Null: managed by the account itself. */
  managedBy: v.optional(v.nullable(ManagedBy), null),
  /** Who may assume the role. Null for users; null with a problem if the trust policy can't be read. */
  trust: v.optional(v.nullable(v.array(TrustedParty)), null),
  /** RoleLastUsed, regardless of the policy that allowed the use. Null: no use in AWS's 400 days. Only for roles. */
  lastUsedAt: v.optional(v.nullable(Time)),
});
export type PrincipalTraits = v.InferOutput<typeof PrincipalTraits>;

/** A line of `principals.jsonl`: the result. */
export const PrincipalRecord = v.object({
  ...PrincipalIdentity.entries,
  ...PrincipalTraits.entries,
  status: Status,
  problems: v.array(Problem),
  lastAccessed: LastAccessed,
  permissions: Permissions,
  credentials: v.nullable(Credentials),
});
export type PrincipalRecord = v.InferOutput<typeof PrincipalRecord>;
