import * as v from 'valibot';
import { AccountId, RunId } from '../execution-input.ts';
import { RunStatus } from '../run.ts';
import type { Immutable } from './immutable.ts';
import { AllowedPrincipal } from './permission.ts';

/** What `who --json` prints: the principals that can perform an action. */
export const WhoAnswer = v.object({
  schemaVersion: v.literal(1),
  runId: RunId,
  status: RunStatus,
  /** In the catalogue's spelling, if the catalogue has it. */
  action: v.string(),
  /** Null: any resource. */
  resource: v.nullable(v.string()),
  /** Whether the action was simulated for every principal. If not, the policies are evaluated on this machine. */
  simulated: v.boolean(),
  /** In the order of their ARNs. */
  principals: v.array(AllowedPrincipal),
  /** Principals for which the answer is not known. */
  notKnown: v.array(v.object({ principalArn: v.string(), reason: v.string() })),
  /** Accounts of which some or all principals are missing in this answer. */
  accountsNotKnown: v.array(v.object({ accountId: AccountId, reason: v.string() })),
  /** Accounts whose policies the run did not store. */
  withoutPolicies: v.array(AccountId),
  /** What the answer does not consider. */
  notes: v.array(v.string()),
});
export type WhoAnswer = Immutable<v.InferOutput<typeof WhoAnswer>>;
