import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const POM = join(import.meta.dirname, 'pom.xml');
const LARGEST_OUTPUT = 64 * 1024 * 1024;

/** `parser`: about 10 jars, 5 MB. `engine`: about 190 jars, 134 MB. The names are the profiles of `pom.xml`. */
export type TrinoPart = 'parser' | 'engine';

/** Java or Maven is missing, or the jars can't be fetched. */
export class TrinoUnavailable extends Error {
  override name = 'TrinoUnavailable';
}

/**
 * The class path of a part of Trino. Maven fetches its jars once for each content of `pom.xml`, into the user's cache
 * folder, which all clones of the repository share.
 * @throws TrinoUnavailable
 */
export async function trinoClassPath(part: TrinoPart): Promise<string> {
  const version = await javaVersion();
  if (version < 17) throw new TrinoUnavailable(`Java ${version} is too old. Trino 435 needs Java 17 or later.`);
  const digest = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 12);
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'iam-audit', `trino-${digest}`, part);
  if (!existsSync(folder)) await fetchJars(part, folder);
  return join(folder, '*');
}

async function javaVersion(): Promise<number> {
  try {
    const { stderr } = await run('java', ['-version']);
    return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  } catch (error: unknown) {
    throw new TrinoUnavailable('Java was not found. Install a JDK of version 17 or later.', { cause: error });
  }
}

async function fetchJars(part: TrinoPart, folder: string): Promise<void> {
  // Renamed when complete, so that an interrupted download is repeated.
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await run(
      'mvn',
      ['-q', '-B', '-f', POM, '-P', part, 'dependency:copy-dependencies', `-DoutputDirectory=${unfinished}`],
      { maxBuffer: LARGEST_OUTPUT },
    );
  } catch (error: unknown) {
    await rm(unfinished, { recursive: true, force: true });
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new TrinoUnavailable(
      missing ? 'Maven (mvn) was not found. Install it.' : `Maven could not fetch Trino: ${messageOf(error)}`,
      { cause: error },
    );
  }
  await rename(unfinished, folder);
}

/** What a Java program printed, and whether it succeeded. */
export interface JavaResult {
  readonly succeeded: boolean;
  readonly output: string;
}

/** Runs a Java program of this folder from its source. Its dependencies are on the class path. */
export async function runJava(classPath: string, program: string, args: readonly string[]): Promise<JavaResult> {
  const source = join(import.meta.dirname, `${program}.java`);
  try {
    const { stdout } = await run('java', ['-XX:+UseSerialGC', '-cp', classPath, source, ...args], {
      maxBuffer: LARGEST_OUTPUT,
    });
    return { succeeded: true, output: stdout };
  } catch (error: unknown) {
    return { succeeded: false, output: messageOf(error) };
  }
}

/** The end of what a program printed says why it failed. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const printed = ['stdout', 'stderr'].map((name) =>
    String(Object.entries(error).find(([key]) => key === name)?.[1] ?? ''),
  );
  const text = printed.join('\n').trim();
  return text === '' ? error.message : text.slice(-4_000);
}
