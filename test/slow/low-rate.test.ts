import { objects } from '../../core/contract/objects.ts';
import { accountTransitions, runTransitions } from '../../core/cost/transitions.ts';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { auditableAccount, HUB, START } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const start = auditsOfTests();

test('at a low rate, long gaps are Wait states and not billed function time', async () => {
  const run = await start(
    {
      accounts: [auditableAccount(HUB, 120)],
      limit: { rate: 100, size: 100 },
      limitOf: { 'iam:SimulatePrincipalPolicy': { rate: 0.1, size: 1 } },
    },
    { principalsPerBatch: 200 },
  );
  const { transitions } = await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  expect(summary).toMatchObject({ status: 'COMPLETE', principals: { total: 121, complete: 121 } });
  const account = await run.account(summary, HUB);
  const functionSeconds = account.consumption.megabyteMs / 1024 / 1000;
  const elapsed = (run.clock.now() - START) / 1000;
  expect(functionSeconds).toBeLessThan(0.6 * elapsed);
  // With all its transitions, the run costs less than a run whose function sleeps in one attempt. The requests to S3
  // are the same.
  const oneAttempt =
    accountTransitions([{ attempts: 1 }]) +
    runTransitions({ eventCalls: 1, notify: false, manyThrottled: false, ofOrganization: false });
  expect(summary.cost.total - summary.cost.s3).toBeLessThan(elapsed * 1.33334e-5 + oneAttempt * 2.5e-5);
  expect(summary.cost.stepFunctions).toBeCloseTo(transitions * 2.5e-5, 6);
});

test('at a low rate for hours nothing is lost, although many attempts end early', async () => {
  const run = await start(
    { accounts: [auditableAccount(HUB, 190)], limit: { rate: 0.08, size: 1 } },
    { principalsPerBatch: 1_000 },
  );
  await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  expect(summary).toMatchObject({ status: 'COMPLETE', principals: { total: 191, complete: 191 } });
  const ends: { paused: boolean }[] = [];
  for await (const key of run.store.list(objects.batches(summary.runId, HUB))) {
    for await (const line of run.store.readLines(key)) {
      if (line.startsWith('{"kind":"end"')) ends.push(JSON.parse(line) as (typeof ends)[number]);
    }
  }
  const paused = ends.filter((end) => end.paused).length;
  // The maximum number of gaps. The rest then uses whole invocations.
  expect(paused).toBe(30);
  expect(ends.length).toBeGreaterThan(paused + 1);
});
