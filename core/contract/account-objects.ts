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
import { ServiceControl } from './organization.ts';
import { CallsByOperation, Scope } from './run.ts';
import { CallTimeline } from './calls/timeline.ts';

/** A line of `accounts.jsonl`: the input of one child execution of the Distributed Map. */
export const AccountLine = v.object({
  accountId: AccountId,
  /** The run that this run continues. Its finished parts are carried forward if nothing has changed. Null: it continues none. */
  resumeFrom: v.nullable(RunId),
  /** Earliest start of the account, ISO 8601. Missing in lines of earlier versions. */
  startAt: v.optional(v.string()),
});
export type AccountLine = v.InferOutput<typeof AccountLine>;

/** `context.json`: what the execution of each account reads about its run, instead of `run.json` and `organization.json`. */
export const RunContext = v.object({
  schemaVersion: v.literal(1),
  /** ISO 8601. */
  startedAt: v.string(),
  /** The execution of the run. It says whether the run is active if the claim can't be read. Missing in earlier versions. */
  execution: v.optional(v.string()),
  /** Number of lines of `accounts.jsonl`. Missing in earlier versions. */
  accounts: v.optional(v.pipe(v.number(), v.integer())),
  principals: Scope.entries.principals,
  /** The hub's organization. Null: not known, or none. */
  organizationId: v.nullable(v.string()),
  /** Number of objects that contain the accounts of the organization. Null: the accounts are not known. */
  memberGroups: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
});
export type RunContext = v.InferOutput<typeof RunContext>;

/** `members/<n>.json`: some of the organization's accounts. */
export const MemberGroup = v.object({
  /** The service control of these accounts. Accounts with the same policies share an entry. */
  serviceControl: v.array(ServiceControl),
  /** By account ID: the index of its entry. Null: its service control is not known. */
  accounts: v.record(AccountId, v.nullable(v.pipe(v.number(), v.integer()))),
});
export type MemberGroup = v.InferOutput<typeof MemberGroup>;

/**
 * `members/scp-<hash>.json`: the documents of the SCPs that apply to accounts with this hash, as JSON texts, level by level
 * from the root to the account.
 */
export const ServiceControlDocuments = v.array(v.array(v.string()));
export type ServiceControlDocuments = v.InferOutput<typeof ServiceControlDocuments>;

/** Whether this run reads a principal's evidence from AWS or carries it forward. */
export const EvidenceSource = v.picklist(['asked', 'carried']);

/**
 * A user's password and access keys at the last check (`means`), and when one of them was last found to be deleted or
 * replaced (`lostAt`).
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
   * YYYY-MM-DD: this day applies instead of `refreshOn` while the inventory proves that the principal is idle. Missing if
   * `refreshOn` applies in any case, and in lines of earlier versions.
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

/** Resources that Allow statements name for these actions. They are simulated if the simulation of `*` gives an implicit deny. */
export const NarrowerResources = v.object({ resources: v.array(v.string()), actions: v.array(v.string()) });
export type NarrowerResources = v.InferOutput<typeof NarrowerResources>;

/** A condition key and its values, as SimulatePrincipalPolicy accepts them. */
export const ContextEntry = v.object({
  name: v.string(),
  type: v.picklist(['string', 'boolean', 'numeric']),
  values: v.array(v.string()),
});
export type ContextEntry = v.InferOutput<typeof ContextEntry>;

/** Values of condition keys for the simulation of a principal. */
export const SimulationContext = v.object({
  entries: v.array(ContextEntry),
  /** Values for actions of global services, if they are decided otherwise in the Region of their endpoint. */
  global: v.nullable(v.array(ContextEntry)),
});
export type SimulationContext = v.InferOutput<typeof SimulationContext>;

/** A line of `worklist.jsonl`: what must be read for one principal. */
export const WorklistLine = v.object({
  arn: v.string(),
  type: PrincipalType,
  /** Actions that an Allow statement may match. Empty: all actions are ruled out. */
  actions: v.array(v.string()),
  ruledOut: v.number(),
  narrower: v.array(NarrowerResources),
  /** Resources that an Allow statement names but that can't be simulated. The permissions on them are unknown. */
  unaskable: v.array(v.string()),
  /** Missing in lines of earlier versions, and if no policy names a key whose value is known. */
  context: v.optional(SimulationContext),
  /** Parts that must be read; the others are carried. Missing in lines of earlier versions, which means both. */
  asks: v.optional(v.array(PartKind), ['lastAccessed', 'permissions']),
  /**
   * Hash of everything that the decisions depend on. Principals with the same hash share one simulation. Null: the
   * decisions also depend on the principal itself.
   */
  group: v.optional(v.nullable(v.string()), null),
});
export type WorklistLine = v.InferOutput<typeof WorklistLine>;

/**
 * A line of `carried.jsonl`: parts from an earlier run that are still valid. Null: this part is read again, or it
 * is in another line. The lines are in no particular order.
 */
export const CarriedLine = v.object({
  arn: v.string(),
  lastAccessed: v.nullable(LastAccessed),
  permissions: v.nullable(Permissions),
});
export type CarriedLine = v.InferOutput<typeof CarriedLine>;

/**
 * A line of `evidence.jsonl.gz`: COMPLETE parts, each with the principal's fingerprint at that time. Null: this
 * part is not stored, or it is in another line because it was read on another day.
 */
export const StoredEvidence = v.object({
  arn: v.string(),
  lastAccessed: v.nullable(
    v.object({
      fingerprint: v.string(),
      /** YYYY-MM-DD: the latest day for reading it again. Missing in lines of earlier versions. */
      refreshOn: v.optional(v.string()),
      /** This day applies instead while the principal is idle. Missing: `refreshOn` applies in any case. */
      refreshIdleOn: v.optional(v.string()),
      signIn: v.optional(SignIn),
      part: LastAccessed,
    }),
  ),
  permissions: v.nullable(v.object({ fingerprint: v.string(), part: Permissions })),
});
export type StoredEvidence = v.InferOutput<typeof StoredEvidence>;

/**
 * A line of `batches/<n>[-<attempt>].jsonl`: a part of a principal's evidence, written as soon as it is known. The last
 * line is the end of the attempt.
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
    /** When the next attempt starts, ISO 8601. Null if the batch is finished. */
    resumeAt: v.nullable(v.string()),
    /** Attempts in a row that finished no part, including this one. */
    stalled: v.number(),
    /** True if the attempt ended early because no call could be sent for a long time. */
    paused: v.optional(v.boolean(), false),
    /** For each operation: the earliest time of its next call, also in the next attempt. ISO 8601. */
    heldUntil: v.optional(v.record(v.string(), v.string()), {}),
    /** ARNs of principals without a ready report at the end of this attempt. */
    timedOut: v.array(v.string()),
    calls: CallsByOperation,
    /** Missing in lines of earlier versions, and without calls. */
    timeline: v.optional(CallTimeline),
    use: InvocationUse,
  }),
]);
export type BatchLine = v.InferOutput<typeof BatchLine>;

/** What an invocation did that called AWS and then failed, so that its results are lost. */
export const FailedInvocation = v.object({
  state: v.picklist(['InventoryAccount', 'AuditBatch', 'SummariseAccount']),
  /** ISO 8601. `endedAt`: as in the object that the invocation tried to write last. */
  startedAt: v.string(),
  endedAt: v.string(),
  calls: CallsByOperation,
  timeline: v.optional(CallTimeline),
  use: InvocationUse,
});
export type FailedInvocation = v.InferOutput<typeof FailedInvocation>;

/** `failed-invocations.json`: the invocations of an account that failed. Missing if none did. */
export const FailedInvocations = v.object({ schemaVersion: v.literal(1), invocations: v.array(FailedInvocation) });
export type FailedInvocations = v.InferOutput<typeof FailedInvocations>;

/** A line of `uncarried.jsonl`: parts of this run that no later run may carry forward. */
export const UncarriedLine = v.object({ arn: v.string(), parts: v.array(PartKind) });
export type UncarriedLine = v.InferOutput<typeof UncarriedLine>;

/** `state/claim.json`: the run that may write results. */
export const Claim = v.object({
  execution: v.string(),
  runId: RunId,
  /** YYYY-MM-DD: the scheduled day. Null for manual runs. */
  scheduledDay: v.nullable(v.string()),
  /** YYYY-MM-DD: the day of the last scheduled run that got the claim. Null if there was none. */
  lastScheduledDay: v.nullable(v.string()),
  released: v.boolean(),
  /** The run that held the claim before, if it was interrupted. */
  interrupted: v.nullable(RunId),
});
export type Claim = v.InferOutput<typeof Claim>;
