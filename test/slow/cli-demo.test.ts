import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bystandersInWords } from '../../cli/bystander-summary.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { expectSchema } from '../support/json-schemas.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const out = temporaryFolder();
const root = join(__dirname, '../..');

const iamAudit = (args: readonly string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', 'bin/iam-audit.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
  });
const demo = (...args: string[]) => iamAudit(['demo', '--principals', '12', '--rate', '40', '--out', out, ...args]);

test('the demo with bystanders ends with their throttled calls and their habit; standard output has only run.json', () => {
  const { stderr, stdout, status } = demo('--bystanders', '--json');
  expect(stderr).toContain('40 calls per second for each operation. Another application uses 20 % of that rate.');
  const [counts, habit] = stderr.trim().split('\n').slice(-6);
  expect(counts).toMatch(
    /^Another application \(role\/inventory-reader\) made \d+ calls to the same IAM operations during the audit\. Throttled: \d+ \(\d+\.\d %\)\. Without the audit: \d+ \(\d+\.\d %\)\.$/,
  );
  expect(habit).toMatch(
    /^doctor, credential-cache: arn:aws:iam::\d+:user\/inventory-bot\. It requested \d+ sessions of /,
  );
  expect(JSON.parse(stdout)).toMatchObject({ status: 'COMPLETE' });
  expectSchema('run', JSON.parse(stdout));
  expect(status).toBe(0);
});

test('a run that fails outside of all accounts keeps what it found, and says why it ended', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'state'));
  writeFileSync(join(folder, 'state/hub'), 'a file in the place of a folder');
  const failed = iamAudit([
    ...['demo', '--principals', '5', '--accounts', '2', '--organization', '--rate', '200', '--out', folder],
  ]);
  expect(failed.stderr).toMatch(
    /Run \S+ ended before it was summarised, but what it found is kept: Can't write .*state\/hub\/.*: part of the path is a file\./,
  );
  expect(failed.stderr).not.toContain('Next:');
  expect(failed.status).toBe(1);
  expect(iamAudit(['status', '--out', folder]).stdout).toMatch(/Continue it with --resume/);
});

test('a disturbed demo says what is disturbed instead of the rate, and counts the calls of the other application', () => {
  const { stderr, status } = demo('--disturb', 'window=200/5,storm=2x3,noise=0.02');
  expect(stderr).toContain(
    "with 12 principals. Disturbances: IAM allows 200 calls in each window of 5 s for each operation. Another application calls at 2 times the rate for the first 3 s. 2 % of the audit's calls are throttled at random.",
  );
  expect(stderr).toMatch(/Another application \(.*\) made \d+ calls to the same IAM operations during the audit\./);
  expect(status).toBe(0);
});

test('without bystanders no other application is mentioned; the last lines are three commands that work', () => {
  const { stderr } = demo();
  expect(stderr).not.toContain('nother application');
  const [next, ...commands] = stderr.trimEnd().split('\n').slice(-4);
  expect(next).toBe('Next:');
  const words = commands.map((line) => /^ {2}npx iam-audit (.*?) +# /.exec(line)![1]!.split(' '));
  expect(words.map(([name]) => name)).toEqual(['report', 'who', 'path']);
  for (const command of words.slice(1)) expect([command, iamAudit(command).status]).toEqual([command, 0]);
});

describe('the company', () => {
  const folder = join(temporaryFolder(), 'company');
  const company = (...args: string[]) => iamAudit(['demo', '--rate', '60', '--out', folder, ...args]);

  /** The points of the last run's trend. */
  function points(): unknown[] {
    const read = (key: string): unknown => JSON.parse(readFileSync(join(folder, key), 'utf8'));
    const { runId } = read('latest.json') as { runId: string };
    return (read(`runs/${runId}/trend.json`) as { points: unknown[] }).points;
  }

  test('its history comes before the run: one more point than days, with new, accepted and resolved findings', () => {
    const { stderr, stdout, status } = company('--days', '2', '--json');
    expect(stderr).toMatch(/^Simulating 2 earlier days/);
    expect(stderr).toContain('The account, its history and the other applications in it are simulated.');
    expect(stderr).toMatch(/Another application \(.*\) made \d+ calls/);
    expect(stderr).toMatch(/doctor, credential-cache: .*user\/inventory-bot/);
    expect(stderr).not.toContain('warning');
    const run = JSON.parse(stdout) as RunSummary;
    expect(run).toMatchObject({ status: 'COMPLETE', wholeScope: true, findings: { suppressed: 3 } });
    expect(run.findings!.new).toBeGreaterThan(0);
    expect(run.findings!.resolved).toBeGreaterThan(0);
    expect(run.principals.carriedForward).toBeGreaterThan(0);
    expect(points()).toHaveLength(3);
    expect(readdirSync(folder).filter((name) => name.includes('history'))).toEqual([]);
    expect(status).toBe(0);
  });

  test('a second demo in the folder is the next run, without another history', () => {
    const { stderr, status } = company();
    expect(stderr).toContain('An earlier demo has simulated the 2 days before');
    expect(stderr).not.toContain('Simulating');
    expect(points()).toHaveLength(4);
    expect(status).toBe(0);
  });

  test('Ctrl-C during the history leaves nothing, and status finds no run', async () => {
    const out = join(temporaryFolder(), 'stopped');
    const child = spawn(process.execPath, ['--import', 'tsx', 'bin/iam-audit.ts', 'demo', '--out', out], { cwd: root });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    let printed = '';
    child.stderr.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('Simulating')) child.kill('SIGINT');
    });
    expect(await ended).toBe(130);
    expect(printed).toContain('Nothing was kept');
    expect(readdirSync(out)).toEqual([]);
    expect(iamAudit(['status', '--out', out]).stderr).toContain('There is no run in');
  });
});

test.each([
  [
    { calls: 812, throttled: 9, throttledAlone: 4 },
    'Another application (role/inventory-reader) made 812 calls to the same IAM operations during the audit. Throttled: 9 (1.1 %). Without the audit: 4 (0.5 %).',
  ],
  [{ calls: 0, throttled: 0, throttledAlone: 0 }, 'The other application made no call during the audit.'],
])('%j: %s', (counts, words) => {
  expect(bystandersInWords(counts)).toBe(words);
});
