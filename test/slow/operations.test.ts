import { AwsFault } from '../../core/ports/aws-fault.ts';
import { Claim } from '../../core/contract/account-objects.ts';
import { objects } from '../../core/contract/objects.ts';
import { readRun } from '../../core/objects/stored-runs.ts';
import { summariseInWords } from '../../core/report/summary.ts';
import * as v from 'valibot';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { auditableAccount, HUB, START, type VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const start = auditsOfTests();

const accountIds = [0, 1, 2, 3, 4].map((n) => String(Number(HUB) + n));
const HOUR = 3_600_000;
const scheduledTime = new Date(START).toISOString();

describe('a run that could not audit some accounts', () => {
  let denied: Record<string, string[]> = {};
  const losing = (settings: Parameters<typeof VirtualAudit.start>[1] = {}): Promise<VirtualAudit> => {
    denied = Object.fromEntries(accountIds.slice(3).map((id) => [id, ['iam:GetAccountAuthorizationDetails']]));
    return start(
      {
        accounts: accountIds.map((accountId) => auditableAccount(accountId, 3)),
        denied,
      },
      { accountIds, ...settings },
    );
  };

  test('states in its summary, report, metrics and message how many accounts were not audited', async () => {
    const run = await losing();
    await run.run({});
    const summary = await run.lastRun();
    expect(summary.status).toBe('PARTIAL');
    const words = summariseInWords(summary);
    expect(words[0]).toMatch(/^PARTIAL: 12 principals in 3 of 5 accounts audited, none with missing evidence\.$/);
    expect(words).toContain('2 of 5 accounts were not audited.');
    expect((await run.store.read(objects.report(summary.runId)))!.text).toContain('2 of 5 accounts were not audited');
    expect(run.ended).toEqual([
      {
        event: 'RunEnded',
        runId: summary.runId,
        status: 'PARTIAL',
        wholeScope: true,
        accountsAuditedPercent: 60,
        principalsAuditedPercent: 100,
      },
    ]);
    expect(run.messages).toHaveLength(1);
    expect(run.messages[0]!.Subject).toBe('IAM audit: PARTIAL, 2 of 5 accounts not audited');
    for (const part of [accountIds[4]!, 'AccessDenied', summary.runId])
      expect(run.messages[0]!.Message).toContain(part);
  });

  test('is completed by a resumed run, which counts as a run of all accounts and principals', async () => {
    const run = await losing();
    await run.run({});
    const { runId } = await run.lastRun();
    for (const accountId of Object.keys(denied)) denied[accountId] = [];
    await run.run({ resume: runId });
    expect(run.ended[1]).toMatchObject({ status: 'COMPLETE', wholeScope: true, accountsAuditedPercent: 100 });
    expect(run.messages.map(({ Subject }) => Subject)).toEqual([
      'IAM audit: PARTIAL, 2 of 5 accounts not audited',
      'IAM audit: COMPLETE',
    ]);
  });

  test('is completed step by step: each resumed run also counts the accounts that were already audited', async () => {
    const run = await losing();
    await run.run({});
    const first = await run.lastRun();
    denied[accountIds[3]!] = [];
    await run.run({ resume: first.runId });
    expect(run.ended[1]).toMatchObject({ status: 'PARTIAL', wholeScope: true, accountsAuditedPercent: 80 });
    denied[accountIds[4]!] = [];
    await run.run({ resume: (await run.lastRun()).runId });
    expect(run.ended[2]).toMatchObject({
      status: 'COMPLETE',
      wholeScope: true,
      accountsAuditedPercent: 100,
      principalsAuditedPercent: 100,
    });
  });

  test('is resumed after a later run: the resumed run does not count as a run of all accounts and principals', async () => {
    const run = await losing();
    await run.run({});
    const first = await run.lastRun();
    await run.run({});
    for (const accountId of Object.keys(denied)) denied[accountId] = [];
    await run.run({ resume: first.runId });
    expect(run.ended[2]).toMatchObject({ status: 'COMPLETE', wholeScope: false });
  });

  test.each<['always' | 'never', number]>([
    ['always', 1],
    ['never', 0],
  ])('with notify "%s" sends %i messages', async (notify, count) => {
    const run = await losing({ notify });
    await run.run({});
    expect(run.messages).toHaveLength(count);
  });
});

test('a run that could audit no account sends a message and fails', async () => {
  const run = await start({
    accounts: [auditableAccount(HUB, 3)],
    denied: { [HUB]: ['iam:GetAccountAuthorizationDetails'] },
  });
  expect(await run.run({ accountIds: [HUB] })).toMatchObject({ status: 'FAILED', error: 'RunFailed' });
  expect(run.messages.map(({ Subject }) => Subject)).toEqual(['IAM audit: FAILED, 1 of 1 accounts not audited']);
});

test('a COMPLETE run sends a message if notify is "always", and the transition is counted', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 3)] }, { notify: 'always' });
  const { transitions } = await run.run({ accountIds: [HUB] });
  expect(run.messages.map(({ Subject }) => Subject)).toEqual(['IAM audit: COMPLETE']);
  expect((await run.lastRun()).cost.stepFunctions).toBeCloseTo(transitions * 2.5e-5, 6);
});

test('a resumed run that completes nothing leaves the audited percentages unchanged', async () => {
  const [large, small] = [accountIds[0]!, accountIds[1]!];
  const run = await start(
    {
      accounts: [auditableAccount(large, 40), auditableAccount(small, 3)],
      denied: { [small]: ['iam:SimulatePrincipalPolicy'] },
    },
    { accountIds: [large, small] },
  );
  await run.run({});
  await run.run({ resume: (await run.lastRun()).runId });
  const [first, second] = run.ended;
  expect(first!.principalsAuditedPercent).toBeGreaterThan(90);
  expect(second).toEqual({ ...first, runId: second!.runId });
});

test('the message stays small if AWS’s own messages are long', async () => {
  const run = await start(
    { accounts: accountIds.map((id) => auditableAccount(id, 2)) },
    { accountIds, notify: 'always' },
  );
  const long = '\u{1f512}'.repeat(10_000);
  const exceptions = Array.from({ length: 60 }, () => ({
    principal: 'arn:aws:iam::*:role/x',
    rule: long,
    owner: 'team',
    reason: 'kept',
    expires: '2027-01-01',
  }));
  await run.store.write(objects.exceptions, JSON.stringify({ exceptions }));
  expect(await run.run({})).toMatchObject({ status: 'SUCCEEDED' });
  const [message] = run.messages;
  expect(Buffer.byteLength(JSON.stringify(message!.Message))).toBeLessThan(128 * 1024);
  expect(message!.Message).toContain('more lines are in the report');
});

test('a principal deleted during the run does not lower the audited percentages', async () => {
  const account = auditableAccount(HUB, 8);
  const run = await start({ accounts: [account], behaviour: { reportMs: 20_000 } }, { principalsPerBatch: 4 });
  const [gone] = [...account.roles.values()];
  const running = run.run({ accountIds: [HUB] });
  const removed = (async () => {
    while (!(await run.store.exists('state/claim.json')) || run.clock.now() < START + 8_000)
      await new Promise(setImmediate);
    account.roles.delete(gone!.name);
  })();
  await Promise.all([running, removed]);
  expect(await run.account(await run.lastRun(), HUB)).toMatchObject({ deleted: 1, principals: { failed: 1 } });
  expect(run.ended[0]).toMatchObject({ principalsAuditedPercent: 100, wholeScope: false });
});

describe('a start while another run is in progress', () => {
  const other = { execution: 'test:other', runId: '20261123T030000Z-aaaaaa' };
  const busy = async (until = Number.POSITIVE_INFINITY): Promise<VirtualAudit> => {
    const run = await start({ accounts: [auditableAccount(HUB, 3)] }, { accountIds: [HUB] });
    run.runningUntil.set(other.execution, until);
    const claim = v.parse(Claim, {
      ...other,
      scheduledDay: null,
      lastScheduledDay: null,
      released: false,
      interrupted: null,
    });
    await run.store.write(objects.claim, JSON.stringify(claim));
    return run;
  };

  test('by hand is refused with a reason and is not a failed run', async () => {
    const run = await busy();
    const result = await run.run({});
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      output: { status: 'REFUSED', error: { code: 'RunInProgress' } },
    });
    expect(JSON.stringify(result)).toContain(other.runId);
    expect([run.ended, run.messages]).toEqual([[], []]);
  });

  test('by the schedule waits for its end, then audits its day over the whole window', async () => {
    const run = await busy(START + 2 * HOUR);
    const result = await run.run({ scheduledTime, spreadOverMinutes: 60 });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { status: 'COMPLETE' } });
    const summary = await run.lastRun();
    expect(summary.runId.slice(0, 16)).toBe('20261123T040000Z');
    const waited = Date.parse(summary.startedAt) - START;
    expect(waited).toBeGreaterThanOrEqual(2 * HOUR);
    expect(waited).toBeLessThan(2 * HOUR + 6 * 60_000);
    expect(summary.spread!.tookMinutes).toBeLessThanOrEqual(61);
    const claim = v.parse(Claim, await run.json(objects.claim));
    expect([claim.lastScheduledDay, claim.released]).toEqual(['2026-11-23', true]);
  });

  test('by the schedule also waits if the window of the schedule is almost over', async () => {
    const run = await busy(START + HOUR / 2);
    const late = new Date(START - 23.5 * HOUR).toISOString();
    expect(await run.run({ scheduledTime: late })).toMatchObject({ output: { status: 'COMPLETE' } });
  });

  test('by the schedule stops waiting before the next day’s start, which then takes over', async () => {
    const run = await busy();
    const result = await run.run({ scheduledTime });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { status: 'REFUSED' } });
    const hours = (run.clock.now() - START) / HOUR;
    expect(hours).toBeGreaterThan(22);
    expect(hours).toBeLessThan(23);
  });
});

describe('a small concurrency quota of AWS Lambda', () => {
  const audited = async (
    lambdaConcurrency: VirtualAudit['lambdaConcurrency'],
    accountsAtOnce: number,
  ): Promise<VirtualAudit> => {
    const run = await start(
      { accounts: accountIds.map((id) => auditableAccount(id, 2)) },
      { accountIds, accountsAtOnce },
    );
    run.lambdaConcurrency = lambdaConcurrency;
    await run.run({});
    return run;
  };

  test.each<[number, number, number | null]>([
    [10, 20, null],
    [5, 20, 4],
    [1, 20, 1],
    [5, 4, null],
    [1000, 20, null],
  ])('quota %i, accountsAtOnce %i: reduced to %p', async (concurrentExecutions, accountsAtOnce, reducedTo) => {
    const run = await audited(concurrentExecutions, accountsAtOnce);
    const summary = await run.lastRun();
    expect(summary.status).toBe('COMPLETE');
    expect(summary.lambdaLimit).toEqual(
      reducedTo === null ? undefined : { accountsAtOnce, reducedTo, concurrentExecutions },
    );
    const told = `AWS Lambda runs at most ${concurrentExecutions} functions at once`;
    expect([run.warnings.join().includes(told), summariseInWords(summary).join().includes(told)]).toEqual([
      reducedTo !== null,
      reducedTo !== null,
    ]);
  });

  test('the run of an earlier version, with other names for the quota, is read without them', async () => {
    const run = await audited(5, 20);
    const { runId, ...summary } = await run.lastRun();
    const lambdaLimit = { accountsAtOnce: 20, used: 4, functions: 5 };
    await run.store.write(objects.run(runId), JSON.stringify({ ...summary, runId, lambdaLimit }));
    expect(await readRun(run.store, runId)).toMatchObject({ runId, status: 'COMPLETE', lambdaLimit: undefined });
  });

  test('if the quota cannot be read, there is a warning, and the setting applies', async () => {
    const run = await audited(new AwsFault('denied', 'AccessDenied', 'no lambda:GetAccountSettings'), 20);
    expect((await run.lastRun()).status).toBe('COMPLETE');
    expect(run.warnings.join()).toContain('AccessDenied: no lambda:GetAccountSettings');
  });
});
