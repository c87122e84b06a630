import * as v from 'valibot';
import {
  Credentials,
  LastAccessed,
  Permissions,
  PrincipalIdentity,
  PrincipalTraits,
  PrincipalType,
  Problem,
} from './evidence.ts';
import { AccountId, RunId } from './execution-input.ts';
import { InvocationUse } from './messages.ts';
import { CallsByOperation } from './run.ts';

/** A line of `accounts.jsonl`: one child execution of the Distributed Map. */
export const AccountLine = v.object({
  accountId: AccountId,
  /** The run from which finished, unchanged principals are carried forward. */
  resumeFrom: v.nullable(RunId),
  /** Earliest start of the account, ISO 8601. Missing in lines of earlier versions. */
  startAt: v.optional(v.string()),
});
export type AccountLine = v.InferOutput<typeof AccountLine>;

/** Whether this run reads a principal's evidence from AWS or carries it forward. */
export const EvidenceSource = v.picklist(['asked', 'carried']);

/**
 * A user's means of signing in and of signing requests at the last check, and when one of them was last found missing.
 */
export const SignIn = v.object({ means: v.array(v.string()), lostAt: v.nullable(v.string()) });
export type SignIn = v.InferOutput<typeof SignIn>;

/** A line of `inventory.jsonl`: a principal in scope. */
export const InventoryLine = v.object({
  ...PrincipalIdentity.entries,
  ...PrincipalTraits.entries,
  source: EvidenceSource,
  /** Hash of everything that a simulation depends on: policies, boundary, catalogue. */
  fingerprint: v.string(),
  /** YYYY-MM-DD: the latest day for reading last-accessed data again. Missing in lines of earlier versions. */
  refreshOn: v.optional(v.string()),
  /**
   * YYYY-MM-DD: the same, while the inventory proves that the principal is idle. Missing if `refreshOn` applies in any
   * case, and in lines of earlier versions.
   */
  refreshIdleOn: v.optional(v.string()),
  /** Only for users that a credential report contained. Missing in lines of earlier versions. */
  signIn: v.optional(SignIn),
  credentials: v.nullable(Credentials),
  problems: v.array(Problem),
});
export type InventoryLine = v.InferOutput<typeof InventoryLine>;

/** The parts of a principal's evidence. Each needs its own calls. */
export const PartKind = v.picklist(['lastAccessed', 'permissions']);
export type PartKind = v.InferOutput<typeof PartKind>;

/** Narrower resources that an Allow names for these actions. They are simulated if `*` is implicitly denied. */
export const NarrowerResources = v.object({ resources: v.array(v.string()), actions: v.array(v.string()) });
export type NarrowerResources = v.InferOutput<typeof NarrowerResources>;

/** A line of `worklist.jsonl`: what must be read for one principal. */
export const WorklistLine = v.object({
  arn: v.string(),
  type: PrincipalType,
  /** Actions that an Allow may match. Empty: all actions are ruled out. */
  actions: v.array(v.string()),
  ruledOut: v.number(),
  narrower: v.array(NarrowerResources),
  /** Resources that an Allow names and that can't be simulated. The permissions on them are unknown. */
  unaskable: v.array(v.string()),
  /** Parts that must be read; the others are carried. Missing in lines of earlier versions, which means both. */
  asks: v.optional(v.array(PartKind), ['lastAccessed', 'permissions']),
  /**
   * Hash of everything that decisions depend on, equal for principals that share them. Null: they depend on the
   * principal.
   */
  group: v.optional(v.nullable(v.string()), null),
});
export type WorklistLine = v.InferOutput<typeof WorklistLine>;

/**
 * A line of `carried.jsonl`: parts from an earlier run that are still valid. Null: this part is read again, or is in
 * another line. The lines have no order.
 */
export const CarriedLine = v.object({
  arn: v.string(),
  lastAccessed: v.nullable(LastAccessed),
  permissions: v.nullable(Permissions),
});
export type CarriedLine = v.InferOutput<typeof CarriedLine>;

/**
 * A line of `evidence.jsonl.gz`: COMPLETE parts, each with the principal's fingerprint at that time. Null: there is
 * none, or it is in another line, because it was read on another day.
 */
export const StoredEvidence = v.object({
  arn: v.string(),
  lastAccessed: v.nullable(
    v.object({
      fingerprint: v.string(),
      /** YYYY-MM-DD: the latest day for reading it again. Missing in lines of earlier versions. */
      refreshOn: v.optional(v.string()),
      /** The same, while the principal is idle. Missing: `refreshOn` applies in any case. */
      refreshIdleOn: v.optional(v.string()),
      signIn: v.optional(SignIn),
      part: LastAccessed,
    }),
  ),
  permissions: v.nullable(v.object({ fingerprint: v.string(), part: Permissions })),
});
export type StoredEvidence = v.InferOutput<typeof StoredEvidence>;

/**
 * A line of `batches/<n>[-<attempt>].jsonl`: a part, written as soon as it is known. The last line is the attempt's
 * end.
 */
export const BatchLine = v.variant('kind', [
  v.object({
    kind: v.literal('lastAccessed'),
    arn: v.string(),
    part: LastAccessed,
    problems: v.array(Problem),
  }),
  v.object({
    kind: v.literal('permissions'),
    arn: v.string(),
    part: Permissions,
    problems: v.array(Problem),
    /** ARN of the simulated principal. Missing if it is this principal, and in lines of earlier versions. */
    sharedFrom: v.optional(v.string()),
  }),
  v.object({
    kind: v.literal('end'),
    finished: v.boolean(),
    /** When the attempt ended. Missing in lines of earlier versions. */
    endedAt: v.optional(v.string()),
    resumeAt: v.nullable(v.string()),
    /** Attempts in a row that finished nothing, this one included. */
    stalled: v.number(),
    /** True if the attempt ended early because no call could be sent for a long time. */
    paused: v.optional(v.boolean(), false),
    /** By operation: when its next call may be sent, ISO 8601. The next attempt sends no call earlier. */
    heldUntil: v.optional(v.record(v.string(), v.string()), {}),
    /** ARNs of principals without a ready report at the end of this attempt. */
    timedOut: v.array(v.string()),
    calls: CallsByOperation,
    use: InvocationUse,
  }),
]);
export type BatchLine = v.InferOutput<typeof BatchLine>;

/** A line of `uncarried.jsonl`: parts of this run that no later run may carry forward. */
export const UncarriedLine = v.object({ arn: v.string(), parts: v.array(PartKind) });
export type UncarriedLine = v.InferOutput<typeof UncarriedLine>;

/** `state/claim.json`: the run that may write. */
export const Claim = v.object({
  execution: v.string(),
  runId: RunId,
  /** YYYY-MM-DD: the scheduled day. Null for manual runs. */
  scheduledDay: v.nullable(v.string()),
  /** The last day for which any scheduled run was claimed. */
  lastScheduledDay: v.nullable(v.string()),
  released: v.boolean(),
  /** The interrupted run that held the claim before. */
  interrupted: v.nullable(RunId),
});
export type Claim = v.InferOutput<typeof Claim>;
