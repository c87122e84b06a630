import * as v from 'valibot';
import { Problem } from '../evidence.ts';
import { RunId } from '../execution-input.ts';
import { RunStatus } from '../run.ts';
import type { Immutable } from './immutable.ts';
import { Path } from './path.ts';
import { AllowedAction } from './permission.ts';

/** Kinds of actions, the most sensitive first. `escalation`: a step of a known escalation path. */
export const actionKinds = ['permission changes', 'credentials', 'escalation', 'other'] as const;
export const ActionKind = v.picklist(actionKinds);
export type ActionKind = v.InferOutput<typeof ActionKind>;

/** What a principal can do. */
export const Abilities = v.object({
  schemaVersion: v.literal(1),
  runId: RunId,
  status: RunStatus,
  principalArn: v.string(),
  isAdministrator: v.boolean(),
  /** Only categories with actions. */
  categories: v.array(v.object({ category: ActionKind, actions: v.array(AllowedAction) })),
  /** Of the actions that were asked for: those that are not allowed. */
  notAllowed: v.array(v.string()),
  notKnown: v.array(v.object({ action: v.string(), reason: v.string() })),
  /** What is missing in the evidence about the principal. */
  problems: v.array(Problem),
});
export type Abilities = Immutable<v.InferOutput<typeof Abilities>>;

/** What `can --json` prints: what a principal can do, and what it can become. */
export const CanAnswer = v.object({
  ...Abilities.entries,
  /** Paths to more permissions, shortest first. Empty for an administrator, and if the run stored no policies of it. */
  paths: v.array(Path),
});
export type CanAnswer = Immutable<v.InferOutput<typeof CanAnswer>>;
