import * as fc from 'fast-check';
import { AwsFault } from '../../../core/ports/aws-fault.ts';
import type { BatchLine, CarriedLine, InventoryLine } from '../../../core/contract/account-objects.ts';
import { defaultSettings } from '../../../core/contract/environment.ts';
import type { LastAccessed, Permissions, Status } from '../../../core/contract/evidence.ts';
import type { InventoryAccountOutput } from '../../../core/contract/messages.ts';
import { objects } from '../../../core/contract/objects.ts';
import type { AccountSummary, FailureCause } from '../../../core/contract/run.ts';
import { planBatches } from '../../../core/inventory/plan-batches.ts';
import { claimRun } from '../../../core/run/claim.ts';
import { summariseAccount } from '../../../core/states/summarise-account.ts';
import type { Services } from '../../../core/ports/services.ts';
import { FolderStore } from '../../../local/folder-store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const runId = '20261123T040000Z-aaaaaa';
const accountId = '111122223333';
const TIME = '2026-11-23T04:00:00.000Z';
const use = { durationMs: 1, memoryMegabytes: 1, puts: 0, gets: 0 };

const part = { asOf: TIME, carriedFrom: null };
const lastAccessed = (status: Status): LastAccessed => ({ ...part, status, services: [] });
const permissions = (status: Status): Permissions => ({ ...part, status, ruledOut: 0, decisions: [] });
const problems = (step: 'lastAccessed' | 'permissions', status: Status) =>
  status === 'COMPLETE' ? [] : [{ step, code: 'AccessDenied', message: 'no' }];

/** What exists for one principal after the batches: whether its parts were carried, and which parts were found. */
interface PrincipalResults {
  readonly carried: boolean;
  readonly lastAccessed: Status | null;
  readonly permissions: Status | null;
  /** Its parts are in two attempts. */
  readonly twice: boolean;
}

const arnOf = (n: number): string => `arn:aws:iam::${accountId}:user/u${n}`;

/** Writes the objects of the earlier states, calls SummariseAccount, and reads what it wrote. */
async function summarised(
  results: readonly PrincipalResults[],
  damage: {
    /** Changes the lines of an object before they are written. */
    lines?: (key: string, lines: string[]) => string[];
    /** The answer of InventoryAccount was lost with its execution. */
    noAnswer?: boolean;
    /** Why the account was interrupted. */
    error?: FailureCause;
  } = {},
) {
  const store = new FolderStore({ folder: temporaryFolder('run') });
  await claimRun(store, { execution: 'e', runId, scheduledDay: null }, { isRunning: async () => false });
  const writeLines = store.writeLines.bind(store);
  store.writeLines = async (key, source) => {
    const lines: string[] = [];
    for await (const line of source) lines.push(line);
    return writeLines(key, damage.lines?.(key, lines) ?? lines);
  };
  const inventory = results.map(({ carried }, n): InventoryLine => ({
    accountId,
    arn: arnOf(n),
    type: 'user',
    name: `u${n}`,
    path: '/',
    principalId: `AIDA${n}`,
    createdAt: TIME,
    tags: {},
    managedBy: null,
    trust: null,
    source: carried ? 'carried' : 'asked',
    fingerprint: 'f',
    credentials: null,
    problems: [],
  }));
  const asked = inventory.filter(({ source }) => source === 'asked');
  const worklist = asked.map(({ arn, type }) =>
    JSON.stringify({ arn, type, actions: [], ruledOut: 0, narrower: [], unaskable: [] }),
  );
  const batches = planBatches(
    { lineBytes: worklist.map((line) => line.length + 1) },
    { principalsPerBatch: 3, spreadMs: 0, startAt: 0 },
  );
  await store.writeLines(
    objects.inventory(runId, accountId),
    inventory.map((line) => JSON.stringify(line)),
  );
  await store.writeLines(objects.worklist(runId, accountId), worklist);
  const carried = inventory.filter(({ source }) => source === 'carried');
  const kept = { lastAccessed: lastAccessed('COMPLETE'), permissions: permissions('COMPLETE') };
  await store.writeLines(
    objects.carried(runId, accountId),
    carried.map(({ arn }) => JSON.stringify({ arn, ...kept } satisfies CarriedLine)),
  );
  const found = ({ arn }: InventoryLine, result: PrincipalResults): BatchLine[] => [
    ...(result.lastAccessed === null
      ? []
      : [
          {
            kind: 'lastAccessed' as const,
            arn,
            part: lastAccessed(result.lastAccessed),
            problems: problems('lastAccessed', result.lastAccessed),
          },
        ]),
    ...(result.permissions === null
      ? []
      : [
          {
            kind: 'permissions' as const,
            arn,
            part: permissions(result.permissions),
            problems: problems('permissions', result.permissions),
          },
        ]),
  ];
  const end: BatchLine = {
    ...{ kind: 'end', finished: true, resumeAt: null, stalled: 0, paused: false },
    ...{ heldUntil: {}, timedOut: [], calls: {}, use },
  };
  for (const { n, from, to } of batches) {
    const resultsOf = (line: InventoryLine): PrincipalResults => results[inventory.indexOf(line)]!;
    const lines = asked.slice(from, to);
    for (const [attempt, those] of [lines, lines.filter((line) => resultsOf(line).twice)].entries()) {
      const texts = [...those.flatMap((line) => found(line, resultsOf(line))), end].map((line) => JSON.stringify(line));
      await store.writeLines(objects.batch(runId, accountId, n, attempt + 1), texts);
    }
  }
  const answer: InventoryAccountOutput = { principals: results.length, batches, calls: {}, use };
  const services = {
    store,
    clock: { now: () => Date.parse(TIME), sleep: async () => undefined },
    settings: defaultSettings,
    access: { open: () => Promise.reject(new AwsFault('denied', 'AccessDenied', 'no')) },
    warn: () => undefined,
  } as unknown as Services;
  const output = await summariseAccount(
    { runId, accountId, inventory: damage.noAnswer === true ? null : answer, results: [], error: damage.error ?? null },
    services,
    { remainingMs: () => 1e6, memoryMegabytes: 1, storeRequests: () => ({ puts: 0, gets: 0 }) },
  );
  const records: { arn: string; status: Status }[] = [];
  for await (const line of store.readLines(objects.principals(runId, accountId))) {
    records.push(JSON.parse(line) as (typeof records)[number]);
  }
  const summary = JSON.parse((await store.read(objects.account(runId, accountId)))!.text) as AccountSummary;
  expect(output.status).toBe(summary.status);
  return { records, summary };
}

const status = fc.constantFrom<Status | null>('COMPLETE', 'PARTIAL', 'FAILED', null);
const anyResults = fc.record({
  carried: fc.boolean(),
  lastAccessed: fc.constantFrom<Status | null>('COMPLETE', 'FAILED', null),
  permissions: status,
  twice: fc.boolean(),
});
const whole: PrincipalResults = { carried: false, lastAccessed: 'COMPLETE', permissions: 'COMPLETE', twice: false };

test('with any results of the batches, every principal has one record, and the counts match', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyResults, { maxLength: 12 }), fc.boolean(), async (results, noAnswer) => {
      const { records, summary } = await summarised(results, { noAnswer });
      expect(records.map(({ arn }) => arn).sort()).toEqual(results.map((_result, n) => arnOf(n)).sort());
      const having = (wanted: Status): number => records.filter((record) => record.status === wanted).length;
      expect(summary.principals).toMatchObject({
        total: results.length,
        complete: having('COMPLETE'),
        partial: having('PARTIAL'),
        failed: having('FAILED'),
      });
      expect(summary.error).toBeUndefined();
    }),
    { numRuns: 60 },
  );
});

type Damage = (lines: string[]) => string[];
const lose: Damage = (lines) => lines.filter((_line, n) => n !== 1);
const double: Damage = (lines) => [...lines, lines[1]!];

test.each<[string, string, Damage, RegExp]>([
  [
    'a line of the inventory was lost',
    'inventory',
    lose,
    /read 5 principals, but lists 4; principals with evidence that are not in the inventory: 1 \(.*user\/u1\)/,
  ],
  [
    'the inventory lists one twice',
    'inventory',
    double,
    /read 5 principals, but lists 6; duplicate lines in the inventory: 1/,
  ],
  [
    'a record was lost',
    'principals',
    lose,
    /principals without a record: 1 \(.*user\/u1\); the summary counts 5, 5, 0, 0 .* but 4, 4, 0, 0 were written/,
  ],
  [
    'a record was written twice',
    'principals',
    double,
    /records that are duplicates or belong to no principal of the inventory: 1 \(.*user\/u1\)/,
  ],
  [
    'a record was changed',
    'principals',
    (lines) => lines.map((line) => line.replace('"status":"COMPLETE"', '"status":"FAILED"')),
    /the summary counts 5, 5, 0, 0 .* but 5, 0, 0, 5 were written/,
  ],
])('%s: the account is FAILED and says so', async (_name, object, change, message) => {
  const { summary } = await summarised([whole, whole, whole, whole, whole], {
    lines: (key, lines) => (key.endsWith(`/${object}.jsonl`) ? change(lines) : lines),
  });
  expect(summary.status).toBe('FAILED');
  expect(summary.error?.code).toBe('RecordsMismatch');
  expect(summary.error?.message).toMatch(message);
});

test('evidence that is missing in a batch or in the carried evidence is not a mismatch: the record says what is missing', async () => {
  const { summary, records } = await summarised([whole, whole, { ...whole, carried: true }], {
    lines: (key, lines) => (key.includes('/batches/') || key.endsWith('/carried.jsonl') ? [] : lines),
  });
  expect(records).toHaveLength(3);
  expect(summary).toMatchObject({ status: 'FAILED', principals: { total: 3, failed: 3 } });
  expect(summary.error).toBeUndefined();
});

test('an interruption is an error of the account only if something is missing', async () => {
  const error = { code: 'Interrupted', message: 'The account was interrupted.' };
  const { summary: complete } = await summarised([whole, whole], { error, noAnswer: true });
  expect([complete.status, complete.error]).toEqual(['COMPLETE', undefined]);
  const { summary: partial } = await summarised([whole, { ...whole, permissions: null }], { error, noAnswer: true });
  expect([partial.status, partial.error]).toEqual(['PARTIAL', error]);
});
