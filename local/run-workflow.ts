import { create as auditBatch } from '../lambda/audit-batch.ts';
import { create as inventoryAccount } from '../lambda/inventory-account.ts';
import { create as planRun } from '../lambda/plan-run.ts';
import type { Handler } from '../lambda/runtime/handler.ts';
import { create as summariseAccount } from '../lambda/summarise-account.ts';
import { create as summariseRun } from '../lambda/summarise-run.ts';
import type { HandlerName } from '../core/contract/environment.ts';
import type { ExecutionInput } from '../core/contract/execution-input.ts';
import { runIdOf } from '../core/run/run-id.ts';
import type { Services } from '../core/ports/services.ts';
import { workflowDefinition } from './definition.ts';
import {
  execute,
  type ExecutionEnvironment,
  type ExecutionEvent,
  type ExecutionResult,
} from './state-machine/execute.ts';
import type { PublishedMessage } from './state-machine/task.ts';
import { loadStateMachine } from './state-machine/load.ts';

const creators: Readonly<Record<HandlerName, (services: () => Services) => Handler>> = {
  'plan-run': planRun,
  'inventory-account': inventoryAccount,
  'audit-batch': auditBatch,
  'summarise-account': summariseAccount,
  'summarise-run': summariseRun,
};

/** As in the cloud: Lambda's longest time, and the memory that the functions are deployed with. */
const TIMEOUT_MS = 900_000;
const MEMORY_MEGABYTES = '1024';

export interface LocalRun {
  /** Names the execution; the run's id is made of it. */
  readonly name: string;
  /** Names it to later runs that find its claim. */
  readonly id: string;
  readonly input: ExecutionInput;
  /** When the execution started, in milliseconds since the epoch; without it, now. The run ID is derived from it. */
  readonly startedAt?: number;
  readonly services: Services;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ExecutionEvent) => void;
  /** Gets the message that subscribers of the topic would get. */
  readonly onMessage?: (message: PublishedMessage) => void;
}

/** How an execution ended, and the id of the run that it was. */
export type LocalRunResult = ExecutionResult & { readonly runId: string };

/** What stands around the synthesised workflow: which function is called how, and where its reader reads. */
export type WorkflowWorld = Omit<ExecutionEnvironment, 'invoke'> & {
  readonly invoke: (handler: HandlerName, payload: unknown) => Promise<unknown>;
};

/** Runs the synthesised workflow. */
export async function executeWorkflow(
  start: Pick<LocalRun, 'name' | 'id' | 'startedAt'> & { readonly input: unknown },
  { invoke, ...world }: WorkflowWorld,
): Promise<LocalRunResult> {
  const { definition, functions } = await workflowDefinition();
  const startedAt = start.startedAt ?? world.clock.now();
  const result = await execute(
    loadStateMachine(definition, world.random),
    { ...start, startedAt },
    {
      ...world,
      invoke: (functionArn, payload) => {
        const handler = functions[functionArn];
        if (handler === undefined) throw new Error(`There is no function ${functionArn}.`);
        return invoke(handler, payload);
      },
    },
  );
  return { ...result, runId: await runIdOf(start.name, new Date(startedAt).toISOString()) };
}

/** Runs the synthesised workflow with the real handlers in this process. */
export function runWorkflow({
  name,
  id,
  input,
  startedAt,
  services,
  signal,
  onEvent,
  onMessage,
}: LocalRun): Promise<LocalRunResult> {
  const { clock, random, store } = services;
  return executeWorkflow(
    { name, id, input, ...(startedAt === undefined ? {} : { startedAt }) },
    {
      clock,
      random,
      invoke: (handler, payload) => {
        const deadline = clock.now() + TIMEOUT_MS;
        return creators[handler](() => services)(payload, {
          // Stopping looks like a deadline to a handler: it takes no new work and writes what it has.
          getRemainingTimeInMillis: () => (signal?.aborted === true ? 0 : deadline - clock.now()),
          memoryLimitInMB: MEMORY_MEGABYTES,
        });
      },
      publish: (message) => {
        onMessage?.(message);
        return Promise.resolve();
      },
      readLines: (_bucket, key) => store.readLines(key),
      ...(signal === undefined ? {} : { signal }),
      ...(onEvent === undefined ? {} : { onEvent }),
    },
  );
}
