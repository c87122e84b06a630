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
import { WorkByOperation } from './run.ts';

/** A line of `accounts.jsonl`: one child of the Distributed Map. */
export const AccountLine = v.object({
  accountId: AccountId,
  /** The run from which finished, unchanged principals are carried over. */
  resumeFrom: v.nullable(RunId),
  /** When the account may begin, ISO 8601; lines of earlier versions have none. */
  startAt: v.optional(v.string()),
});
export type AccountLine = v.InferOutput<typeof AccountLine>;

/** Where a principal's evidence comes from in this run. */
export const EvidenceSource = v.picklist(['asked', 'carried']);

/** What a user had to sign in or to sign requests with when it was last looked at, and when any of it was last missed. */
export const SignIn = v.object({ means: v.array(v.string()), lostAt: v.nullable(v.string()) });
export type SignIn = v.InferOutput<typeof SignIn>;

/** A line of `inventory.jsonl`: a principal in scope, as the account described it. */
export const InventoryLine = v.object({
  ...PrincipalIdentity.entries,
  ...PrincipalTraits.entries,
  source: EvidenceSource,
  /** Hash of everything that a simulation depends on: policies, boundary, catalogue. */
  fingerprint: v.string(),
  /** YYYY-MM-DD: when last-accessed data is asked again at the latest; lines of earlier versions have none. */
  refreshOn: v.optional(v.string()),
  /** Only of users, and of those whom a credential report has told of; lines of earlier versions have none. */
  signIn: v.optional(SignIn),
  credentials: v.nullable(Credentials),
  problems: v.array(Problem),
});
export type InventoryLine = v.InferOutput<typeof InventoryLine>;

/** What is asked of a principal, each with calls of its own. */
export const PartKind = v.picklist(['lastAccessed', 'permissions']);
export type PartKind = v.InferOutput<typeof PartKind>;

/** Narrower resources that an Allow names for these actions; simulated where `*` is implicitly denied. */
export const NarrowerResources = v.object({ resources: v.array(v.string()), actions: v.array(v.string()) });
export type NarrowerResources = v.InferOutput<typeof NarrowerResources>;

/** A line of `worklist.jsonl`: what must be asked about one principal. */
export const WorklistLine = v.object({
  arn: v.string(),
  type: PrincipalType,
  /** Actions that an Allow may match. Empty: everything is ruled out. */
  actions: v.array(v.string()),
  ruledOut: v.number(),
  narrower: v.array(NarrowerResources),
  /** Resources that an Allow names and that no request can: what they grant can't be said. */
  unaskable: v.array(v.string()),
  /** Parts that must be asked; the others are carried. Lines of earlier versions ask for both. */
  asks: v.optional(v.array(PartKind), ['lastAccessed', 'permissions']),
  /** Hash of all that decisions depend on, the same for principals that share them; null: they hang on the principal. */
  group: v.optional(v.nullable(v.string()), null),
});
export type WorklistLine = v.InferOutput<typeof WorklistLine>;

/**
 * A line of `carried.jsonl`: parts that an earlier run has found, still valid. Null: this part is asked, or stands in
 * another line. In no order.
 */
export const CarriedLine = v.object({
  arn: v.string(),
  lastAccessed: v.nullable(LastAccessed),
  permissions: v.nullable(Permissions),
});
export type CarriedLine = v.InferOutput<typeof CarriedLine>;

/**
 * A line of `evidence.jsonl.gz`: COMPLETE parts, each with the fingerprint that its principal had. Null: there is none,
 * or it stands in another line because it was found on another day.
 */
export const StoredEvidence = v.object({
  arn: v.string(),
  lastAccessed: v.nullable(
    v.object({
      fingerprint: v.string(),
      /** YYYY-MM-DD: when it is asked again at the latest; lines of earlier versions have none. */
      refreshOn: v.optional(v.string()),
      signIn: v.optional(SignIn),
      part: LastAccessed,
    }),
  ),
  permissions: v.nullable(v.object({ fingerprint: v.string(), part: Permissions })),
});
export type StoredEvidence = v.InferOutput<typeof StoredEvidence>;

/** A line of `batches/<n>[-<attempt>].jsonl`: a part as soon as it is known, and last how the attempt ended. */
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
    /** ARN of whoever was simulated; not there where it is the principal itself, and in lines of earlier versions. */
    sharedFrom: v.optional(v.string()),
  }),
  v.object({
    kind: v.literal('end'),
    finished: v.boolean(),
    /** When the attempt ended; lines of earlier versions do not say. */
    endedAt: v.optional(v.string()),
    resumeAt: v.nullable(v.string()),
    stalled: v.number(),
    /** True where the attempt ended early because no call could be sent for long. */
    paused: v.optional(v.boolean(), false),
    /** When each operation that has work may send its next call, ISO 8601: the pace goes on over the attempts. */
    heldUntil: v.optional(v.record(v.string(), v.string()), {}),
    /** ARNs whose report was not ready in time in this attempt. */
    timedOut: v.array(v.string()),
    calls: WorkByOperation,
    use: InvocationUse,
  }),
]);
export type BatchLine = v.InferOutput<typeof BatchLine>;

/** A line of `uncarried.jsonl`: parts that a run has found, and that no later run may take over. */
export const UncarriedLine = v.object({ arn: v.string(), parts: v.array(PartKind) });
export type UncarriedLine = v.InferOutput<typeof UncarriedLine>;

/** `state/claim.json`: which run may write. */
export const Claim = v.object({
  execution: v.string(),
  runId: RunId,
  /** YYYY-MM-DD of the schedule that started it; null for runs started by hand. */
  scheduledDay: v.nullable(v.string()),
  /** The last day for which a scheduled run was claimed, whoever holds the claim now. */
  lastScheduledDay: v.nullable(v.string()),
  released: v.boolean(),
  /** The run that was interrupted and from which the claim was taken over. */
  interrupted: v.nullable(RunId),
});
export type Claim = v.InferOutput<typeof Claim>;
