import { defaultSettings } from '../../../core/contract/environment.ts';
import type { Credentials } from '../../../core/contract/evidence.ts';
import type { Finding } from '../../../core/contract/finding.ts';
import { objects } from '../../../core/contract/objects.ts';
import type { Organization } from '../../../core/contract/organization.ts';
import { writeFindings } from '../../../core/summary/findings/account-findings.ts';
import type { Services } from '../../../core/ports/services.ts';
import { FolderStore } from '../../../local/folder-store.ts';
import { principalRecord, type RecordSketch } from '../../support/principal-record.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const accountId = '111122223333';
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse('2026-11-20T04:00:00Z');

let folder = '';
let store: FolderStore;
beforeEach(() => {
  folder = temporaryFolder('findings');
  store = new FolderStore({ folder });
});

interface Day {
  /** Null: the inventory could not be read. */
  records: RecordSketch[] | null;
  principals?: 'all' | string[];
  exceptions?: string;
  root?: Credentials | null;
  organization?: Partial<Organization>;
}

const timeOf = (day: number): string => new Date(FIRST_DAY + day * DAY_MS).toISOString();
const runOf = (day: number): string => `202611${20 + day}T040000Z-aaaaaa`;

/** Audits the account on a day, counted from 0. */
async function audited(day: number, { records, principals = 'all', exceptions, root = null, organization }: Day) {
  const runId = runOf(day);
  const counts = { total: 0, complete: 0, partial: 0, failed: 0, carriedForward: 0 };
  const run = {
    ...{ schemaVersion: 1, runId, startedAt: timeOf(day), finishedAt: null, status: 'RUNNING', accounts: [] },
    ...{ scope: { accounts: 'all', principals }, principals: counts, calls: {} },
    cost: { stepFunctions: 0, lambda: 0, s3: 0, total: 0 },
  };
  await store.write(objects.run(runId), JSON.stringify(run));
  if (exceptions !== undefined) await store.write(objects.exceptionsOf(runId), exceptions);
  if (organization !== undefined) {
    const nothing = { schemaVersion: 1, readAt: timeOf(day), membership: 'member', managementAccountId: null };
    const written = { ...nothing, organizationId: null, accounts: null, problems: [], ...organization };
    await store.write(objects.organization(runId), JSON.stringify(written));
  }
  if (records !== null) {
    await store.writeLines(
      objects.principals(runId, accountId),
      records.map((record) => JSON.stringify(principalRecord(record))),
    );
  }
  const services = {
    store,
    clock: { now: () => FIRST_DAY + day * DAY_MS + 600_000, sleep: async () => undefined },
    settings: defaultSettings,
  } as unknown as Services;
  const report = { root, credentialReportAt: null, credentialReportAgeMinutes: null, problems: [] };
  const credentials = { ...report, usersWithPassword: null, passwordPolicy: null };
  const told = await writeFindings(
    { runId, accountId, credentials, unreadable: [], hasRecords: records !== null },
    services,
  );
  const findings: Finding[] = [];
  for await (const line of store.readLines(objects.accountFindings(runId, accountId))) {
    findings.push(JSON.parse(line) as Finding);
  }
  return { ...told, findings, ofAdmins: states(findings, 'administrator') };
}

const states = (findings: readonly Finding[], rule: string): Record<string, string> =>
  Object.fromEntries(
    findings
      .filter((finding) => finding.rule === rule)
      .map(({ principalArn, state }) => [principalArn.split('/').at(-1) ?? '', state]),
  );

const recently = { iam: '2026-11-19T04:00:00.000Z' };
const admin = (name: string, rest: RecordSketch = {}): RecordSketch => ({
  name,
  allowed: ['*'],
  services: recently,
  ...rest,
});
const plain = (name: string): RecordSketch => ({ name, services: recently });
const partial: RecordSketch = { status: 'PARTIAL', permissionsStatus: 'FAILED', allowed: [] };

test('findings are new, then open with the same ID and first day, and resolved once', async () => {
  const first = await audited(0, { records: [admin('a'), plain('b')] });
  expect(first.ofAdmins).toEqual({ a: 'new' });
  const second = await audited(1, { records: [admin('a'), admin('b')] });
  expect(second.ofAdmins).toEqual({ a: 'open', b: 'new' });
  const again = second.findings.find(({ principalArn }) => principalArn.endsWith('/a'));
  const before = first.findings.find(({ rule }) => rule === 'administrator');
  expect(again).toMatchObject({ id: before?.id, firstSeen: timeOf(0) });
  const third = await audited(2, { records: [plain('a'), admin('b')] });
  expect(third.ofAdmins).toEqual({ a: 'resolved', b: 'open' });
  expect(third.counts.resolved).toBe(1);
  expect((await audited(3, { records: [plain('a'), admin('b')] })).ofAdmins).toEqual({ b: 'open' });
});

test('a handler that is called again writes the same findings, also those that it resolved', async () => {
  await audited(0, { records: [admin('a'), admin('b')] });
  const once = await audited(1, { records: [plain('a'), admin('b'), admin('c')] });
  const twice = await audited(1, { records: [plain('a'), admin('b'), admin('c')] });
  expect(once.ofAdmins).toEqual({ a: 'resolved', b: 'open', c: 'new' });
  expect(twice).toEqual(once);
});

test('a principal whose evidence failed today resolves no finding; a deleted principal does', async () => {
  await audited(0, { records: [admin('a'), admin('b'), admin('c')] });
  const { ofAdmins } = await audited(1, {
    records: [admin('a', partial), admin('b', { ...partial, status: 'FAILED', lastAccessedStatus: 'FAILED' })],
  });
  expect(ofAdmins).toEqual({ a: 'open', b: 'open', c: 'resolved' });
  expect((await audited(2, { records: [plain('a'), admin('b')] })).ofAdmins).toEqual({ a: 'resolved', b: 'open' });
});

test('a principal that was deleted during the run resolves its findings', async () => {
  await audited(0, { records: [admin('a')] });
  const problems = [{ step: 'permissions' as const, code: 'NoSuchEntity', message: 'gone' }];
  const deleted = admin('a', { ...partial, status: 'FAILED', lastAccessedStatus: 'FAILED', problems });
  expect((await audited(1, { records: [deleted] })).ofAdmins).toEqual({ a: 'resolved' });
});

test('an account whose inventory could not be read keeps its findings for the next day', async () => {
  await audited(0, { records: [admin('a')] });
  expect((await audited(1, { records: null })).ofAdmins).toEqual({ a: 'open' });
  expect((await audited(2, { records: [admin('a')] })).ofAdmins).toEqual({ a: 'open' });
});

test('a run of some principals writes only their findings, and the next run is not compared with it', async () => {
  await audited(0, { records: [admin('a'), admin('b')] });
  const limited = { principals: ['arn:aws:iam::*:role/b*'] };
  expect((await audited(1, { records: [plain('b'), admin('bc')], ...limited })).ofAdmins).toEqual({
    b: 'resolved',
    bc: 'new',
  });
  expect((await audited(2, { records: [admin('a'), plain('b'), admin('bc')] })).ofAdmins).toEqual({
    a: 'open',
    b: 'resolved',
    bc: 'new',
  });
});

test('exceptions suppress matching findings until they expire, and the summary names those that matched', async () => {
  const exception = {
    rule: 'administrator',
    arn: 'arn:aws:iam::*:role/a',
    owner: 'o',
    reason: 'why',
    expires: '2026-11-21',
  };
  const none = { ...exception, arn: 'arn:aws:iam::*:role/nobody' };
  const exceptions = JSON.stringify({ exceptions: [none, exception] });
  const records = [admin('a'), admin('b')];
  const held = await audited(0, { records, exceptions });
  expect(held.ofAdmins).toEqual({ a: 'suppressed', b: 'new' });
  expect(held.exceptions).toEqual([1]);
  const over = await audited(2, { records, exceptions });
  expect(over.ofAdmins).toEqual({ a: 'open', b: 'open' });
  expect(over.exceptions).toEqual([1]);
});

test('an account without findings writes an empty list and counts of 0', async () => {
  const { findings, counts } = await audited(0, { records: [plain('a')] });
  expect(findings.filter(({ rule }) => rule === 'administrator')).toEqual([]);
  expect(counts.new).toBe(findings.length);
});

describe('a trust policy for a whole organization', () => {
  const role: RecordSketch = {
    ...admin('a'),
    trust: [{ kind: 'everyone', principal: '*', organizationIds: ['o-one'] }],
  };
  const account = {
    name: null,
    state: 'ACTIVE',
    units: null,
    serviceControlPolicies: null,
    resourceControlPolicies: null,
  };
  test.each<[string, Partial<Organization> | undefined, string | undefined]>([
    [
      'the own organization, with known accounts',
      { organizationId: 'o-one', accounts: [{ ...account, accountId }] },
      undefined,
    ],
    ['the own organization, with unknown accounts', { organizationId: 'o-one' }, undefined],
    ['another organization', { organizationId: 'o-two', accounts: [{ ...account, accountId }] }, 'high'],
    [
      'an organization without this account',
      { organizationId: 'o-one', accounts: [{ ...account, accountId: '111122223334' }] },
      'low',
    ],
    ['the organization of the account is not known', undefined, 'low'],
  ])('%s', async (_name, organization, severity) => {
    const { findings } = await audited(0, { records: [role], ...(organization === undefined ? {} : { organization }) });
    expect(findings.find(({ rule }) => rule === 'assumable-from-outside')?.severity).toBe(severity);
  });
});
