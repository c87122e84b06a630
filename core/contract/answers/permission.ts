import * as v from 'valibot';
import { AccountId } from '../execution-input.ts';
import type { Immutable } from './immutable.ts';

/** A statement that decides. */
export const Ground = v.object({
  /** The policy, such as `inline policy p`, the ARN of a managed policy, or `trust policy`. */
  policy: v.string(),
  /** The statement's `Sid`, or its number in the policy. */
  statement: v.string(),
});
export type Ground = Immutable<v.InferOutput<typeof Ground>>;

/** Whether AWS reports the use of the action, or only the use of its service. */
const UseLevel = v.picklist(['action', 'service']);

/** When something was last used. `unknown`: the data could not be read, or AWS does not track this use. */
export const Use = v.variant('kind', [
  v.object({
    kind: v.literal('at'),
    /** ISO 8601. */
    time: v.string(),
    level: UseLevel,
  }),
  v.object({ kind: v.literal('never'), level: UseLevel }),
  v.object({ kind: v.literal('unknown') }),
]);
export type Use = Immutable<v.InferOutput<typeof Use>>;

/** How a principal can perform an action, and what allows it. */
export const Permission = v.object({
  /** `conditional`: it depends on `conditions`. */
  how: v.picklist(['allowed', 'conditional']),
  /** Whether the answer comes from AWS's simulation, or from policies that this program evaluated. */
  basis: v.picklist(['simulation', 'evaluation']),
  /** ARNs with wildcards. Null: every resource, or the resource in the question. */
  resources: v.nullable(v.array(v.string())),
  /** Condition keys whose values are not known, and other facts that the answer depends on. */
  conditions: v.array(v.string()),
  /** Statements that allow the action, also of the trust policy of a role. Null: the run stored no policies. */
  grounds: v.nullable(v.array(Ground)),
  lastUsed: Use,
});

/** A principal that can perform the action. */
export const AllowedPrincipal = v.object({ accountId: AccountId, principalArn: v.string(), ...Permission.entries });
export type AllowedPrincipal = Immutable<v.InferOutput<typeof AllowedPrincipal>>;

/** An action that the principal can perform. */
export const AllowedAction = v.object({
  /** One action, or an action pattern of a policy such as `dynamodb:*`. */
  action: v.string(),
  ...Permission.entries,
});
export type AllowedAction = Immutable<v.InferOutput<typeof AllowedAction>>;
