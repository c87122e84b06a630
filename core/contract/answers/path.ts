import * as v from 'valibot';
import { RunId } from '../execution-input.ts';
import { RunStatus } from '../run.ts';
import type { Immutable } from './immutable.ts';
import { Ground } from './permission.ts';

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What the end of a path gives, most first. */
export const gains = ['administrator', 'permission changes', 'credentials', 'other permissions'] as const;
export const Gain = v.picklist(gains);
export type Gain = v.InferOutput<typeof Gain>;

/** The most certain first. */
export const certainties = ['certain', 'conditional', 'possible'] as const;
/** `conditional`: it depends on condition keys. `possible`: it depends on facts that the audit does not read. */
export const Certainty = v.picklist(certainties);
export type Certainty = v.InferOutput<typeof Certainty>;

/** One step: a principal acts as another one, or with more permissions than before. */
export const PathStep = v.object({
  /** ARN of the principal before the step. */
  from: v.string(),
  /** ARN of the principal after it. The same ARN: the principal changes its own permissions, or creates a principal. */
  to: v.string(),
  /** ARN of the principal that the step changes, if the step does not act as it. */
  changes: v.optional(v.string()),
  /** The action that the step depends on. `trust`: a trust policy alone lets the principal in. */
  by: v.string(),
  /** ID of the technique, such as `sts-001`. */
  technique: v.string(),
  /** All actions that the step needs. */
  actions: v.array(v.string()),
  /** A page that describes the technique. */
  reference: v.string(),
  grounds: v.array(Ground),
});

/** The steps from a principal to more permissions. The evidence of findings has paths in the same form. */
export const Path = v.object({
  steps: v.array(PathStep),
  /** ARN of the principal at the end. */
  to: v.string(),
  gain: Gain,
  certainty: Certainty,
  /** Condition keys and facts that the path depends on and that are not known. */
  missing: v.array(v.string()),
  /** ARNs of some principals that the last step leads to in the same way. */
  targets: v.array(v.string()),
  /** The number of all these principals, and of administrators among them. */
  targetCount: Count,
  administrators: Count,
});
export type Path = Immutable<v.InferOutput<typeof Path>>;

/** What `path --json` prints: the paths from one principal to another, or to any administrator. */
export const PathAnswer = v.object({
  schemaVersion: v.literal(1),
  runId: RunId,
  status: RunStatus,
  /** ARN of the principal. */
  from: v.string(),
  /** ARN of the other principal. Null: any administrator. */
  to: v.nullable(v.string()),
  /** Whether `from` is an administrator already. */
  isAdministrator: v.boolean(),
  /** Shortest first. */
  paths: v.array(Path),
  /** Why a path may be missing. */
  notKnown: v.array(v.string()),
});
export type PathAnswer = Immutable<v.InferOutput<typeof PathAnswer>>;
