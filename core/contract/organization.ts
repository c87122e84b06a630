import * as v from 'valibot';
import { AccountId } from './execution-input.ts';

/** Properties of the SCPs that apply to an account, without their content. */
export const ServiceControl = v.object({
  /** Hash of their contents, level by level from the root to the account. `none`: no SCP applies. */
  hash: v.string(),
  /** Whether their decisions are the same for all principals of the type. */
  independent: v.object({ user: v.boolean(), role: v.boolean() }),
  /** Whether their decisions are the same at any time. */
  timeless: v.boolean(),
});
export type ServiceControl = v.InferOutput<typeof ServiceControl>;

/** A root or an organizational unit. */
export const OrganizationUnit = v.object({ id: v.string(), name: v.string() });
export type OrganizationUnit = v.InferOutput<typeof OrganizationUnit>;

export const OrganizationAccount = v.object({
  accountId: AccountId,
  /** Null if AWS did not return it. Missing in objects of earlier versions. */
  name: v.optional(v.nullable(v.string()), null),
  /** ACTIVE, PENDING_ACTIVATION, SUSPENDED, PENDING_CLOSURE or CLOSED; UNKNOWN if AWS did not return it. */
  state: v.string(),
  /** The account's place: the root, then the units below it. Null: not known. Missing in objects of earlier versions. */
  units: v.optional(v.nullable(v.array(OrganizationUnit)), null),
  /** Null: not known. */
  serviceControlPolicies: v.nullable(ServiceControl),
  /**
   * Names of the resource control policies that apply to the account, without AWS's own. Null: not known. Missing in
   * objects of earlier versions.
   */
  resourceControlPolicies: v.optional(v.nullable(v.array(v.string())), null),
});
export type OrganizationAccount = v.InferOutput<typeof OrganizationAccount>;

const OrganizationPart = v.picklist([
  'organization',
  'accounts',
  'units',
  'serviceControlPolicies',
  'resourceControlPolicies',
]);
export type OrganizationPart = v.InferOutput<typeof OrganizationPart>;

/** The reason why a part of `organization.json` is not known. `code` is AWS's error code, OutOfTime or NotInTree. */
export const OrganizationProblem = v.object({
  part: OrganizationPart,
  code: v.string(),
  message: v.string(),
});
export type OrganizationProblem = v.InferOutput<typeof OrganizationProblem>;

/** A part that could not be read today and comes from an earlier run. `organization`: the ID and management account. */
export const CarriedPart = v.object({
  part: OrganizationPart,
  /** When it was read, ISO 8601. */
  asOf: v.string(),
  /** The run that read it. */
  carriedFrom: v.string(),
});
export type CarriedPart = v.InferOutput<typeof CarriedPart>;

/** `organization.json`: the organization's data that the hub may read, once in each run. */
export const Organization = v.object({
  schemaVersion: v.literal(1),
  /** ISO 8601. */
  readAt: v.string(),
  /** The hub account's membership today. `none`: it is in no organization. */
  membership: v.picklist(['member', 'none', 'unknown']),
  organizationId: v.nullable(v.string()),
  managementAccountId: v.nullable(AccountId),
  /**
   * Number of service control policies that are attached to a root or unit itself, by its ID. Missing if this is not
   * known, and in runs of earlier versions.
   */
  attachedPolicies: v.optional(v.record(v.string(), v.pipe(v.number(), v.integer()))),
  /** All accounts of the organization; null if they are not known. */
  accounts: v.nullable(v.array(OrganizationAccount)),
  problems: v.array(OrganizationProblem),
  /** Parts from earlier runs. Missing in runs of earlier versions. */
  carried: v.optional(v.array(CarriedPart)),
});
export type Organization = v.InferOutput<typeof Organization>;
