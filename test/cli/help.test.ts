import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';
import { join } from 'node:path';
import packageFile from '../../package.json';
import { allCommands } from '../../cli/commands/all-commands.ts';
import { buildProgram } from '../../cli/program.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';

const root = join(__dirname, '../..');
const iamAudit = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [COMMAND_LINE, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...environment },
  });
const names = allCommands.map(({ name }) => name);

/** The packages and files that are loaded with a file, without what it loads later. */
async function loadedWith(file: string): Promise<{ packages: string[]; files: string[] }> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [file],
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    outdir: 'unused',
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  const packages = new Set<string>();
  const files = new Set([file]);
  for (const one of files) {
    for (const { path, kind, external } of metafile.inputs[one]?.imports ?? []) {
      if (kind === 'dynamic-import') continue;
      if (external !== true) files.add(path);
      else if (!path.startsWith('node:')) packages.add(path);
    }
  }
  return { packages: [...packages].sort(), files: [...files] };
}

test('the list of commands loads commander and nothing of the audit', async () => {
  const { packages, files } = await loadedWith('bin/iam-audit.ts');
  expect(packages).toEqual(['commander']);
  expect(files.filter((file) => !/^(bin|cli)\/|package.json/.test(file)).sort()).toEqual([
    'core/wording/printable.ts',
    'local/file-faults.ts',
  ]);
});

test.each(names)('the options of %s load neither the SDK nor other large packages', async (name) => {
  const { packages } = await loadedWith(`cli/commands/${name}.ts`);
  expect(packages.filter((one) => !['commander', 'valibot', 'leven'].includes(one))).toEqual([]);
});

test.each(names)('the help of %s has groups of options, and examples that the command accepts', async (name) => {
  const { stdout, status } = iamAudit([name, '--help']);
  expect(status).toBe(0);
  expect(stdout).not.toMatch(/^Options:\n(?! {2}-h, --help)/m);
  const examples = [...stdout.matchAll(/^ {2}npx iam-audit (.*)$/gm)].map(([, words = '']) => words);
  expect(examples.length).toBeGreaterThanOrEqual(2);
  for (const example of examples) {
    const words = example.split(/ [|<>&]/)[0]!.match(/"[^"]*"|\S+/g)!;
    const program = await buildProgram(
      (one) => one === name,
      () => undefined,
    );
    let accepted = false;
    program.commands
      .find((command) => command.name() === name)!
      .action(() => {
        accepted = true;
      });
    await program.parseAsync(
      words.map((word) => word.replaceAll('"', '')),
      { from: 'user' },
    );
    expect([example, accepted]).toEqual([example, true]);
  }
});

test('help fits 80 columns, except for examples', () => {
  for (const name of names) {
    const [options] = iamAudit([name, '--help'], { COLUMNS: '80' }).stdout.split('Examples:');
    expect(options!.split('\n').filter((line) => line.length > 80)).toEqual([]);
  }
});

test('--version prints the version of the package', () => {
  const { stdout, status } = iamAudit(['--version']);
  expect([stdout, status]).toEqual([`${packageFile.version}\n`, 0]);
});

test('headings are bold on a terminal; NO_COLOR removes every style', () => {
  expect(iamAudit(['--help'], { FORCE_COLOR: '1' }).stdout).toContain('\u001b[1mUsage:');
  expect(iamAudit(['--help'], { NO_COLOR: '1' }).stdout).not.toContain('\u001b');
});

test.each([
  [['stauts'], 'Did you mean status?'],
  [['run', '--pricipal', 'x'], 'Did you mean --principal?'],
  [['--quite'], 'Did you mean --quiet?'],
  [['report', '--format', 'cvs'], 'Did you mean csv?'],
  [['doctor', '--explain', 'burst'], 'Did you mean bursts?'],
  [['member-template', '--format', 'teraform'], 'Did you mean terraform?'],
  [['completion', 'bsh'], 'Did you mean bash?'],
  [['demo', '--disturb', 'nois=0.1'], 'Did you mean noise?'],
  [['status', '--region', 'ireland'], 'a Region such as eu-west-1'],
])('%j: exit code 2 and a suggestion', (args, suggestion) => {
  const { stderr, status } = iamAudit(args);
  expect(stderr).toContain(suggestion);
  expect(status).toBe(2);
});
