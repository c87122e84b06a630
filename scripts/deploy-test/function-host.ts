import { createWriteStream } from 'node:fs';
import * as v from 'valibot';
import { LambdaProcess } from '../../local/deployed/lambda-process.ts';
import { bodyOf, listenOnLoopback, type LoopbackServer } from '../../local/emulated-aws/loopback.ts';

const Invocation = v.object({
  functionName: v.string(),
  /** The bucket with the deployed code. */
  folder: v.string(),
  environment: v.record(v.string(), v.string()),
  memoryMegabytes: v.number(),
  timeoutSeconds: v.number(),
  event: v.unknown(),
});
type Invocation = v.InferOutput<typeof Invocation>;

export interface FunctionHost extends LoopbackServer {
  readonly invocations: number;
  stop(): void;
}

/**
 * Runs the deployed functions in local processes. A process handles one invocation at a time. It is used again for later
 * invocations with the same code and environment, like an execution environment of Lambda.
 * @param surroundings endpoints and credentials of a function, by its name
 * @param log file for the logs of the functions
 */
export async function startFunctionHost(
  surroundings: (functionName: string) => Readonly<Record<string, string>>,
  log: string,
): Promise<FunctionHost> {
  const output = createWriteStream(log);
  // A pipe from each process.
  output.setMaxListeners(0);
  const idle = new Map<string, LambdaProcess[]>();
  const started: LambdaProcess[] = [];
  let invocations = 0;

  const start = async ({ functionName, ...deployed }: Invocation): Promise<LambdaProcess> => {
    const process = await LambdaProcess.start({ name: functionName, ...deployed }, surroundings(functionName), output);
    started.push(process);
    return process;
  };

  const invoke = async (invocation: Invocation): Promise<unknown> => {
    invocations += 1;
    const { functionName, folder, environment, event } = invocation;
    const key = JSON.stringify([functionName, folder, environment]);
    const waiting = idle.get(key) ?? [];
    idle.set(key, waiting);
    const process = waiting.pop() ?? (await start(invocation));
    const result = await process.invoke(event).finally(() => waiting.push(process));
    return result;
  };

  const server = await listenOnLoopback(async (request, response) => {
    const answer = (body: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    try {
      const invocation = v.parse(Invocation, JSON.parse((await bodyOf(request)).toString()));
      answer({ isError: false, payload: await invoke(invocation) });
    } catch (error: unknown) {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      answer({ isError: true, payload: { errorType: name, errorMessage: message, trace: [] } });
    }
  });
  return {
    ...server,
    get invocations() {
      return invocations;
    },
    stop: () => {
      for (const process of started) process.stop();
    },
  };
}
