import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { applied, type Mutant } from './mutants.ts';

/** A copy of the sources in a temporary folder, in which files are changed. */
export class Checkout {
  private constructor(readonly folder: string) {}

  /** Copies the files that Git knows, or would add, and links the packages. */
  static async copyOf(project: string): Promise<Checkout> {
    const folder = await mkdtemp(join(tmpdir(), 'iam-audit-mutants-'));
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: project,
      maxBuffer: 64 * 1024 * 1024,
    });
    for (const file of listed.toString().split('\0').filter(Boolean)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await cp(join(project, file), join(folder, file));
    }
    // A link for each package and not one for all: tests write to the folder's own `.cache`.
    await mkdir(join(folder, 'node_modules'));
    for (const name of await readdir(join(project, 'node_modules'))) {
      if (name !== '.cache') await symlink(join(project, 'node_modules', name), join(folder, 'node_modules', name));
    }
    // Jest's set-up builds the report's page, but runs only before some of the tests.
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build-report.ts'], { cwd: folder });
    return new Checkout(folder);
  }

  /** Does `work` while the mutant's file is changed. */
  async withMutant<T>(mutant: Mutant, work: () => Promise<T>): Promise<T> {
    const path = join(this.folder, mutant.file);
    const text = await readFile(path, 'utf8');
    await writeFile(path, applied(text, mutant));
    try {
      return await work();
    } finally {
      await writeFile(path, text);
    }
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
