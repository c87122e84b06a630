import type { HandlerName } from '../core/contract/environment.ts';
import type { ExecutionInput } from '../core/contract/execution-input.ts';
import { runIdOf } from '../core/run/run-id.ts';
import type { Services } from '../core/ports/services.ts';
import { handlers } from './handlers.ts';
import { workflowDefinition } from './synthesised-definition.ts';
import { execute, type ExecutionResult } from './state-machine/execute.ts';
import type { ExecutionEnvironment, ExecutionEvent } from './state-machine/execution-environment.ts';
import type { QueryTarget } from './state-machine/athena-task.ts';
import type { PublishedEvent, PublishedMessage } from './state-machine/task.ts';
import { loadStateMachine } from './state-machine/load.ts';

/** The same limits as in the cloud: Lambda's maximum timeout, and the memory size of the deployed functions. */
const TIMEOUT_MS = 900_000;
const MEMORY_MEGABYTES = '1024';

export interface LocalRun {
  /** The execution's name. The run ID is derived from it. */
  readonly name: string;
  /** The execution's ID. It is written into the claim, where later runs find it. */
  readonly id: string;
  readonly input: ExecutionInput;
  /** When the execution started, in milliseconds since the epoch; without it, now. The run ID is derived from it. */
  readonly startedAt?: number;
  readonly services: Services;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ExecutionEvent) => void;
  /** Called before the definition is synthesised, which takes many seconds. It is done once for each version. */
  readonly onSynthesis?: () => void;
  /** Called with each message that would be published to the topic. */
  readonly onMessage?: (message: PublishedMessage) => void;
  /** Called with events that would be put on the event bus. */
  readonly onEvents?: (events: readonly PublishedEvent[]) => void;
  /** Runs the queries of the workflow as it is deployed with the setting `doctor`. Without it, the workflow has none. */
  readonly queries?: QueryTarget;
}

/** How an execution ended, and its run ID. */
export type LocalRunResult = ExecutionResult & { readonly runId: string };

/** The environment of the synthesised workflow. Functions are named by their handler instead of by their ARN. */
export type WorkflowEnvironment = Omit<ExecutionEnvironment, 'invoke'> & {
  readonly invoke: (handler: HandlerName, payload: unknown) => Promise<unknown>;
};

/**
 * Runs the synthesised workflow in a given environment. `ofOrganization`: as it is deployed with the setting `accounts`
 * `organization`. `securityHub`: as it is deployed with this setting. A run on one machine imports no findings.
 */
export async function executeWorkflow(
  start: Pick<LocalRun, 'name' | 'id' | 'startedAt' | 'onSynthesis'> & {
    readonly input: unknown;
    readonly ofOrganization?: boolean;
    readonly securityHub?: boolean;
  },
  { invoke, ...environment }: WorkflowEnvironment,
): Promise<LocalRunResult> {
  const { definition, functions } = await workflowDefinition({
    doctor: environment.queries !== undefined,
    ofOrganization: start.ofOrganization ?? false,
    securityHub: start.securityHub ?? false,
    ...(start.onSynthesis === undefined ? {} : { onSynthesis: start.onSynthesis }),
  });
  const startedAt = start.startedAt ?? environment.clock.now();
  const result = await execute(
    loadStateMachine(definition, environment.random),
    { ...start, startedAt },
    {
      ...environment,
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
  onSynthesis,
  onMessage,
  onEvents,
  queries,
}: LocalRun): Promise<LocalRunResult> {
  const { clock, random, store, settings } = services;
  const ofOrganization = (input.accounts ?? settings.accounts) === 'organization';
  return executeWorkflow(
    {
      name,
      id,
      input,
      ofOrganization,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(onSynthesis === undefined ? {} : { onSynthesis }),
    },
    {
      clock,
      random,
      invoke: (handler, payload) => {
        const deadline = clock.now() + TIMEOUT_MS;
        return handlers[handler](() => services)(payload, {
          // A stopped run leaves the handler no time: the handler starts no new work, and writes its results so far.
          getRemainingTimeInMillis: () => (signal?.aborted === true ? 0 : deadline - clock.now()),
          memoryLimitInMB: MEMORY_MEGABYTES,
        });
      },
      publish: (message) => {
        onMessage?.(message);
        return Promise.resolve();
      },
      putEvents: (events) => {
        onEvents?.(events);
        return Promise.resolve();
      },
      readLines: (_bucket, key) => store.readLines(key),
      ...(queries === undefined ? {} : { queries }),
      ...(signal === undefined ? {} : { signal }),
      ...(onEvent === undefined ? {} : { onEvent }),
    },
  );
}
