import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Receives all output of the process. */
  readonly log: string;
}

const TERMINATE_MS = 5_000;

/** Processes of the test. Each has its own process group, so that its children can be stopped with it. */
export class ChildProcesses {
  readonly #running = new Set<ChildProcess>();

  /** Runs a command and waits for its end. */
  run(command: string, args: readonly string[], options: CommandOptions): Promise<Finished> {
    const child = this.#spawn(command, args, options);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin?.end();
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        resolve({ code, stdout, stderr });
      });
    });
  }

  /** Starts a process that runs until `stop`. Its standard input stays open while this process runs. */
  serve(command: string, args: readonly string[], options: CommandOptions): ChildProcess {
    return this.#spawn(command, args, options);
  }

  /** Stops all processes with SIGTERM, and with SIGKILL those that still run after 5 seconds. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    const deadline = performance.now() + TERMINATE_MS;
    while (this.#running.size > 0 && performance.now() < deadline) await sleep(50);
    this.signal('SIGKILL');
  }

  signal(signal: NodeJS.Signals): void {
    for (const { pid } of this.#running) {
      if (pid === undefined) continue;
      try {
        process.kill(-pid, signal);
      } catch (error: unknown) {
        // The process has ended in the meantime.
        if (!(error instanceof Error) || !('code' in error) || error.code !== 'ESRCH') throw error;
      }
    }
  }

  #spawn(command: string, args: readonly string[], { env, cwd, log }: CommandOptions): ChildProcess {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const file = createWriteStream(log, { flags: 'a' });
    file.write(`$ ${command} ${args.join(' ')}\n`);
    child.stdout.pipe(file, { end: false });
    child.stderr.pipe(file, { end: false });
    this.#running.add(child);
    child.once('close', () => {
      this.#running.delete(child);
      file.end();
    });
    return child;
  }
}
