import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const CACHE = fileURLToPath(new URL('../.cache/python', import.meta.url));

export interface PythonEnvironmentOptions {
  /** Name of the environment's folder in `.cache/python`. */
  readonly name: string;
  /** Path of the requirements file; every package in it has an exact version. */
  readonly requirements: string;
  /** Minor versions of Python 3 that the requirements support, in order of preference. */
  readonly minorVersions: readonly number[];
}

export interface PythonEnvironment {
  /** Path of the folder with the programs. */
  readonly bin: string;
  readonly version: string;
  /** Seconds that the installation took. 0 if an earlier installation was used. */
  readonly installSeconds: number;
}

/** No suitable Python was found, or the packages could not be installed. */
export class PythonUnavailable extends Error {
  override name = 'PythonUnavailable';
}

/**
 * A virtual environment with the packages of a requirements file. It is created once for each content of the file and each
 * version of Python, and kept in `.cache/python`.
 * @throws PythonUnavailable
 */
export async function pythonEnvironment(options: PythonEnvironmentOptions): Promise<PythonEnvironment> {
  const { python, version } = await findPython(options.minorVersions);
  const digest = createHash('sha256').update(readFileSync(options.requirements)).digest('hex').slice(0, 12);
  const folder = join(CACHE, `${options.name}-${version}-${digest}`);
  const bin = join(folder, 'bin');
  // Written last, so that an interrupted installation is repeated.
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return { bin, version, installSeconds: 0 };
  const startedAt = performance.now();
  await rm(folder, { recursive: true, force: true });
  await mkdir(CACHE, { recursive: true });
  try {
    await run(python, ['-m', 'venv', folder]);
    await run(join(bin, 'python'), ['-m', 'pip', 'install', '--quiet', '--requirement', options.requirements], {
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error: unknown) {
    throw new PythonUnavailable(
      `The packages of ${options.requirements} could not be installed with ${python}: ${messageOf(error)}`,
      { cause: error },
    );
  }
  await writeFile(`${complete}.part`, '');
  await rename(`${complete}.part`, complete);
  return { bin, version, installSeconds: (performance.now() - startedAt) / 1000 };
}

/**
 * The first Python with a suitable version: `PYTHON` if it is set, otherwise those on the path, then those installed
 * by pyenv.
 */
async function findPython(minorVersions: readonly number[]): Promise<{ python: string; version: string }> {
  const named = process.env.PYTHON;
  const candidates =
    named === undefined || named === ''
      ? [...minorVersions.map((minor) => `python3.${minor}`), 'python3', 'python', ...pyenvPythons()]
      : [named];
  const found: { python: string; version: string; minor: number }[] = [];
  for (const python of candidates) {
    const version = await versionOf(python);
    if (version !== null) found.push({ python, ...version });
  }
  for (const minor of minorVersions) {
    const suitable = found.find((candidate) => candidate.minor === minor);
    if (suitable !== undefined) return suitable;
  }
  const wanted = minorVersions.map((minor) => `3.${minor}`).join(' or ');
  const seen = [...new Set(found.map(({ version }) => version))].join(', ');
  throw new PythonUnavailable(
    `Python ${wanted} with the modules venv and ensurepip was not found` +
      `${seen === '' ? '' : ` (found: ${seen})`}. Install it, or set PYTHON to its path.`,
  );
}

function pyenvPythons(): string[] {
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  if (!existsSync(versions)) return [];
  return readdirSync(versions)
    .filter((version) => /^3\.\d+\.\d+$/.test(version))
    .map((version) => join(versions, version, 'bin', 'python3'));
}

/** Null if it cannot be started, is not Python 3, or cannot create virtual environments. */
async function versionOf(python: string): Promise<{ version: string; minor: number } | null> {
  try {
    const { stdout } = await run(python, ['-c', 'import ensurepip, platform, venv; print(platform.python_version())']);
    const version = stdout.trim();
    const minor = /^3\.(\d+)\.\d+$/.exec(version)?.[1];
    return minor === undefined ? null : { version, minor: Number(minor) };
  } catch {
    return null;
  }
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.length > 2_000 ? `…${text.slice(-2_000)}` : text;
}
