import { createReadStream, type Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { folderReasons, logFolderOf } from '../../core/doctor/records/log-folder.ts';
import {
  LogFilesError,
  type LogFiles,
  type LogListing,
  type LogPeriod,
  type NotRead,
} from '../../core/ports/log-files.ts';
import { fileFaultCode } from './file-fault.ts';

const CHUNK_BYTES = 256 << 10;

/** An entry of a folder: its path below the root, and where it is after symbolic links. */
interface Place {
  readonly path: string;
  readonly real: string;
}

/** The log files in a folder and in its subfolders, or one file. Follows symbolic links, but reads no file twice. */
export class FolderLogFiles implements LogFiles {
  readonly #root: string;

  constructor(folder: string) {
    this.#root = resolve(folder);
  }

  async *list(period: LogPeriod): AsyncGenerator<LogListing> {
    const root = await this.#rootStats();
    if (root.isDirectory()) {
      yield* this.#listFolder({ path: '', real: await realpath(this.#root) }, period, new Set());
    } else {
      yield { kind: 'file', path: basename(this.#root), bytes: root.size };
    }
  }

  async *open(path: string): AsyncGenerator<Uint8Array> {
    try {
      const folder = (await stat(this.#root)).isDirectory() ? this.#root : dirname(this.#root);
      const stream = createReadStream(join(folder, path), { highWaterMark: CHUNK_BYTES });
      for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;
    } catch (error: unknown) {
      throw new LogFilesError(`Can't be read: ${reasonOf(error)}.`, { cause: error });
    }
  }

  async #rootStats(): Promise<Stats> {
    try {
      return await stat(this.#root);
    } catch (error: unknown) {
      throw new LogFilesError(`Can't read ${this.#root}: ${reasonOf(error)}.`, { cause: error });
    }
  }

  async *#listFolder(folder: Place, period: LogPeriod, seen: Set<string>): AsyncGenerator<LogListing> {
    seen.add(folder.real);
    let names: string[];
    try {
      names = (await readdir(folder.real)).sort();
    } catch (error: unknown) {
      if (folder.path === '')
        throw new LogFilesError(`Can't read ${this.#root}: ${reasonOf(error)}.`, { cause: error });
      yield leftOut('folders', folder.path, `Can't be read: ${reasonOf(error)}.`);
      return;
    }
    for (const name of names) yield* this.#listEntry(join(folder.path, name), join(folder.real, name), period, seen);
  }

  async *#listEntry(path: string, entry: string, period: LogPeriod, seen: Set<string>): AsyncGenerator<LogListing> {
    let real: string;
    let stats: Stats;
    try {
      real = await realpath(entry);
      stats = await stat(real);
    } catch (error: unknown) {
      yield leftOut('files', path, `Can't be read: ${reasonOf(error)}.`);
      return;
    }
    if (seen.has(real)) {
      yield leftOut('files', path, 'Links to what is read in another place.', false);
    } else if (stats.isDirectory()) {
      const kind = logFolderOf(join(this.#root, path).split(sep).join('/'), period);
      if (kind === 'read') yield* this.#listFolder({ path, real }, period, seen);
      else yield leftOut('folders', path, folderReasons[kind], false);
    } else if (stats.isFile()) {
      seen.add(real);
      yield { kind: 'file', path, bytes: stats.size };
    } else {
      yield leftOut('files', path, 'Pipes, sockets and devices are not read.', false);
    }
  }
}

const leftOut = (what: NotRead['what'], path: string, reason: string, losesRecords = true): LogListing => ({
  kind: 'leftOut',
  what,
  path,
  reason,
  losesRecords,
});

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist, or a symbolic link leads to nothing',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'its symbolic links lead in a circle',
};

/** Without the path, which Node's messages contain: the reason is the same for many files. */
function reasonOf(error: unknown): string {
  const code = fileFaultCode(error) ?? 'unknown error';
  return Object.hasOwn(reasons, code) ? (reasons[code] ?? code) : code;
}
