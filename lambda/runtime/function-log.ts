import { Logger } from '@aws-lambda-powertools/logger';
import * as v from 'valibot';
import type { HandlerName } from '../../core/contract/environment.ts';
import { AccountId, RunId } from '../../core/contract/execution-input.ts';
import { logEvents } from '../../core/contract/operations/log-lines.ts';
import type { RunEnded } from '../../core/contract/operations/run-metrics.ts';
import type { DamagedObject } from '../../core/ports/store.ts';
import { runIdOf } from '../../core/run/run-id.ts';
import { loggable } from '../../core/wording/loggable.ts';
import type { Handler, LambdaContext } from './handler.ts';

/** Every text of a line passes `loggable`, also those of the library. */
const removeSecrets = (_key: string, value: unknown): unknown => (typeof value === 'string' ? loggable(value) : value);

let made: Logger | null = null;
const logger = (): Logger => {
  made ??= new Logger({ serviceName: 'iam-audit', logLevel: 'INFO', jsonReplacerFn: removeSecrets });
  return made;
};

/** What an invocation works on, from its input, and how it ended, from its output. Fields that a handler does not have are missing. */
const Subject = v.fallback(
  v.object({
    runId: v.fallback(v.optional(RunId), undefined),
    accountId: v.fallback(v.optional(AccountId), undefined),
    batch: v.fallback(v.optional(v.object({ n: v.number() })), undefined),
    attempt: v.fallback(v.optional(v.number()), undefined),
    status: v.fallback(v.optional(v.string()), undefined),
    decision: v.fallback(v.optional(v.string()), undefined),
    execution: v.fallback(
      v.optional(v.object({ name: v.string(), startedAt: v.pipe(v.string(), v.isoTimestamp()) })),
      undefined,
    ),
  }),
  {},
);

const subjectOf = async (data: unknown): Promise<Record<string, string | number>> => {
  const { runId, accountId, batch, attempt, execution } = v.parse(Subject, data);
  // PlanRun gets no run ID: it derives it from its execution.
  const run = runId ?? (execution === undefined ? undefined : await runIdOf(execution.name, execution.startedAt));
  return {
    ...(run === undefined ? {} : { run }),
    ...(accountId === undefined ? {} : { account: accountId }),
    ...(batch === undefined ? {} : { batch: batch.n }),
    ...(attempt === undefined ? {} : { attempt }),
  };
};

/**
 * Logs how each invocation ends, in one line of JSON with its run, account and batch. A thrown error is logged by Lambda
 * too, so its message also loses credentials and policies.
 * @param now milliseconds since the epoch
 */
export const logged =
  (name: HandlerName, handler: Handler, now = () => Date.now()): Handler =>
  async (event, context) => {
    const log = logger();
    await begin(log, name, event, context);
    const startedAt = now();
    try {
      const output = await handler(event, context);
      const { status, decision } = v.parse(Subject, output);
      log.info('The invocation has ended.', {
        event: logEvents.ended,
        duration_ms: now() - startedAt,
        ...(status === undefined ? {} : { status }),
        ...(decision === undefined ? {} : { decision }),
      });
      return output;
    } catch (error: unknown) {
      const failure = loggableError(error);
      log.error('The invocation has failed.', {
        event: logEvents.failed,
        duration_ms: now() - startedAt,
        error_name: failure.name,
        error_message: failure.message,
      });
      throw failure;
    }
  };

async function begin(log: Logger, name: HandlerName, event: unknown, context: LambdaContext): Promise<void> {
  log.resetKeys();
  log.addContext({
    functionName: context.functionName ?? name,
    functionVersion: '$LATEST',
    invokedFunctionArn: context.invokedFunctionArn ?? '',
    awsRequestId: context.awsRequestId ?? '',
    memoryLimitInMB: context.memoryLimitInMB,
    callbackWaitsForEmptyEventLoop: true,
    logGroupName: '',
    logStreamName: '',
    getRemainingTimeInMillis: () => context.getRemainingTimeInMillis(),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  });
  log.appendKeys({ function: name, ...(await subjectOf(event)) });
}

/** The error itself, or one with the same name whose message has neither credentials nor policies. */
function loggableError(error: unknown): Error {
  const thrown = error instanceof Error ? error : new Error(String(error));
  const message = loggable(thrown.message);
  if (message === thrown.message) return thrown;
  const safe = new Error(message);
  safe.name = thrown.name;
  return safe;
}

/** Logs a warning of the invocation in progress. A damaged object gets an event of its own. */
export function logWarning(message: string, damage?: DamagedObject): void {
  logger().warn(
    message,
    damage === undefined
      ? { event: logEvents.warning }
      : { event: logEvents.damaged, object: damage.key, reason: damage.reason },
  );
}

/** Logs the line that the metric filters of the stack read. */
export function logRunEnded(ended: RunEnded): void {
  logger().info('The run has ended.', { ...ended });
}
