import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

/** The folder store has no objects with this prefix, so commands that read results don't see these files. */
const PREFIX = '.~';
const MARKER = `${PREFIX}demo.json`;
/** With the ID of the process that writes it. */
const HISTORY = /^\.~history-(\d+)-[0-9a-f]+$/;
/** `latest.json` names the run that finished last. Until it exists, no command finds a run. */
const LATEST = 'latest.json';
/** What the audit writes at the top of its folder, in the order in which a history is moved there. */
const PARTS = ['config', 'state', 'runs', 'tables', LATEST] as const;

const Marker = v.object({
  /** The last day of the company, YYYY-MM-DD. */
  lastDay: v.string(),
  /** Number of simulated days before it. */
  days: v.number(),
  /** The folder, below the folder of results, from which the history is moved; null without a history. */
  movedFrom: v.nullable(v.pipe(v.string(), v.regex(HISTORY))),
});
export type Marker = v.InferOutput<typeof Marker>;

export type DemoFolder =
  /** No results, or no folder. */
  | { readonly kind: 'empty' }
  /** An earlier demo of the company. */
  | { readonly kind: 'company'; readonly lastDay: string; readonly days: number }
  /** Results that are not those of the company. */
  | { readonly kind: 'other' };

/** What is in a folder of results. Finishes the move of a history that was interrupted. */
export async function readDemoFolder(folder: string): Promise<DemoFolder> {
  const marker = await readMarker(folder);
  if (marker !== null) {
    if (marker.movedFrom !== null) await moveParts(join(folder, marker.movedFrom), folder);
    return { kind: 'company', lastDay: marker.lastDay, days: marker.days };
  }
  const names = await readdir(folder).catch(() => []);
  return { kind: names.some((name) => PARTS.some((part) => part === name)) ? 'other' : 'empty' };
}

/** A new folder below the folder of results, for the history until it is complete. Removes those of ended processes. */
export async function newHistoryFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    const pid = HISTORY.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { recursive: true, force: true });
  }
  const path = join(folder, `${PREFIX}history-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(path, { mode: 0o700 });
  return path;
}

/**
 * Marks the folder as one of the company. If another demo has marked it in the meantime, its results stay.
 * @returns what the folder then has
 */
export async function markFolder(folder: string, marker: Marker): Promise<DemoFolder> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `${MARKER}-${randomBytes(4).toString('hex')}`);
  await writeFile(temporary, `${JSON.stringify(marker)}\n`, { mode: 0o600 });
  try {
    // link() fails if the file exists, so only one of several processes can create it.
    await link(temporary, join(folder, MARKER)).catch((error: unknown) => {
      if (!v.is(v.object({ code: v.literal('EEXIST') }), error)) throw error;
    });
  } finally {
    await rm(temporary, { force: true });
  }
  return readDemoFolder(folder);
}

async function readMarker(folder: string): Promise<Marker | null> {
  const text = await readFile(join(folder, MARKER), 'utf8').catch(() => null);
  return text === null ? null : v.parse(Marker, JSON.parse(text));
}

/** Moves what is not moved yet. The names of the parts are moved in an order in which no half of a history is a result. */
async function moveParts(from: string, to: string): Promise<void> {
  if (!(await exists(from))) return;
  for (const part of PARTS) {
    // Another process may move the same parts.
    await rename(join(from, part), join(to, part)).catch(unless('ENOENT'));
  }
  await rm(from, { recursive: true, force: true });
}

/** Handles errors with this code, and throws others. */
const unless =
  (expected: string) =>
  (error: unknown): void => {
    if (!v.is(v.object({ code: v.literal(expected) }), error)) throw error;
  };

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error: unknown) {
    // Any other error, such as EPERM, means that the process exists and belongs to another user.
    return !v.is(v.object({ code: v.literal('ESRCH') }), error);
  }
}
