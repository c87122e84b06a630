import * as v from 'valibot';
import { AccountId } from './execution-input.ts';

/** What the SCPs in force over an account are, without what they say. */
export const ServiceControl = v.object({
  /** Of their contents, level by level from the root to the account; `none`: no SCP applies. */
  hash: v.string(),
  /** Whether they say the same of every principal of the type. */
  independent: v.object({ user: v.boolean(), role: v.boolean() }),
  /** Whether they say the same at any time. */
  timeless: v.boolean(),
});
export type ServiceControl = v.InferOutput<typeof ServiceControl>;

export const OrganizationAccount = v.object({
  accountId: AccountId,
  /** ACTIVE, PENDING_ACTIVATION, SUSPENDED, PENDING_CLOSURE or CLOSED; UNKNOWN where AWS did not say. */
  state: v.string(),
  /** Null: not known. */
  serviceControlPolicies: v.nullable(ServiceControl),
});
export type OrganizationAccount = v.InferOutput<typeof OrganizationAccount>;

const OrganizationPart = v.picklist(['organization', 'accounts', 'serviceControlPolicies']);
export type OrganizationPart = v.InferOutput<typeof OrganizationPart>;

/** Why a part of `organization.json` is not known. `code` is AWS's error code, or OutOfTime, or NotInTree. */
export const OrganizationProblem = v.object({
  part: OrganizationPart,
  code: v.string(),
  message: v.string(),
});
export type OrganizationProblem = v.InferOutput<typeof OrganizationProblem>;

/** A part that could not be read today and is as an earlier run has read it. `organization`: its id and management account. */
export const CarriedPart = v.object({
  part: OrganizationPart,
  /** When it was read, ISO 8601. */
  asOf: v.string(),
  /** The run that read it. */
  carriedFrom: v.string(),
});
export type CarriedPart = v.InferOutput<typeof CarriedPart>;

/** `organization.json`: what the hub may know of its organization, read once a run. */
export const Organization = v.object({
  schemaVersion: v.literal(1),
  /** ISO 8601. */
  readAt: v.string(),
  /** Of the hub, as AWS said today: `none`: it is in no organization. */
  membership: v.picklist(['member', 'none', 'unknown']),
  organizationId: v.nullable(v.string()),
  managementAccountId: v.nullable(AccountId),
  /** Every account of the organization; null where nobody knows them. */
  accounts: v.nullable(v.array(OrganizationAccount)),
  problems: v.array(OrganizationProblem),
  /** Runs of earlier versions carried nothing. */
  carried: v.optional(v.array(CarriedPart)),
});
export type Organization = v.InferOutput<typeof Organization>;
