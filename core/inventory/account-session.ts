import { AwsFault } from '../ports/aws-fault.ts';
import type { FailureCause, CallsByOperation } from '../contract/run.ts';
import type { CallTimeline } from '../contract/calls/timeline.ts';
import { CallLedger } from '../ports/calls/call-ledger.ts';
import type { IamReader } from '../ports/iam.ts';
import { PaceKeeper } from '../pacing/pace-keeper.ts';
import { timelineField } from '../pacing/session-timeline.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { codeOf, inventoryCalls, type InventoryCall } from './read-account.ts';

/** An open session in an account, and the pace of its calls. */
export interface OpenAccount {
  readonly iam: IamReader;
  readonly pace: PaceKeeper;
  readonly call: InventoryCall;
}

/** The calls of a session, and when they were sent. */
export interface SessionCalls {
  readonly calls: CallsByOperation;
  readonly timeline?: CallTimeline;
}

export type SessionResult<Result> = SessionCalls &
  (
    | { readonly kind: 'done'; readonly result: Result }
    /** AWS refused the session or one of its calls. */
    | { readonly kind: 'fault'; readonly cause: FailureCause }
  );

/**
 * Opens a session in an account and runs `work` with it. The calls are counted even if AWS refuses one of them.
 * @param actions the IAM actions that `work` calls
 * @param reserveMs milliseconds at the end of the invocation in which no call is sent
 * @param onEnd called with the calls when the session ends, also if `work` fails
 * @throws StoreError, and every error of `work` that is not a fault of AWS
 */
export async function inAccount<Result>(
  account: { readonly runId: string; readonly accountId: string },
  actions: readonly string[],
  services: Services,
  invocation: Invocation,
  work: (open: OpenAccount) => Promise<Result>,
  { reserveMs = 0, onEnd }: { readonly reserveMs?: number; readonly onEnd?: (calls: SessionCalls) => void } = {},
): Promise<SessionResult<Result>> {
  const { runId, accountId } = account;
  const ledger = new CallLedger();
  let calls = (): SessionCalls => ({ calls: ledger.work() });
  try {
    const workMs = invocation.remainingMs();
    const session = await services.access.open({ runId, accountId, actions, workMs, calls: ledger });
    const pace = await PaceKeeper.open(services, account);
    calls = () => ({ calls: ledger.work(pace.waits()), ...timelineField(ledger, pace) });
    const remainingMs = (): number => invocation.remainingMs() - reserveMs;
    const call = inventoryCalls(pace, services.clock, { ...invocation, remainingMs });
    const result = await work({ iam: session.iam, pace, call });
    return { kind: 'done', result, ...calls() };
  } catch (error: unknown) {
    if (!(error instanceof AwsFault)) throw error;
    return { kind: 'fault', cause: { code: codeOf(error), message: error.message }, ...calls() };
  } finally {
    onEnd?.(calls());
  }
}
