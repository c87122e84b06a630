import type { HandlerName } from '../../core/contract/environment.ts';
import type { ExecutionInput } from '../../core/contract/execution-input.ts';
import { metricsNamespace } from '../../core/contract/operations/run-metrics.ts';
import { create as auditBatch } from '../../lambda/audit-batch.ts';
import { create as importFindings } from '../../lambda/import-findings.ts';
import { create as inventoryAccount } from '../../lambda/inventory-account.ts';
import { create as nameCulprits } from '../../lambda/name-culprits.ts';
import { create as organizationUse } from '../../lambda/organization-use.ts';
import { create as planRun } from '../../lambda/plan-run.ts';
import { embeddedMetrics } from '../../lambda/runtime/embedded-metrics.ts';
import { logged, logRunEnded, logWarning } from '../../lambda/runtime/function-log.ts';
import { create as summariseAccount } from '../../lambda/summarise-account.ts';
import { create as summariseRun } from '../../lambda/summarise-run.ts';
import type { Services } from '../../core/ports/services.ts';
import { executeWorkflow, type LocalRunResult } from '../../local/run-workflow.ts';
import type { VirtualAudit } from './virtual-audit.ts';

export const handlerCreators = {
  'plan-run': planRun,
  'inventory-account': inventoryAccount,
  'audit-batch': auditBatch,
  'summarise-account': summariseAccount,
  'organization-use': organizationUse,
  'summarise-run': summariseRun,
  'name-culprits': nameCulprits,
  'import-findings': importFindings,
} as const;

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
      handlerCreators[handler](() => services),
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
