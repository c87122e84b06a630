import type { Finding } from '../../../core/contract/finding.ts';
import type { Change } from '../../../core/contract/answers/diff.ts';
import { objects } from '../../../core/contract/objects.ts';
import type { RunSummary } from '../../../core/contract/run.ts';
import type { Ability } from '../../../core/access/abilities/abilities.ts';
import { permissionChange } from '../../../core/diff/changes.ts';
import { compareRuns } from '../../../core/diff/compare-runs.ts';
import { diffInWords } from '../../../core/diff/diff-in-words.ts';
import { FolderStore } from '../../../local/folder-store.ts';
import { principalRecord, type RecordSketch } from '../../support/principal-record.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ACCOUNT = '111122223333';
let folder = '';
beforeEach(() => {
  folder = temporaryFolder('diff');
});

interface Given {
  /** Records by account; null if the account could not be read. */
  accounts?: Record<string, RecordSketch[] | null>;
  findings?: Partial<Finding>[];
  principals?: 'all' | string[];
}

const counts = { total: 0, complete: 0, partial: 0, failed: 0, carriedForward: 0 };

async function written(store: FolderStore, n: number, given: Given): Promise<RunSummary> {
  const runId = `2026112${n}T040000Z-aaaaaa`;
  const accounts = given.accounts ?? { [ACCOUNT]: [] };
  for (const [accountId, records] of Object.entries(accounts)) {
    if (records === null) continue;
    const lines = records.map((record) => JSON.stringify(principalRecord(record)));
    await store.writeLines(objects.principals(runId, accountId), lines);
  }
  const findings = (given.findings ?? []).map((finding) =>
    JSON.stringify({
      ...{ rule: 'administrator', severity: 'medium', accountId: ACCOUNT, title: 't', detail: 'd', evidence: {} },
      ...{ principalArn: `arn:aws:iam::${ACCOUNT}:role/r`, firstSeen: 'then', state: 'open', exception: null },
      ...finding,
    }),
  );
  await store.writeLines(objects.findings(runId), findings);
  return {
    ...{ schemaVersion: 1, runId, startedAt: `2026-11-2${n}T04:00:00Z`, finishedAt: null, status: 'COMPLETE' },
    scope: { accounts: 'all', principals: given.principals ?? 'all' },
    accounts: Object.keys(accounts).map((accountId) => ({ accountId, status: 'COMPLETE', principals: counts })),
    principals: counts,
    calls: {},
    cost: { stepFunctions: 0, lambda: 0, s3: 0, athena: 0, total: 0 },
  };
}

async function changes(before: Given, after: Given): Promise<Change[]> {
  const store = new FolderStore({ folder: temporaryFolder('two-runs') });
  const [from, to] = [await written(store, 1, before), await written(store, 2, after)];
  const all: Change[] = [];
  for await (const change of compareRuns(store, from, to)) all.push(change);
  expect(diffInWords(from, to, all).join('\n')).toContain(from.runId);
  return all;
}

const of = (...records: RecordSketch[]): Given => ({ accounts: { [ACCOUNT]: records } });
const arn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const everywhere: Ability = { kind: 'able', resources: null, conditions: [], doubtful: false };
const on = (...resources: string[]): Ability => ({ kind: 'able', resources, conditions: [], doubtful: false });
const provided = (...conditions: string[]): Ability => ({ kind: 'able', resources: null, conditions, doubtful: false });

test.each<[string, Ability, Ability, 'gained' | 'lost' | 'changed' | null]>([
  ['a new permission', { kind: 'unable' }, on('arn:a'), 'gained'],
  ['a removed permission', everywhere, { kind: 'unable' }, 'lost'],
  ['more resources', on('arn:a'), on('arn:b', 'arn:a'), 'gained'],
  ['everywhere instead of somewhere', on('arn:a'), everywhere, 'gained'],
  ['fewer resources', on('arn:a', 'arn:b'), on('arn:b'), 'lost'],
  ['other resources', on('arn:a'), on('arn:b'), 'changed'],
  ['one condition less', provided('aws:a'), everywhere, 'gained'],
  ['one more condition', everywhere, provided('aws:a'), 'lost'],
  ['more resources under a condition', on('arn:a'), provided('aws:a'), 'changed'],
  ['the same in another order', on('arn:a', 'arn:b'), on('arn:b', 'arn:a'), null],
  ['a permission that was not known before', { kind: 'unknown' }, everywhere, null],
  ['a permission that is not known now', everywhere, { kind: 'unknown' }, null],
])('%s', (_name, before, after, change) => {
  expect(permissionChange('iam:PassRole', before, after)?.change ?? null).toBe(change);
});

test('added and removed principals, and gained and lost permissions', async () => {
  expect(
    await changes(
      of({ name: 'a', allowed: ['iam:PassRole'] }, { name: 'gone' }, { name: 'same', allowed: ['sts:AssumeRole'] }),
      of(
        { name: 'a', allowed: ['sts:AssumeRole'] },
        { name: 'same', allowed: ['sts:AssumeRole'] },
        { name: 'new', allowed: ['*'] },
      ),
    ),
  ).toEqual([
    {
      kind: 'permissions',
      accountId: ACCOUNT,
      arn: arn('a'),
      changes: [
        { action: 'iam:PassRole', change: 'lost', before: 'everywhere', after: 'not allowed' },
        { action: 'sts:AssumeRole', change: 'gained', before: 'not allowed', after: 'everywhere' },
      ],
    },
    { kind: 'principal', change: 'removed', accountId: ACCOUNT, arn: arn('gone') },
    { kind: 'principal', change: 'added', accountId: ACCOUNT, arn: arn('new') },
  ]);
});

test('failed evidence is no change: the principal is reported as not compared', async () => {
  const failed: RecordSketch = { name: 'a', status: 'PARTIAL', permissionsStatus: 'FAILED' };
  for (const [before, after] of [
    [of({ name: 'a', allowed: ['*'] }), of(failed)],
    [of(failed), of({ name: 'a', allowed: ['*'] })],
  ] as const) {
    expect(await changes(before, after)).toMatchObject([{ kind: 'notCompared', arn: arn('a') }]);
  }
  expect(await changes(of({ name: 'a' }), { accounts: { [ACCOUNT]: null } })).toMatchObject([
    {
      ...{ kind: 'notCompared', accountId: ACCOUNT, arn: null },
      why: `runs/20261122T040000Z-aaaaaa/accounts/${ACCOUNT}/principals.jsonl is missing.`,
    },
  ]);
});

test('an account that only one run audited is reported, and its principals are not new', async () => {
  const other = '444455556666';
  expect(
    await changes(of({ name: 'a' }), { accounts: { [ACCOUNT]: [{ name: 'a' }], [other]: [{ name: 'b' }] } }),
  ).toMatchObject([{ kind: 'notCompared', accountId: other }]);
});

test('a principal out of scope is neither added nor removed', async () => {
  const limited = { principals: ['arn:aws:iam::*:role/b*'] };
  const all = of({ name: 'a' }, { name: 'b' });
  expect(await changes(all, { ...of({ name: 'b' }), ...limited })).toEqual([]);
  expect(await changes({ ...of({ name: 'b' }), ...limited }, all)).toEqual([]);
});

test('actions that are in only one of the two catalogues are not compared', async () => {
  const before = principalRecord({ name: 'a' }).permissions;
  const store = new FolderStore({ folder });
  const from = await written(store, 1, of());
  const older = principalRecord({ name: 'a' });
  older.permissions.ruledOut = before.ruledOut - 1;
  await store.writeLines(objects.principals(from.runId, ACCOUNT), [JSON.stringify(older)]);
  const to = await written(store, 2, of({ name: 'a', allowed: ['iam:PassRole'] }));
  const all: Change[] = [];
  for await (const change of compareRuns(store, from, to)) all.push(change);
  expect(all).toEqual([]);
});

test('new, resolved, suppressed and reopened findings', async () => {
  const found = (before: Partial<Finding>[], after: Partial<Finding>[]) =>
    changes({ findings: before }, { findings: after });
  const kinds = (all: Change[]) =>
    all.map((change) => (change.kind === 'finding' ? `${change.finding.id} ${change.change}` : change.kind));
  expect(
    kinds(
      await found(
        [{ id: 'same' }, { id: 'gone' }, { id: 'long gone' }, { id: 'accepted' }, { id: 'again', state: 'suppressed' }],
        [
          { id: 'same' },
          { id: 'new', state: 'new' },
          { id: 'gone', state: 'resolved' },
          { id: 'accepted', state: 'suppressed' },
          { id: 'again' },
        ],
      ),
    ),
  ).toEqual(['new new', 'gone resolved', 'accepted suppressed', 'again reopened', 'long gone resolved']);
});

test.each([
  ['low', 'critical', 'worse'],
  ['high', 'medium', 'better'],
] as const)('a finding that was %s and is %s is %s', async (severity, later, change) => {
  const all = await changes({ findings: [{ id: 'a', severity }] }, { findings: [{ id: 'a', severity: later }] });
  expect(all).toMatchObject([{ kind: 'finding', change, before: severity, finding: { severity: later } }]);
});

test('control characters in names from AWS are not printed to a terminal', async () => {
  const store = new FolderStore({ folder });
  const [from, to] = [await written(store, 1, {}), await written(store, 2, {})];
  const change: Change = { kind: 'principal', change: 'added', accountId: ACCOUNT, arn: 'arn:\u001b[2J' };
  expect(diffInWords(from, to, [change]).join('\n')).not.toContain('\u001b');
});
