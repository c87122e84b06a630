import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Signals that end the process, and that a program can handle. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A thread may still write while the folder is removed. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 } as const;

/** A temporary folder with calls from logs. It is also removed if a signal ends the process. */
export class TemporaryFolder {
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#forget();
    try {
      rmSync(this.path, REMOVAL);
    } finally {
      // Without its handler, the signal ends the process as if nothing had handled it.
      process.kill(process.pid, signal);
    }
  };

  private constructor(readonly path: string) {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** @param prefix of the folder's name */
  static async create(prefix: string): Promise<TemporaryFolder> {
    return new TemporaryFolder(await mkdtemp(join(tmpdir(), prefix)));
  }

  async remove(): Promise<void> {
    await rm(this.path, REMOVAL);
    this.#forget();
  }

  #forget(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
