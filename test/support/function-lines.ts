import type { HandlerName } from '../../core/contract/environment.ts';
import type { ExecutionInput } from '../../core/contract/execution-input.ts';
import { metricsNamespace } from '../../core/contract/operations/run-metrics.ts';
import { embeddedMetrics } from '../../lambda/runtime/embedded-metrics.ts';
import { logged, logRunEnded, logWarning } from '../../lambda/runtime/function-log.ts';
import type { Services } from '../../core/ports/services.ts';
import { handlers } from '../../local/handlers.ts';
import { executeWorkflow, type LocalRunResult } from '../../local/run-workflow.ts';
import type { VirtualAudit } from './virtual-audit.ts';

export type LogFields = Record<string, unknown>;

/** What a function wrote to its log, parsed. A text line, as Lambda writes them, is not JSON. */
export interface FunctionLines {
  readonly result: LocalRunResult;
  readonly text: string;
  readonly lines: readonly LogFields[];
}

/** Everything that a task writes to standard output and standard error. */
export async function writtenBy<T>(task: () => Promise<T>): Promise<{ result: T; text: string }> {
  const written: string[] = [];
  const keep = (chunk: unknown): boolean => {
    written.push(String(chunk));
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write').mockImplementation(keep));
  try {
    return { result: await task(), text: written.join('') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

export const parsedLines = (text: string): LogFields[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogFields);

/** Runs the workflow with the logging and the metrics of the deployed functions, and collects what they log. */
export async function runLogged(
  audit: VirtualAudit,
  input: ExecutionInput,
  name = `logged-${audit.clock.now()}`,
): Promise<FunctionLines> {
  const publishFigures = embeddedMetrics(metricsNamespace('Audit'));
  const services: Services = {
    ...audit.services(),
    publishFigures,
    onRunEnded: logRunEnded,
    warn: (message, damage) => {
      logWarning(message, damage);
      if (damage !== undefined) publishFigures({ damagedObjects: 1 });
    },
  };
  const { clock, store, random } = services;
  const invoke = (handler: HandlerName, payload: unknown): Promise<unknown> => {
    const deadline = clock.now() + 900_000;
    return logged(
      handler,
      handlers[handler](() => services),
      () => clock.now(),
    )(payload, {
      getRemainingTimeInMillis: () => deadline - clock.now(),
      memoryLimitInMB: '1024',
      functionName: `Audit-${handler}`,
      awsRequestId: '4f0b1c2d-0000-4000-8000-000000000000',
    });
  };
  const { result, text } = await writtenBy(() =>
    executeWorkflow(
      { name, id: `test:${name}`, input },
      {
        clock,
        random,
        invoke,
        publish: () => Promise.resolve(),
        putEvents: () => Promise.resolve(),
        readLines: (_bucket, key) => store.readLines(key),
      },
    ),
  );
  return { result, text, lines: parsedLines(text) };
}
