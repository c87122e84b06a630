import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { main } from '../../cli/program.ts';
import { MemberGroup } from '../../core/contract/account-objects.ts';
import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { readPace, writePace } from '../../core/pacing/stored-pace.ts';
import { placeInOrganization } from '../../local/emulated-aws/generate/organization.ts';
import { auditableAccount, HUB, START, VirtualAudit } from '../support/virtual-audit.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// It loads an ES module, which jest does not. No test opens a browser.
jest.mock('../../cli/open-in-browser.ts', () => ({ opensInBrowser: () => Promise.resolve(false) }));

jest.setTimeout(600_000);

const DAY_MS = 86_400_000;
const OTHER = '222233334444';
const whole = { accounts: 'organization' } as const;

let audit: VirtualAudit;
/** The folder after two runs, and after a third that was interrupted. */
let base: { finished: string; interrupted: string };
let runs: { first: string; last: string; interrupted: string };
let principal = '';
let principalUnderScps = '';

const nextDay = (): Promise<void> => audit.clock.sleep(DAY_MS - ((audit.clock.now() - START) % DAY_MS));

async function interruptedRun(): Promise<string> {
  const abort = new AbortController();
  const seen = { inventoried: 0, accountEnded: 0 };
  const services = {
    ...audit.services(),
    onProgress: ({ kind }: { readonly kind: string }) => {
      if (kind === 'inventoried' || kind === 'accountEnded') seen[kind] += 1;
      if (seen.inventoried === 2 && seen.accountEnded === 1) abort.abort();
    },
  };
  const { runId, status } = await audit.run({ ...whole, full: true }, abort.signal, services);
  expect(status).toBe('ABORTED');
  return runId;
}

/** Two small accounts neither show whether they share a bucket, nor learn a rate for others. */
async function learnAsManyAccountsDo(): Promise<void> {
  const { memory } = await readPace({ store: audit.store, warn: () => undefined }, objects.pace(HUB));
  const foundAt = new Date(audit.clock.now()).toISOString();
  await writePace(audit.store, objects.hubPace, {
    ...memory!,
    operations: {},
    sharing: { shared: false, ratio: 1, comparisons: 10, foundAt },
  });
  const learned = { accountId: HUB, at: foundAt, rates: { 'iam:SimulatePrincipalPolicy': 10 }, reportReadyMs: null };
  await audit.store.write(objects.startingPace, JSON.stringify({ schemaVersion: 1, accounts: [learned] }));
}

beforeAll(async () => {
  const accounts = [auditableAccount(HUB, 7), auditableAccount(OTHER, 7, 2)];
  // No refresh falls into a test.
  audit = await VirtualAudit.start(
    { accounts, organization: placeInOrganization(accounts) },
    { refreshEveryDays: 30_000 },
  );
  await audit.store.write(objects.exceptions, '{"exceptions":[]}');
  const first = (await audit.run(whole)).runId;
  await nextDay();
  await learnAsManyAccountsDo();
  const last = (await audit.run(whole)).runId;
  principal = (await audit.records(await audit.lastRun(), HUB))[0]?.arn ?? '';
  principalUnderScps = (await audit.records(await audit.lastRun(), OTHER))[0]?.arn ?? '';
  const finished = temporaryFolder('finished');
  cpSync(audit.folder, finished, { recursive: true });
  await nextDay();
  const interrupted = await interruptedRun();
  runs = { first, last, interrupted };
  base = { finished, interrupted: temporaryFolder('interrupted') };
  cpSync(audit.folder, base.interrupted, { recursive: true });
});
afterAll(() => audit.close());

function restore(from: string): void {
  rmSync(audit.folder, { recursive: true, force: true });
  cpSync(from, audit.folder, { recursive: true });
}

const withVersion = (text: string): string =>
  text.replace('{', '{"schemaVersion":99,').replace(/(,?)\s*"schemaVersion": ?[0-8](,?)/, '$2');

const damages: Readonly<Record<string, (bytes: Buffer, isGzip: boolean) => Buffer>> = {
  'cut in the middle': (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2)),
  emptied: () => Buffer.alloc(0),
  'with a flipped byte': (bytes) => {
    const damaged = Buffer.from(bytes);
    // The last bracket of a JSON text, or the middle of compressed bytes.
    const at = Math.max(damaged.lastIndexOf('}'), damaged.lastIndexOf(']'), Math.floor(damaged.length / 2));
    damaged[at] = (damaged[at] ?? 0) ^ 0x04;
    return damaged;
  },
  'of schema version 99': (bytes, isGzip) =>
    isGzip
      ? gzipSync(withVersion(gunzipSync(bytes).toString()))
      : Buffer.from(bytes.toString().startsWith('[') ? '{"schemaVersion":99}' : withVersion(bytes.toString())),
};

function damage(key: string, how: string): void {
  const path = join(audit.folder, key);
  writeFileSync(path, damages[how]?.(readFileSync(path), key.endsWith('.gz')) ?? '');
}

interface Ended {
  readonly code: number;
  readonly text: string;
}

/** Runs a command in this process, as the program does. An error that it does not expect fails the test. */
async function command(...args: string[]): Promise<Ended> {
  const lines: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => lines.push(String(text)) > 0),
  );
  try {
    const code = await main(['node', 'iam-audit', ...args, '--out', audit.folder]);
    return { code, text: lines.join('') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** What a parser or the runtime says. It is clear only after the name of the object. */
const BARE = /JSON|Unterminated|Unexpected|Invalid (type|key|length)|ValiError|SyntaxError|^\s+at .*:\d+/;

function expectClear(text: string, key: string): void {
  for (const line of text.split('\n')) if (BARE.test(line) && !line.startsWith('<')) expect(line).toContain(key);
}

const commands = {
  status: () => command('status'),
  who: () => command('who', 'iam:PassRole'),
  diff: () => command('diff'),
  report: () => command('report', '--format', 'csv'),
  can: () => command('can', principal),
  path: () => command('path', principal),
};
type Reader = 'status' | 'who' | 'diff' | 'report' | 'can' | 'path' | 'run' | 'resume';

const isReader = (readers: readonly Reader[], name: string): boolean => readers.some((reader) => reader === name);

const asks = ['who', 'can', 'path'] as const;
const every = ['status', 'who', 'diff', 'report', 'can', 'path'] as const;

/** The SCPs of the other account. */
function scpOf(): string {
  const group = readFileSync(join(base.finished, objects.memberGroup(runs.last, 0)), 'utf8');
  const { serviceControl, accounts } = v.parse(v.pipe(v.string(), v.parseJson(), MemberGroup), group);
  return objects.serviceControl(runs.last, serviceControl[accounts[OTHER] ?? -1]!.hash);
}

/** Each object of a finished run and of the state, with those that read it. */
const finished: [string, () => string, readonly Reader[]][] = [
  ['latest.json', () => objects.latest, ['run', ...every]],
  ['the claim', () => objects.claim, ['run', 'status']],
  ['the exceptions', () => objects.exceptions, []],
  ['the pace', () => objects.pace(HUB), ['run']],
  ['the pace of all accounts', () => objects.hubPace, ['run']],
  ['the paces for accounts without memory', () => objects.startingPace, []],
  ['the evidence', () => objects.evidence(HUB), ['run']],
  ['the earlier findings', () => objects.findingsBase(HUB), ['run']],
  ['the earlier findings across accounts', () => objects.findingsBase('hub'), ['run']],
  ['the pointer to the use of services', () => objects.latestOrganizationUse, ['run']],
  ['run.json', () => objects.run(runs.last), ['run', 'status', 'who', 'diff', 'can', 'path']],
  ['run.json of the run before', () => objects.run(runs.first), ['diff']],
  ['organization.json', () => objects.organization(runs.last), ['run']],
  ['the SCPs of an account', scpOf, ['path']],
  ['the use of services', () => objects.organizationUse(runs.last), []],
  ['the summary of the use of services', () => objects.organizationUseSummary(runs.last), []],
  ['the roles that let others in', () => objects.openRoles(runs.last, OTHER), ['can', 'path']],
  ['the paths between accounts', () => objects.acrossAccounts(runs.last), []],
  ['context.json', () => objects.runContext(runs.last), asks],
  ['a group of members', () => objects.memberGroup(runs.last, 0), asks],
  ['accounts.jsonl', () => objects.accounts(runs.last), asks],
  ['findings.jsonl', () => objects.findings(runs.last), ['diff']],
  ['findings.jsonl of the run before', () => objects.findings(runs.first), ['diff']],
  ['trend.json', () => objects.trend(runs.last), ['run']],
  ['account.json', () => objects.account(runs.last, HUB), []],
  ['the output of the inventory', () => objects.inventoried(runs.last, HUB), []],
  ['the inventory', () => objects.inventory(runs.last, HUB), []],
  ['the worklist', () => objects.worklist(runs.first, HUB), []],
  ['the policies', () => objects.policies(runs.last, HUB), asks],
  ['the carried evidence', () => objects.carried(runs.last, HUB), []],
  ['a batch', () => objects.batch(runs.first, HUB, 1, 1), []],
  ['the records', () => objects.principals(runs.last, HUB), ['who', 'diff', 'can', 'path']],
  ['the records of the run before', () => objects.principals(runs.first, HUB), ['diff']],
  ['the findings of an account', () => objects.accountFindings(runs.last, HUB), []],
  ['the index of recommendations', () => objects.recommendations(runs.last, HUB), []],
];

/** Only what people and other programs read: no later run and no command of `commands` reads it. */
const results = [
  /^runs\/RUN\/(report\.html|findings\.csv|exceptions\.json)$/,
  /^runs\/RUN\/scp\//,
  /\/recommendations\/(role|user)-/,
  // `cli-query.test.ts` damages a file of a table.
  /^tables\//,
  // `organization-use-state.test.ts` damages the objects of attempts.
  /^runs\/RUN\/organization-use\//,
];

/** A key without the names of runs, accounts and numbers. */
const kindOf = (key: string): string =>
  key
    .replaceAll(/\d{8}T\d{6}Z-[0-9a-f]+/g, 'RUN')
    .replaceAll(/(?<=\/scp-)[0-9a-f]+/g, 'HASH')
    .replaceAll(/\d{12}/g, 'ACCOUNT')
    .replaceAll(/(?<=\/)\d{6}/g, 'N');

test('each kind of object that runs leave is damaged here, or is a result that nothing reads', () => {
  restore(base.finished);
  const files = readdirSync(audit.folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const keys = files.map(({ parentPath, name }) => join(parentPath, name).slice(audit.folder.length + 1));
  expect(keys.length).toBeGreaterThan(finished.length);
  const damaged = new Set(finished.map(([, keyOf]) => kindOf(keyOf())));
  const left = keys.map(kindOf).filter((kind) => !damaged.has(kind) && !results.some((result) => result.test(kind)));
  expect(left).toEqual([]);
});

const cases = <Row extends readonly unknown[]>(rows: readonly Row[]): [string, ...Row][] =>
  Object.keys(damages).flatMap((how) => rows.map((row): [string, ...Row] => [how, ...row]));

/** Objects that no later run and no command reads are damaged in one way only. */
const finishedCases = cases(finished).filter(([how, , , readers]) => readers.length > 0 || how === 'cut in the middle');

test.each(finishedCases)('%s: %s of a finished run', async (how, _, keyOf, readers) => {
  const key = keyOf();
  restore(base.finished);
  damage(key, how);
  const isDetected = how !== 'with a flipped byte';
  for (const [name, run] of Object.entries(commands)) {
    const { code, text } = await run();
    expectClear(text, key);
    if (isDetected && isReader(readers, name)) expect([name, text]).toEqual([name, expect.stringContaining(key)]);
    if (!isReader(readers, name)) expect([name, code]).toEqual([name, code === 1 ? 0 : code]);
  }
  audit.warnings.length = 0;
  await nextDay();
  const result = await audit.run(whole);
  expect(result.status).toBe('SUCCEEDED');
  const next = await audit.lastRun();
  expect([next.runId, next.status]).toEqual([result.runId, 'COMPLETE']);
  expectClear(audit.warnings.join('\n'), key);
  if (isDetected && readers.includes('run')) expect(audit.warnings.join('\n')).toContain(key);
  if (key === objects.exceptions && isDetected) expect(next.exceptions?.problems).toHaveLength(1);
  // The run has replaced what was damaged.
  expect((await commands.status()).code).toBe(0);
});

test.each(['cut in the middle', 'emptied', 'of schema version 99'])(
  '%s: the SCPs of the account of the principal that is asked about',
  async (how) => {
    restore(base.finished);
    damage(scpOf(), how);
    const { code, text } = await command('can', principalUnderScps);
    expectClear(text, scpOf());
    expect([code, text]).toEqual([1, expect.stringContaining(scpOf())]);
  },
);

/** Each object of an interrupted run, with those that read it. `resume`: the run that continues it. */
const interrupted: [string, () => string, readonly Reader[]][] = [
  ['the claim', () => objects.claim, ['run', 'resume', 'status']],
  ['run.json', () => objects.run(runs.interrupted), ['run', 'resume', 'status']],
  ['context.json', () => objects.runContext(runs.interrupted), []],
  ['organization.json', () => objects.organization(runs.interrupted), []],
  ['accounts.jsonl', () => objects.accounts(runs.interrupted), ['resume']],
  ['the inventory', () => objects.inventory(runs.interrupted, OTHER), []],
  ['the worklist', () => objects.worklist(runs.interrupted, OTHER), []],
  ['the carried evidence', () => objects.carried(runs.interrupted, OTHER), []],
  ['the policies', () => objects.policies(runs.interrupted, OTHER), []],
  ['a summary', () => objects.account(runs.interrupted, HUB), ['resume']],
  ['records', () => objects.principals(runs.interrupted, HUB), []],
];

test.each(cases(interrupted))('%s: %s of an interrupted run', async (how, _, keyOf, readers) => {
  const key = keyOf();
  const isDetected = how !== 'with a flipped byte';
  for (const way of ['run', 'resume'] as const) {
    restore(base.interrupted);
    damage(key, how);
    if (way === 'run') {
      for (const [name, run] of Object.entries(commands)) {
        const { text } = await run();
        expectClear(text, key);
        if (isDetected && isReader(readers, name)) expect([name, text]).toEqual([name, expect.stringContaining(key)]);
      }
    }
    audit.warnings.length = 0;
    await nextDay();
    const result = await audit.run(way === 'run' ? whole : { resume: runs.interrupted });
    const output = JSON.stringify(result);
    const told = `${audit.warnings.join('\n')}\n${output}`;
    expectClear(told, key);
    if (isDetected && readers.includes(way)) expect([way, told]).toEqual([way, expect.stringContaining(key)]);
    const next = (await audit.json(objects.run(result.runId)).catch(() => null)) as RunSummary | null;
    // A run that can't be continued is refused with a reason. Any other is complete.
    if (next === null) expect([way, output]).toEqual(['resume', expect.stringMatching(/REFUSED|can't be resumed/)]);
    else expect(next.status).toBe('COMPLETE');
  }
});
