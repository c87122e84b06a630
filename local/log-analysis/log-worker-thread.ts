import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import { LogFilesError } from '../../core/ports/log-files.ts';
import { logWorkerUrl } from '../log-worker-url.ts';
import type { LogFileReport } from './log-file-report.ts';
import { LogReadError } from './log-read-error.ts';
import type { LogReader } from './log-readers.ts';
import { LogWorkerReply, type LogWorkerData, type LogWorkerRequest } from './log-worker-messages.ts';

/** Chunks that were sent and not yet read: two keep the thread busy. */
const CHUNKS_AHEAD = 2;

/** The options of Node.js that load TypeScript have no effect on a thread's first script. */
function startOf(url: URL): string {
  // `require` finds the CommonJS form, which does not start from a string of code.
  const path = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs');
  const tsx = pathToFileURL(path).href;
  return `import(${JSON.stringify(tsx)}).then(({ tsImport }) => tsImport(${JSON.stringify(url.href)}, ${JSON.stringify(url.href)}))`;
}

/** Reads in a thread of its own. The thread only gets bytes, so every source of files works alike. */
export class LogWorkerThread implements LogReader {
  readonly #worker: Worker;
  #failure: LogReadError | null = null;
  #closed = false;
  #ahead = 0;
  #report: LogFileReport | null = null;
  #wake: (() => void) | null = null;

  constructor(data: LogWorkerData, url = logWorkerUrl) {
    this.#worker = new Worker(startOf(url), { eval: true, workerData: data, execArgv: [] });
    this.#worker.on('message', (message: unknown) => {
      const reply = v.parse(LogWorkerReply, message);
      if (reply.kind === 'taken') this.#ahead -= 1;
      else if (reply.kind === 'report') this.#report = reply.report;
      else this.#closed = true;
      this.#wake?.();
    });
    this.#worker.on('error', (error: unknown) => {
      this.#fail(error instanceof Error ? `${error.message}.` : String(error), error);
    });
    this.#worker.on('exit', (code) => {
      if (!this.#closed) this.#fail(`It ended with code ${code}.`);
    });
  }

  async read(path: string, chunks: AsyncIterable<Uint8Array>): Promise<LogFileReport> {
    this.#ahead = 0;
    this.#report = null;
    this.#send({ kind: 'file', path });
    this.#send({ kind: 'end', fault: await this.#sendAll(chunks) });
    return this.#until(() => this.#report);
  }

  async close(): Promise<void> {
    this.#send({ kind: 'close' });
    await this.#until(() => (this.#closed ? true : null));
  }

  async abandon(): Promise<void> {
    await this.#worker.terminate();
  }

  /** The message of the fault that ended the file early, or null. */
  async #sendAll(chunks: AsyncIterable<Uint8Array>): Promise<string | null> {
    try {
      for await (const bytes of chunks) {
        await this.#until(() => (this.#ahead < CHUNKS_AHEAD || this.#report !== null ? true : null));
        if (this.#report !== null) break;
        this.#ahead += 1;
        this.#send({ kind: 'chunk', bytes });
      }
      return null;
    } catch (error: unknown) {
      if (error instanceof LogFilesError) return error.message;
      throw error;
    }
  }

  #send(request: LogWorkerRequest): void {
    if (this.#failure !== null) throw this.#failure;
    this.#worker.postMessage(request);
  }

  async #until<T>(value: () => T | null): Promise<T> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      const found = value();
      if (found !== null) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #fail(reason: string, cause?: unknown): void {
    this.#failure ??= new LogReadError(`A thread that reads log files failed: ${reason}`, { cause });
    this.#wake?.();
  }
}
