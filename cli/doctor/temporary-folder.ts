import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Signals that end the process, and that a program can handle. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const REMOVAL = { recursive: true, force: true } as const;

/** A temporary folder with calls from logs. It is also removed if a signal ends the process. */
export class TemporaryFolder {
  readonly path: string;

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#forget();
    try {
      this.#removeNow();
    } finally {
      // Without its handler, the signal ends the process as if nothing had handled it.
      process.kill(process.pid, signal);
    }
  };

  /** @param prefix of the folder's name */
  constructor(prefix: string) {
    // Before the folder exists, and without a pause between them: a signal in a pause would leave the folder.
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    this.path = mkdtempSync(join(tmpdir(), prefix));
  }

  async remove(): Promise<void> {
    await rm(this.path, REMOVAL);
    this.#forget();
  }

  /** Other threads may still create files, which would keep the folder from being removed. After the rename, they can't. */
  #removeNow(): void {
    const removed = `${this.path}.removed`;
    renameSync(this.path, removed);
    rmSync(removed, REMOVAL);
    // A thread that creates the folder again has written no call to it yet.
    rmSync(this.path, REMOVAL);
  }

  #forget(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
