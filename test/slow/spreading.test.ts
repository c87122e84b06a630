import { objects } from '../../core/contract/objects.ts';
import { RunSummary } from '../../core/contract/run.ts';
import { summariseInWords } from '../../core/report/summary.ts';
import * as v from 'valibot';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { auditableAccount, HUB, START, type VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const start = auditsOfTests();

test('a spread run takes the time of its window', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 60)] });
  await run.run({ accountIds: [HUB], spreadOverMinutes: 60 });
  const summary = await run.lastRun();
  expect(summary).toMatchObject({ status: 'COMPLETE', spread: { minutes: 60 } });
  expect(summary.spread!.tookMinutes).toBeLessThanOrEqual(60);
  expect(summariseInWords(summary).join()).not.toContain('too short');
  const minutes = (run.clock.now() - START) / 60_000;
  expect(minutes).toBeGreaterThan(45);
  expect(minutes).toBeLessThan(61);
});

const accountIds = [0, 1, 2, 3, 4].map((n) => String(Number(HUB) + n));
/** When each account's first IAM call came, in seconds of the run. */
async function firstCalls(
  run: Partial<Parameters<typeof VirtualAudit.start>[0]>,
  input: { spreadOverMinutes?: number },
  principals = 6,
): Promise<{ audited: VirtualAudit; seconds: number[] }> {
  const first = new Map<string, number>();
  const audited = await start(
    {
      accounts: accountIds.map((accountId) => auditableAccount(accountId, principals)),
      authorize: ({ accountId }, operation) => {
        if (operation.startsWith('iam:') && !first.has(accountId)) first.set(accountId, audited.clock.now() - START);
        return true;
      },
      ...run,
    },
    { accountsAtOnce: 2 },
  );
  await audited.run({ accountIds, ...input });
  return { audited, seconds: accountIds.map((accountId) => (first.get(accountId) ?? Number.NaN) / 1000) };
}

test('the window belongs to the run: five accounts, two at once, are spread over one hour and not over three', async () => {
  const { audited, seconds } = await firstCalls({}, { spreadOverMinutes: 60 }, 30);
  expect(await audited.lastRun()).toMatchObject({ status: 'COMPLETE', principals: { total: 155, complete: 155 } });
  expect(seconds.map((second) => Math.round(second / 60))).toEqual([0, 10, 20, 30, 40]);
  const minutes = (audited.clock.now() - START) / 60_000;
  expect(minutes).toBeGreaterThan(50);
  expect(minutes).toBeLessThan(60);
});

test('without a window, accounts do not all start at once, and none waits while fewer than accountsAtOnce are audited', async () => {
  const { audited, seconds } = await firstCalls({}, {});
  expect((await audited.lastRun()).status).toBe('COMPLETE');
  // The first account runs alone for 15 s: it is not known yet whether the accounts share a bucket.
  expect(seconds.slice(0, 2)).toEqual([0, 16]);
  const later = seconds.slice(2);
  expect(Math.min(...later)).toBeGreaterThan(2);
  expect(Math.max(...later)).toBeLessThan((audited.clock.now() - START) / 1000);
});

test('a window that is too short is reported, and nothing is lost', async () => {
  const { audited, seconds } = await firstCalls(
    { limitOf: { 'iam:GenerateServiceLastAccessedDetails': { rate: 0.1, size: 1 } } },
    { spreadOverMinutes: 6 },
    20,
  );
  const summary = await audited.lastRun();
  expect(summary).toMatchObject({ status: 'COMPLETE', principals: { total: 105, complete: 105 } });
  const { minutes, tookMinutes } = v.parse(RunSummary, summary).spread!;
  expect([minutes, tookMinutes! > 6]).toEqual([6, true]);
  expect(tookMinutes).toBeCloseTo((audited.clock.now() - START) / 60_000, 0);
  expect(summariseInWords(summary).join('\n')).toContain(
    `The window of 6 minutes was too short: the audit took ${tookMinutes} minutes.`,
  );
  expect((await audited.store.read(objects.report(summary.runId)))?.text).toContain('The window of 6 minutes');
  // A late account starts at once, because its start time in minute 5 is past.
  expect(seconds.at(-1)).toBeGreaterThan(300);
});
