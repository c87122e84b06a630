import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { runJest } from './run-jest.ts';

/** Folders whose files Jest must know to find out which tests import a file. The configuration names only `test/`. */
const folders = ['test', 'core', 'aws', 'cli', 'lambda', 'lib', 'local', 'questions', 'scripts', 'bench', 'report-app'];

/** Tests of templates, documents and benchmarks load nearly every file, and are not about one. */
const aboutAll = /^test\/(lib|layout|scripts|bench|workflow)\/|\/help\.test\.ts$/;

/**
 * Tests that use an area as a whole: audits in virtual time, and the command line in a process of its own. All of them import nearly
 * every file, so they are chosen here.
 */
const wholes: Readonly<Record<string, readonly string[]>> = {
  'core/states': [
    'workflow/messages',
    'workflow/starting',
    'workflow/whole-workflow',
    'workflow/organization-run',
    'workflow/across-accounts',
    'slow/organization-use',
    'slow/operations',
  ],
  'core/pacing': ['workflow/whole-workflow', 'slow/shared-bucket', 'slow/low-rate', 'slow/run-pace'],
  'core/reuse': [
    'workflow/whole-workflow',
    'slow/second-day',
    'slow/changed-during-run',
    'slow/carrying',
    'slow/idle-refresh',
  ],
  aws: ['workflow/credentials', 'workflow/role-sessions'],
  cli: ['cli/program', 'cli/results-here', 'slow/cli-deployed', 'slow/cli-query'],
};

/** Starts the bundled command line: the test runs the code of `cli/` in another process. */
const startsCommandLine = /(command-line(-bundle)?|run-doctor)\.ts'/;

/** Test files that run together. The next stage is needed only if no test of the one before fails. */
export interface Stage {
  readonly tests: readonly string[];
  /** Whether they start the command line, which is then bundled first. */
  readonly startsCommandLine: boolean;
}

/** The tests of a source file: those of its own folder, others that import it, and those of its area as a whole. */
export async function relevantTests(folder: string, file: string): Promise<Stage[]> {
  const { output } = await runJest(folder, ['--listTests', '--roots', ...folders, '--findRelatedTests', file]);
  const starts = (test: string): boolean => startsCommandLine.test(readFileSync(join(folder, test), 'utf8'));
  const importing = output
    .split('\n')
    .filter((line) => line.endsWith('.test.ts'))
    .map((line) => relative(folder, line))
    .filter((test) => !aboutAll.test(test) && !starts(test));
  const own = importing.filter((test) => test.startsWith(`${join('test', dirname(file))}/`));
  const others = importing.filter((test) => !own.includes(test));
  const area = Object.keys(wholes).find((name) => file.startsWith(`${name}/`)) ?? '';
  const named = [
    ...[`test/cli/${basename(file, '.ts')}.test.ts`, `test/slow/cli-${basename(file, '.ts')}.test.ts`],
    `test/slow/cli-${basename(dirname(file))}.test.ts`,
  ];
  const whole = [
    ...(area === 'cli' ? named.filter((test) => existsSync(join(folder, test)) && starts(test)) : []),
    ...(wholes[area] ?? []).map((name) => `test/${name}.test.ts`),
  ];
  return [own, others, ...whole.map((test) => [test])]
    .filter((tests) => tests.length > 0)
    .map((tests) => ({ tests, startsCommandLine: tests.some(starts) }));
}
