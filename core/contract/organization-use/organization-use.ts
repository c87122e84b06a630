import * as v from 'valibot';
import { RunId } from '../execution-input.ts';
import { InvocationUse } from '../messages.ts';
import { CallsByOperation, Consumption, FailureCause, OrganizationUseProblem } from '../run.ts';

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A service that the service control policies allow an entity, and its last use by a principal below the entity. */
export const ServiceOfEntity = v.object({
  namespace: v.string(),
  name: v.string(),
  /** ISO 8601. Null, as the next field, if no principal tried to use the service in AWS's tracking period. */
  lastAuthenticated: v.optional(v.nullable(v.string()), null),
  region: v.optional(v.nullable(v.string()), null),
  /** Number of principals that tried to use the service. */
  entities: v.optional(Count, 0),
});
export type ServiceOfEntity = v.InferOutput<typeof ServiceOfEntity>;

/** A line of `organization-use.jsonl`. One of `services` and `problem` is not null. */
export const OrganizationUseLine = v.object({
  /** ID of a root, unit or account. */
  id: v.string(),
  kind: v.picklist(['root', 'unit', 'account']),
  name: v.nullable(v.string()),
  /** Such as `o-example/r-ab12/ou-ab12-11111111/111122223333`. Null: the account's place is not known. */
  path: v.nullable(v.string()),
  /** When AWS finished the report, ISO 8601. Null: there is no report. */
  asOf: v.nullable(v.string()),
  /** The run that read the report, if it is an earlier one. */
  carriedFrom: v.nullable(RunId),
  services: v.nullable(v.array(ServiceOfEntity)),
  /** Why there is no report. */
  problem: v.nullable(FailureCause),
});
export type OrganizationUseLine = v.InferOutput<typeof OrganizationUseLine>;

/** The last line of an attempt's object. */
export const OrganizationUseEnd = v.object({
  end: v.literal(true),
  /** Number of lines before this one. */
  results: Count,
  /** When the next attempt begins. Null: every entity has a line. */
  resumeAt: v.nullable(v.string()),
  /** Consecutive attempts without a result. */
  stalled: Count,
  /** Why AWS gives no reports at all; null if it does. */
  refusal: v.nullable(FailureCause),
  calls: CallsByOperation,
  use: InvocationUse,
});
export type OrganizationUseEnd = v.InferOutput<typeof OrganizationUseEnd>;

/** A root or unit in `organization-use.json`, for the report. */
export const UnitUse = v.object({
  id: v.string(),
  name: v.string(),
  /** Names from the root down, such as `Root/Workloads`. */
  place: v.string(),
  /** Accounts below it that service control policies affect. */
  accounts: Count,
  /** Services that the service control policies allow, and those of them that were used. Null: not known. */
  allowed: v.nullable(Count),
  used: v.nullable(Count),
  /** Services that the proposal denies, and its number of policies. */
  denied: Count,
  policies: Count,
  /** Why nothing is proposed; null if something is. */
  reason: v.nullable(v.string()),
});
export type UnitUse = v.InferOutput<typeof UnitUse>;

/** `organization-use.json`, written after all other objects of the step. */
export const OrganizationUseSummary = v.object({
  schemaVersion: v.literal(1),
  runId: RunId,
  attempts: Count,
  /** The roots and units with accounts below them that service control policies affect. */
  units: v.array(UnitUse),
  /** What the run asked about: roots and units, and accounts. */
  asked: v.object({ units: Count, accounts: Count }),
  /** Entities with a report, and those of them whose report an earlier run read. */
  answered: Count,
  carried: Count,
  problem: v.nullable(OrganizationUseProblem),
  calls: CallsByOperation,
  /** Without state transitions. */
  consumption: Consumption,
});
export type OrganizationUseSummary = v.InferOutput<typeof OrganizationUseSummary>;

/** A service control policy, as it would be created in AWS Organizations. */
export const DenyPolicy = v.object({
  Version: v.literal('2012-10-17'),
  Statement: v.array(
    v.object({
      Sid: v.string(),
      Effect: v.literal('Deny'),
      Action: v.array(v.string()),
      Resource: v.literal('*'),
    }),
  ),
});
export type DenyPolicy = v.InferOutput<typeof DenyPolicy>;

/** `scp/<unit>.json`: service control policies that could be attached to a root or unit. Nothing applies them. */
export const ProposedPolicies = v.object({
  schemaVersion: v.literal(1),
  runId: RunId,
  unit: v.object({ id: v.string(), name: v.string(), place: v.string() }),
  /** The oldest report that the proposal uses, ISO 8601. Null: nothing is proposed. */
  asOf: v.nullable(v.string()),
  accounts: Count,
  /** The services that the policies deny. */
  services: v.array(v.object({ namespace: v.string(), name: v.string() })),
  policies: v.array(
    v.object({
      name: v.string(),
      /** Characters of the document without white space. AWS allows 5,120. */
      characters: Count,
      document: DenyPolicy,
    }),
  ),
  /** Service control policies that are attached to the unit itself today. Null: not known. */
  attached: v.nullable(Count),
  /** What to do if the unit has too few free attachments. */
  attachments: v.nullable(v.string()),
  /** Why nothing is proposed; null if something is. */
  reason: v.nullable(v.string()),
  caveats: v.array(v.string()),
});
export type ProposedPolicies = v.InferOutput<typeof ProposedPolicies>;

/** `state/hub/organization-use.json`: the last run whose `organization-use.jsonl` is complete. */
export const LatestOrganizationUse = v.object({ runId: RunId });
