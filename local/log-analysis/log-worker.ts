/** A thread that reads log files, one at a time. `log-worker-thread.ts` sends their bytes. */
import * as v from 'valibot';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { LogFilesError } from '../../core/ports/log-files.ts';
import { LogWorkerData, LogWorkerRequest, type LogWorkerReply } from './log-worker-messages.ts';
import { LogFileRead } from './read-log-file.ts';
import { RowFile } from './row-file.ts';

/** The chunks of one file as they arrive. */
class ArrivingChunks implements AsyncIterable<Uint8Array> {
  readonly #arrived: Exclude<LogWorkerRequest, { kind: 'file' | 'close' }>[] = [];
  #wake: (() => void) | null = null;

  constructor(private readonly port: MessagePort) {}

  add(request: Exclude<LogWorkerRequest, { kind: 'file' | 'close' }>): void {
    this.#arrived.push(request);
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const request = this.#arrived.shift();
      if (request === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      } else if (request.kind === 'chunk') {
        yield request.bytes;
        reply(this.port, { kind: 'taken' });
      } else if (request.fault === null) {
        return;
      } else {
        throw new LogFilesError(request.fault);
      }
    }
  }
}

function reply(port: MessagePort, message: LogWorkerReply): void {
  port.postMessage(message);
}

function serve(port: MessagePort, { rowsFolder, name, since, until }: LogWorkerData): void {
  const rows = new RowFile(rowsFolder, name);
  let chunks: ArrivingChunks | null = null;
  // An error that is thrown here, or a rejection, ends the thread, and the other side reports it.
  port.on('message', (message: unknown) => {
    const request = v.parse(LogWorkerRequest, message);
    if (request.kind === 'close') {
      rows.close();
      reply(port, { kind: 'closed' });
      port.close();
    } else if (request.kind === 'file') {
      chunks = new ArrivingChunks(port);
      void new LogFileRead(rows, { since, until }).read(request.path, chunks).then((report) => {
        chunks = null;
        reply(port, { kind: 'report', report });
      });
    } else {
      // After the report, the rest of a file that is not read to its end may still arrive.
      chunks?.add(request);
    }
  });
}

if (parentPort !== null) serve(parentPort, v.parse(LogWorkerData, workerData));
