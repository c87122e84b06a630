import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nextCommands } from '../../cli/next-commands.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(60_000);

const folder = temporaryFolder('out');
const file = join(folder, 'file');
writeFileSync(file, '{}');

const iamAudit = (...args: string[]) =>
  spawnSync(process.execPath, [COMMAND_LINE, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' },
  });

const commands = [['demo'], ['run'], ['scan', file]];
const places: [string, string][] = [
  [file, 'is a file, not a folder'],
  [join(file, 'below'), 'is a file, not a folder'],
  ...(process.platform === 'linux' ? ([['/proc/x', "can't be created there"]] as [string, string][]) : []),
];

test.each(commands.flatMap((command) => places.map(([out, why]) => [command, out, why] as const)))(
  '%j --out %s: refused before any work, with the reason',
  (command, out, why) => {
    const { stderr, status } = iamAudit(...command, '--out', out);
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(`Results can't be written to ${out}: `)]);
    expect(stderr).toContain(why);
    expect(stderr).toContain('--out');
    expect(status).toBe(2);
  },
);

test.each([['status'], ['report'], ['diff'], ['who', 'iam:PassRole']])(
  '%s --out FILE: a file is not results',
  (...command) => {
    const { stderr, status } = iamAudit(...command, '--out', file);
    expect(stderr.trim()).toBe(`${file} is not a folder. Name the folder of the results with --out.`);
    expect(status).toBe(2);
  },
);

test.each([['runs/r1/run.json'], ['config/exceptions.json']])(
  'demo in a folder with %s: the company is not mixed with other results, and nothing is changed',
  (key) => {
    const out = mkdtempSync(join(folder, 'other-'));
    mkdirSync(dirname(join(out, key)), { recursive: true });
    writeFileSync(join(out, key), '{}');
    const { stderr, status } = iamAudit('demo', '--out', out);
    expect(stderr.trim()).toContain(`${out} has results of other runs`);
    expect(stderr).toContain('--out');
    expect(status).toBe(2);
    expect(readdirSync(out)).toEqual([key.split('/')[0]]);
  },
);

test('a run that is refused for another reason leaves no folder behind', () => {
  const out = join(folder, 'a/b');
  expect(iamAudit('run', '--out', out).stderr).toContain('No AWS credentials were found');
  expect(existsSync(join(folder, 'a'))).toBe(false);
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('standard output on a full device: one line says so, and the command has failed', () => {
  const full = openSync('/dev/full', 'w');
  const { stderr, status } = spawnSync(process.execPath, [COMMAND_LINE, 'completion', 'bash'], {
    encoding: 'utf8',
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  expect([status, stderr]).toEqual([1, "The output can't be written: no space is left on the device.\n"]);
});

test('the demo names no next commands where no run has ended', async () => {
  expect(await nextCommands(temporaryFolder('empty'))).toEqual([]);
});
