import { fork, type ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { DeployedFunction } from './deployed-functions.ts';

const Answer = v.object({
  /** The handler's result as JSON, which is how Lambda returns it. */
  result: v.optional(v.string()),
  error: v.optional(v.object({ name: v.string(), message: v.string() })),
  megabytes: v.number(),
});

/** The properties of a function that its process needs. */
interface RunnableFunction extends Pick<
  DeployedFunction,
  'folder' | 'memoryMegabytes' | 'timeoutSeconds' | 'environment'
> {
  readonly name: string;
}

/** One execution environment of a function: a process that has loaded the bundle and no other code of this project. */
export class LambdaProcess {
  /** Peak resident memory of the process so far. */
  peakMegabytes = 0;
  readonly #child: ChildProcess;
  readonly #function: RunnableFunction;

  private constructor(child: ChildProcess, deployed: RunnableFunction) {
    this.#child = child;
    this.#function = deployed;
  }

  /**
   * @param environment endpoints and credentials, which override the template's environment variables
   * @param log receives the function's log; without it, the log goes to the output of this process
   */
  static async start(
    deployed: RunnableFunction,
    environment: Readonly<Record<string, string>>,
    log?: Writable,
  ): Promise<LambdaProcess> {
    const child = fork(fileURLToPath(new URL('lambda-runner.mjs', import.meta.url)), [deployed.folder], {
      env: {
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        ...deployed.environment,
        ...environment,
      },
      execArgv: ['--enable-source-maps'],
      silent: log !== undefined,
    });
    if (log !== undefined) {
      child.stdout?.pipe(log, { end: false });
      child.stderr?.pipe(log, { end: false });
    }
    const process = new LambdaProcess(child, deployed);
    await process.#nextMessage();
    return process;
  }

  /** @throws Error with the name and message of the handler's error */
  async invoke(event: unknown): Promise<unknown> {
    const answered = this.#nextMessage();
    const { memoryMegabytes, timeoutSeconds } = this.#function;
    this.#child.send({ event, timeoutMs: timeoutSeconds * 1000, memoryLimitInMB: String(memoryMegabytes) });
    const { result, error, megabytes } = v.parse(Answer, await answered);
    this.peakMegabytes = megabytes;
    if (error !== undefined) throw Object.assign(new Error(error.message), { name: error.name });
    const value: unknown = JSON.parse(result ?? 'null');
    return value;
  }

  stop(): void {
    this.#child.kill();
  }

  #nextMessage(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => {
        reject(
          new Error(
            `The process of ${this.#function.name} ended with ${code === null ? 'a signal' : `exit code ${code}`}.`,
          ),
        );
      };
      this.#child.once('exit', ended);
      this.#child.once('message', (message) => {
        this.#child.off('exit', ended);
        resolve(message);
      });
    });
  }
}
