import type { Writable } from 'node:stream';
import { environmentNames, type HandlerName } from '../../core/contract/environment.ts';
import type { ObjectStore } from '../../core/ports/store.ts';
import { systemClock } from '../system-clock.ts';
import { executeWorkflow, type LocalRunResult } from '../run-workflow.ts';
import type { PublishedEvent, PublishedMessage } from '../state-machine/task.ts';
import type { DeployedFunction } from './deployed-functions.ts';
import { LambdaProcess } from './lambda-process.ts';

/** The endpoints, bucket and credentials that the processes use instead of AWS. */
export interface DeployedEnvironment {
  readonly endpoint: string;
  readonly s3Endpoint: string;
  /** The bucket from which the state machine's ItemReader reads. */
  readonly store: ObjectStore;
  /** Credentials of each function's role. */
  readonly credentials: (name: HandlerName) => { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Environment variables that the template's settings would add to the functions. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Receives the logs of the functions. Without it, they go to the output of this process. */
  readonly log?: Writable;
}

export interface FunctionUse {
  invocations: number;
  totalMs: number;
  /** Peak resident memory of the function's processes. */
  peakMegabytes: number;
}

/** Runs the workflow with the bundles that would be deployed. Each bundle has its own process. Time is real. */
export class DeployedWorkflow {
  /** Messages published to the topic. */
  readonly messages: PublishedMessage[] = [];
  readonly events: PublishedEvent[] = [];
  readonly use = new Map<HandlerName, FunctionUse>();

  /** Idle execution environments. Each handles one invocation at a time, as in Lambda. */
  readonly #idle = new Map<HandlerName, LambdaProcess[]>();
  readonly #started: LambdaProcess[] = [];

  constructor(
    private readonly functions: ReadonlyMap<HandlerName, DeployedFunction>,
    private readonly environment: DeployedEnvironment,
  ) {
    // Each process has two streams that write to it.
    environment.log?.setMaxListeners(0);
  }

  run(name: string, input: unknown): Promise<LocalRunResult> {
    const ofOrganization = this.environment.environment?.[environmentNames.accounts] === 'organization';
    return executeWorkflow(
      { name, id: `arn:aws:states:us-east-1:000000000000:execution:IamAudit:${name}`, input, ofOrganization },
      {
        clock: systemClock,
        random: Math.random,
        invoke: (handler, payload) => this.invoke(handler, payload),
        publish: (message) => {
          this.messages.push(message);
          return Promise.resolve();
        },
        putEvents: (events) => {
          this.events.push(...events);
          return Promise.resolve();
        },
        readLines: (_bucket, key) => this.environment.store.readLines(key),
      },
    );
  }

  stop(): void {
    for (const process of this.#started) process.stop();
  }

  async invoke(handler: HandlerName, payload: unknown): Promise<unknown> {
    const idle = this.#idle.get(handler) ?? [];
    this.#idle.set(handler, idle);
    const process = idle.pop() ?? (await this.#start(handler));
    const use = this.use.get(handler) ?? { invocations: 0, totalMs: 0, peakMegabytes: 0 };
    this.use.set(handler, use);
    const startedAt = performance.now();
    try {
      return await process.invoke(payload);
    } finally {
      use.invocations += 1;
      use.totalMs += performance.now() - startedAt;
      use.peakMegabytes = Math.max(use.peakMegabytes, process.peakMegabytes);
      idle.push(process);
    }
  }

  async #start(name: HandlerName): Promise<LambdaProcess> {
    const deployed = this.functions.get(name);
    if (deployed === undefined) throw new Error(`There is no function ${name}.`);
    const { endpoint, s3Endpoint, store, environment, log } = this.environment;
    const { accessKeyId, secretAccessKey } = this.environment.credentials(name);
    const process = await LambdaProcess.start(
      deployed,
      {
        AWS_ENDPOINT_URL: endpoint,
        AWS_ENDPOINT_URL_S3: s3Endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        [environmentNames.resultsBucket]: store.bucket,
        ...environment,
      },
      log,
    );
    this.#started.push(process);
    return process;
  }
}
