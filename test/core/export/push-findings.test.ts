import type { Finding } from '../../../core/contract/finding.ts';
import { pushFindings } from '../../../core/export/push-findings.ts';
import type { ExportedRun } from '../../../core/export/exported-run.ts';
import { AwsFault } from '../../../core/ports/aws-fault.ts';
import type { RefusedFinding } from '../../../core/ports/services.ts';
import { runSummary } from '../../support/run-summary.ts';

const ACCOUNT = '111122223333';
const target = { accountId: ACCOUNT, region: 'eu-west-1' };

const exported = (count: number, fields: (n: number) => Partial<Finding> = () => ({})): ExportedRun => ({
  run: runSummary({ startedAt: '2026-11-27T04:00:00Z', finishedAt: '2026-11-27T05:00:00Z' }),
  findings: (async function* () {
    for (let n = 0; n < count; n += 1) {
      yield {
        id: `f${n}`,
        rule: 'administrator-idle',
        severity: 'high',
        controls: [],
        accountId: ACCOUNT,
        principalArn: `arn:aws:iam::${ACCOUNT}:role/r${n}`,
        title: 'title',
        detail: '',
        evidence: {},
        firstSeen: '2026-11-27T04:00:00Z',
        state: 'open',
        exception: null,
        ...fields(n),
      } satisfies Finding;
    }
  })(),
});

/** A Security Hub that answers calls with these results, in order. */
function fake(...answers: (AwsFault | readonly RefusedFinding[])[]) {
  const sizes: number[] = [];
  const sent: Record<string, unknown>[] = [];
  const sleeps: number[] = [];
  return {
    sizes,
    sent,
    sleeps,
    importer: {
      importFindings: (findings: readonly Record<string, unknown>[]) => {
        sizes.push(findings.length);
        const answer = answers[sizes.length - 1] ?? [];
        if (answer instanceof AwsFault) return Promise.reject(answer);
        sent.push(...findings);
        return Promise.resolve(answer);
      },
    },
    services: {
      clock: {
        now: () => sleeps.reduce((sum, ms) => sum + ms, 0),
        sleep: (ms: number) => {
          sleeps.push(ms);
          return Promise.resolve();
        },
      },
      random: () => 0.5,
    },
  };
}

test('findings are sent in batches of 100, at most eight a second', async () => {
  const { importer, services, sizes, sleeps } = fake();
  expect(await pushFindings(exported(250), target, importer, services)).toEqual({
    imported: 250,
    refused: 0,
    refusals: [],
    ofOtherAccounts: 0,
    next: null,
  });
  expect(sizes).toEqual([100, 100, 50]);
  expect(sleeps).toEqual([125, 125]);
});

test('a run without findings sends nothing', async () => {
  const { importer, services, sizes } = fake();
  expect((await pushFindings(exported(0), target, importer, services)).imported).toBe(0);
  expect(sizes).toEqual([]);
});

test('resolved findings are imported as archived and resolved', async () => {
  const { importer, services, sent } = fake();
  await pushFindings(
    exported(2, (n) => ({ state: n === 0 ? 'resolved' : 'new' })),
    target,
    importer,
    services,
  );
  expect(sent).toMatchObject([
    { RecordState: 'ARCHIVED', Workflow: { Status: 'RESOLVED' }, Compliance: { Status: 'PASSED' } },
    { RecordState: 'ACTIVE', Workflow: { Status: 'NEW' }, Compliance: { Status: 'FAILED' } },
  ]);
});

test('findings of other accounts are counted and not sent', async () => {
  const { importer, services, sizes } = fake();
  const others = exported(5, (n) => (n < 2 ? { accountId: '111122223334' } : {}));
  expect(await pushFindings(others, target, importer, services)).toMatchObject({ imported: 3, ofOtherAccounts: 2 });
  expect(sizes).toEqual([3]);
});

test('findings that are refused are told, and the others count as imported', async () => {
  const refusal = { id: 'f7', code: 'InvalidInput', message: 'The title is too long.' };
  const { importer, services } = fake([refusal], new AwsFault('refused', 'InvalidInput', 'bad batch'), []);
  const result = await pushFindings(exported(250), target, importer, services);
  expect(result.imported).toBe(99 + 50);
  expect(result.refused).toBe(101);
  // The reasons of the first ones are enough.
  expect(result.refusals).toHaveLength(10);
  expect(result.refusals[0]).toEqual(refusal);
  expect(result.refusals[1]).toEqual({
    id: `iam-audit/${ACCOUNT}/administrator-idle/f100`,
    code: 'InvalidInput',
    message: 'bad batch',
  });
});

test('a throttled call is repeated with growing waits', async () => {
  const throttle = new AwsFault('throttled', 'LimitExceeded', 'Rate exceeded');
  const { importer, services, sizes, sleeps } = fake(throttle, throttle, []);
  expect((await pushFindings(exported(1), target, importer, services)).imported).toBe(1);
  expect(sizes).toEqual([1, 1, 1]);
  expect(sleeps).toEqual([1_500, 2_000]);
});

test('a caller without permission gets the error at once', async () => {
  const { importer, services, sizes } = fake(new AwsFault('denied', 'AccessDenied', 'not authorized'));
  await expect(pushFindings(exported(250), target, importer, services)).rejects.toMatchObject({ code: 'AccessDenied' });
  expect(sizes).toEqual([100]);
});

test('a push that has no more time stops after a call, and the next part does the rest', async () => {
  const others = (n: number): Partial<Finding> => (n % 3 === 0 ? { accountId: '111122223334' } : {});
  const first = fake();
  const part = { hasTime: () => first.sizes.length < 2 };
  const begun = await pushFindings(exported(600, others), target, first.importer, first.services, part);
  expect(begun).toMatchObject({ imported: 200, ofOtherAccounts: 100, next: 300 });
  const second = fake();
  const rest = await pushFindings(exported(600, others), target, second.importer, second.services, { from: 300 });
  expect(rest).toMatchObject({ imported: 200, ofOtherAccounts: 100, next: null });
  const ids = [...first.sent, ...second.sent].map(({ Id }) => String(Id));
  expect(new Set(ids).size).toBe(400);
  expect(ids).toHaveLength(400);
});

test('a part that begins without time still sends one call, so that every part makes progress', async () => {
  const { importer, services, sizes } = fake();
  const part = { hasTime: () => false };
  expect((await pushFindings(exported(250), target, importer, services, part)).next).toBe(100);
  expect(sizes).toEqual([100]);
});
