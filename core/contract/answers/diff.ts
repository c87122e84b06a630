import * as v from 'valibot';
import { AccountId, RunId } from '../execution-input.ts';
import { Finding, Severity } from '../finding.ts';
import type { Immutable } from './immutable.ts';

/**
 * How a principal's permission for one action has changed. `gained`: it was added or is wider. `lost`: it was removed or is
 * narrower. `changed`: neither of the two permissions includes the other one.
 */
export const PermissionChange = v.object({
  action: v.string(),
  change: v.picklist(['gained', 'lost', 'changed']),
  /** The permission in words, such as `everywhere` or `not allowed`. */
  before: v.string(),
  after: v.string(),
});
export type PermissionChange = Immutable<v.InferOutput<typeof PermissionChange>>;

/** A difference between two runs. */
export const Change = v.variant('kind', [
  v.object({
    kind: v.literal('principal'),
    change: v.picklist(['added', 'removed']),
    accountId: AccountId,
    arn: v.string(),
  }),
  v.object({
    kind: v.literal('permissions'),
    accountId: AccountId,
    arn: v.string(),
    changes: v.array(PermissionChange),
  }),
  v.object({
    kind: v.literal('finding'),
    change: v.picklist(['new', 'resolved', 'suppressed', 'reopened', 'worse', 'better']),
    finding: Finding,
    /** The earlier severity, if `change` is worse or better. */
    before: v.optional(Severity),
  }),
  /** An account or principal that could not be compared, so its changes are not known. */
  v.object({
    kind: v.literal('notCompared'),
    accountId: AccountId,
    /** Null: the whole account. */
    arn: v.nullable(v.string()),
    why: v.string(),
  }),
]);
export type Change = Immutable<v.InferOutput<typeof Change>>;

/** What `diff --json` prints: what changed from one run to another. */
export const DiffAnswer = v.object({
  schemaVersion: v.literal(1),
  from: RunId,
  to: RunId,
  /** Ordered by account, then by principal. Findings come last. */
  changes: v.array(Change),
});
export type DiffAnswer = Immutable<v.InferOutput<typeof DiffAnswer>>;
