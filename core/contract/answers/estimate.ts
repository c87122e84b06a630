import * as v from 'valibot';
import { AccountId } from '../execution-input.ts';
import { Cost, FailureCause } from '../run.ts';

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Amount = v.pipe(v.number(), v.minValue(0));

/** The rate of the bucket of an operation: calls per second that IAM accepts from the audit. */
export const BucketRate = v.object({
  operation: v.string(),
  perSecond: v.pipe(v.number(), v.gtValue(0)),
  /** `given`: with `--rate`. `remembered`: measured by an earlier run. */
  source: v.picklist(['given', 'remembered', 'assumed']),
  /** ISO 8601; null unless the rate is remembered. */
  measuredAt: v.nullable(v.string()),
});
export type BucketRate = v.InferOutput<typeof BucketRate>;

/** What one run needs. */
export const RunNeeds = v.object({
  /** Requests by operation, such as `iam:SimulatePrincipalPolicy`, with those that are throttled and repeated. */
  calls: v.record(v.string(), Count),
  /** Requests of `calls` that IAM throttles. */
  throttled: Count,
  minutes: Amount,
  /** US dollars by part, as in `run.json`. */
  cost: Cost,
});
export type RunNeeds = v.InferOutput<typeof RunNeeds>;

/** Of the principals in scope. */
export const EstimatedPrincipals = v.object({
  total: Count,
  /** Principals with at least one part that AWS must be asked for today. */
  asked: Count,
  /** Principals whose evidence is carried from an earlier run. */
  carried: Count,
  /** Principals of which no sensitive action needs a simulation. */
  ruledOut: Count,
  /** Reports that must be requested today. */
  reports: Count,
  /** Simulations that are needed today: principals with the same decisions share one. */
  simulations: Count,
});
export type EstimatedPrincipals = v.InferOutput<typeof EstimatedPrincipals>;

export const EstimatedAccount = v.object({
  accountId: AccountId,
  principals: EstimatedPrincipals,
  rates: v.array(BucketRate),
  /** What the account needs, without the run's own states. Null if its inventory could not be read. */
  today: v.nullable(RunNeeds),
  steadyDay: v.nullable(RunNeeds),
  /** Why the inventory could not be read. */
  error: v.optional(FailureCause),
});
export type EstimatedAccount = v.InferOutput<typeof EstimatedAccount>;

/** What `iam-audit estimate --json` prints. */
export const Estimate = v.object({
  schemaVersion: v.literal(1),
  /** `inventory`: of real accounts. `typical`: of accounts with `--principals`. */
  basis: v.picklist(['inventory', 'typical']),
  estimatedAt: v.string(),
  /** In the order in which a run audits them. For `typical`, one account that stands for all. */
  accounts: v.array(EstimatedAccount),
  /** The whole run: all accounts, and the states of the run itself. */
  total: v.object({
    accounts: Count,
    /** Accounts whose inventory could not be read. */
    failed: Count,
    accountsAtOnce: Count,
    principals: EstimatedPrincipals,
    today: RunNeeds,
    steadyDay: RunNeeds,
  }),
  /** Requests that this estimate sent, by operation. */
  sent: v.record(v.string(), Count),
  /** What is assumed, a sentence each. */
  assumptions: v.array(v.string()),
});
export type Estimate = v.InferOutput<typeof Estimate>;
