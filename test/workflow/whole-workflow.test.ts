import { PrincipalRecord } from '../../core/contract/evidence.ts';
import { objects } from '../../core/contract/objects.ts';
import { iamReads, organizationReads } from '../../core/contract/permissions.ts';
import { RunSummary } from '../../core/contract/run.ts';
import { summariseInWords } from '../../core/report/summary.ts';
import { StoreError } from '../../core/ports/store.ts';
import * as v from 'valibot';
import { auditableAccount, HUB, START, VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

let audit: VirtualAudit | null = null;
const start = async (...settings: Parameters<typeof VirtualAudit.start>): Promise<VirtualAudit> => {
  audit = await VirtualAudit.start(...settings);
  return audit;
};
afterEach(async () => {
  await audit?.close();
  audit = null;
});

const MEMBER = '111122223334';
/** How an execution ends if it must not audit: without a failure, so that no alarm goes off. */
const refusedAs = (code: string) => ({ status: 'SUCCEEDED', output: { status: 'REFUSED', error: { code } } });

test('an account is audited to the end: each principal has one record that fits the schema', async () => {
  const account = auditableAccount(HUB, 50);
  const run = await start({ accounts: [account], limit: { rate: 10, size: 10 } });
  const result = await run.run({ accountIds: [HUB] });
  expect(result).toMatchObject({ status: 'SUCCEEDED' });
  const summary = await run.lastRun();
  expect(v.parse(RunSummary, summary)).toMatchObject({ status: 'COMPLETE', principals: { total: 51, complete: 51 } });
  const records = await run.records(summary, HUB);
  for (const record of records) expect(v.safeParse(PrincipalRecord, record).issues).toBeUndefined();
  const arns = records.map(({ arn }) => arn).sort();
  expect(arns).toEqual([...account.users.values(), ...account.roles.values()].map(({ arn }) => arn).sort());
  expect(await run.store.exists(objects.report(summary.runId))).toBe(true);
});

test('a principal that is listed twice gets one record', async () => {
  const account = auditableAccount(HUB, 9);
  account.roles.set('again', [...account.roles.values()][0]!);
  const run = await start({ accounts: [account], behaviour: { largestPage: 4 } });
  await run.run({ accountIds: [HUB] });
  expect(await run.lastRun()).toMatchObject({ status: 'COMPLETE', principals: { total: 10, complete: 10 } });
});

test('the counted calls are those that the emulated AWS received', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 40)], limit: { rate: 5, size: 5 } });
  await run.run({ accountIds: [HUB] });
  const { calls } = await run.lastRun();
  for (const [operation, counts] of Object.entries(calls)) {
    const received = run.aws.emulation.counters.get(`${HUB} ${operation}`);
    expect([operation, counts.sent, counts.throttled]).toEqual([operation, received?.received, received?.throttled]);
    expect(counts.sent).toBe(counts.succeeded + counts.throttled + counts.failed);
  }
  // Nothing else was received, in particular no write.
  const others = [...run.aws.emulation.counters.keys()].filter((key) => !(key.split(' ')[1]! in calls));
  expect(others).toEqual([]);
  const sts = ['sts:AssumeRole', 'sts:GetCallerIdentity'];
  for (const operation of Object.keys(calls)) expect([...iamReads, ...organizationReads, ...sts]).toContain(operation);
});

test('run.json has the time that calls waited, by operation, summed over batches', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 40)], limit: { rate: 2, size: 2 } });
  await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  const { calls } = await run.account(summary, HUB);
  const elapsed = (run.clock.now() - START) / 1000;
  const ask = 'iam:GenerateServiceLastAccessedDetails';
  expect(summary.calls[ask]?.waitedSeconds).toBeCloseTo(calls[ask]!.waitedMs / 1000, 0);
  // Three batches: 41 calls at 2 a second are held back most of the time, and never longer than the run took.
  expect(summary.calls[ask]?.waitedSeconds).toBeGreaterThan(12);
  expect(summary.calls[ask]?.waitedSeconds).toBeLessThan(elapsed);
  // A single call does not wait.
  expect(summary.calls['iam:GetCredentialReport']?.waitedSeconds).toBe(0);
});

test('transitions are counted in the cost as the interpreter counts them', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 50)] });
  const result = await run.run({ accountIds: [HUB] });
  const { cost } = await run.lastRun();
  expect(cost.stepFunctions).toBeCloseTo(result.transitions * 2.5e-5, 6);
});

test('an account that denies its inventory is FAILED with AWS’s error code, and the other accounts are not', async () => {
  const run = await start({
    accounts: [auditableAccount(HUB, 12), auditableAccount(MEMBER, 12)],
    denied: { [MEMBER]: ['iam:GetAccountAuthorizationDetails'] },
  });
  expect(await run.run({ accountIds: [HUB, MEMBER] })).toMatchObject({ status: 'SUCCEEDED' });
  const summary = await run.lastRun();
  expect(summary.status).toBe('PARTIAL');
  expect(summary.accounts).toMatchObject([
    { accountId: HUB, status: 'COMPLETE' },
    { accountId: MEMBER, status: 'FAILED', error: { code: 'AccessDenied' } },
  ]);
});

test.each([
  [
    undefined,
    'PARTIAL',
    {
      status: 'FAILED',
      error: {
        code: 'RegionDisabledException',
        message: `STS in ap-southeast-3 is not activated for account ${MEMBER}: set stsRegion to a Region that is active in all accounts, such as us-east-1, or activate ap-southeast-3 in that account.`,
      },
    },
  ],
  ['us-east-1', 'COMPLETE', { status: 'COMPLETE' }],
])(
  'an account that has not activated the stack’s Region, with STS in %s: the run is %s',
  async (stsRegion, status, account) => {
    const run = await start(
      {
        accounts: [auditableAccount(HUB, 5), auditableAccount(MEMBER, 5)],
        inactiveStsRegions: { [MEMBER]: ['ap-southeast-3'] },
      },
      {},
      { region: 'ap-southeast-3', ...(stsRegion === undefined ? {} : { stsRegion }) },
    );
    await run.run({ accountIds: [HUB, MEMBER] });
    const summary = await run.lastRun();
    expect(summary.status).toBe(status);
    expect(summary.accounts).toMatchObject([
      { accountId: HUB, status: 'COMPLETE' },
      { accountId: MEMBER, ...account },
    ]);
  },
);

test('a run that can read no inventory ends as FAILED', async () => {
  const run = await start({
    accounts: [auditableAccount(HUB, 5)],
    denied: { [HUB]: ['iam:GetAccountAuthorizationDetails'] },
  });
  expect(await run.run({ accountIds: [HUB] })).toMatchObject({ status: 'FAILED', error: 'RunFailed' });
  expect((await run.lastRun()).status).toBe('FAILED');
});

test('a permission that is missing for one part leaves that part FAILED in every record', async () => {
  const run = await start({
    accounts: [auditableAccount(HUB, 10)],
    denied: { [HUB]: ['iam:GenerateServiceLastAccessedDetails'] },
  });
  await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  expect(summary.status).toBe('PARTIAL');
  for (const record of await run.records(summary, HUB)) {
    expect(record).toMatchObject({
      status: 'PARTIAL',
      lastAccessed: { status: 'FAILED', services: [] },
      permissions: { status: 'COMPLETE' },
    });
    expect(record.problems).toContainEqual(expect.objectContaining({ step: 'lastAccessed', code: 'AccessDenied' }));
  }
});

test('a run is COMPLETE even if a tenth of its calls fail with transient faults', async () => {
  const run = await start({
    accounts: [auditableAccount(HUB, 30)],
    faults: { reset: 0.03, serverError: 0.03, badGateway: 0.02, unavailable: 0.01, silence: 0.01 },
  });
  await run.run({ accountIds: [HUB] });
  const { status, calls } = await run.lastRun();
  expect(status).toBe('COMPLETE');
  expect(Object.values(calls).reduce((sum, { failed }) => sum + failed, 0)).toBeGreaterThan(0);
});

test('a batch that needs more than one invocation gets further attempts until it is finished', async () => {
  const run = await start(
    { accounts: [auditableAccount(HUB, 150)], limit: { rate: 0.12, size: 1 } },
    { principalsPerBatch: 200 },
  );
  await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  expect(summary).toMatchObject({ status: 'COMPLETE', principals: { total: 151, complete: 151 } });
  expect(await run.store.exists(objects.batch(summary.runId, HUB, 1, 2))).toBe(true);
});

test('after a period in which most calls are throttled, nothing is lost', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 40)], limit: { rate: 0.5, size: 1 } });
  await run.run({ accountIds: [HUB] });
  const { status, calls } = await run.lastRun();
  expect(status).toBe('COMPLETE');
  expect(Object.values(calls).some(({ throttled }) => throttled > 0)).toBe(true);
});

test('if every call is throttled, records have Throttled, and the waits between attempts are Wait states', async () => {
  const run = await start({
    accounts: [auditableAccount(HUB, 8)],
    limit: { rate: 10, size: 10 },
    limitOf: { 'iam:SimulatePrincipalPolicy': { rate: 1e-9, size: 0 } },
  });
  await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  expect(summary.status).toBe('PARTIAL');
  for (const { permissions, problems } of await run.records(summary, HUB)) {
    if (permissions.status === 'COMPLETE') continue;
    expect([permissions.status, problems.map(({ code }) => code)]).toEqual(['FAILED', ['Throttled']]);
  }
  // A few invocations of seconds with minutes between them, not one of 15 minutes.
  expect(summary.cost.lambda).toBeLessThan(0.01);
  expect(run.clock.now() - START).toBeGreaterThan(120_000);
});

test('reports that are never ready end as ReportTimedOut, after three attempts each', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 3)], behaviour: { reportMs: 1e9 } });
  await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  expect(summary.calls['iam:GenerateServiceLastAccessedDetails']?.sent).toBe(4 * 3);
  for (const { lastAccessed, problems } of await run.records(summary, HUB)) {
    expect([lastAccessed.status, problems.map(({ code }) => code)]).toEqual(['FAILED', ['ReportTimedOut']]);
  }
});

test('if AWS throttles the credential report, only that part is missing, after two minutes', async () => {
  const throttled = { status: 400, code: 'Throttling', message: 'Rate exceeded' };
  const run = await start({
    accounts: [auditableAccount(HUB, 6)],
    errors: [{ operation: 'iam:GenerateCredentialReport', ...throttled }],
  });
  await run.run({ accountIds: [HUB] });
  const records = await run.records(await run.lastRun(), HUB);
  expect(
    records.filter(({ type }) => type === 'user').map(({ status, problems }) => [status, problems[0]?.code]),
  ).toEqual([
    ['PARTIAL', 'Throttled'],
    ['PARTIAL', 'Throttled'],
    ['PARTIAL', 'Throttled'],
  ]);
  expect(records.filter(({ type }) => type === 'role').every(({ status }) => status === 'COMPLETE')).toBe(true);
  expect(run.clock.now() - START).toBeLessThan(300_000);
});

test.each([0, 5])(
  'a batch whose object cannot be written after %i lines is retried, and sends no calls meanwhile',
  async (lines) => {
    const run = await start({ accounts: [auditableAccount(HUB, 30)] });
    let failures = 0;
    const { store } = run;
    const writeLines = store.writeLines.bind(store);
    store.writeLines = async (key, source) => {
      if (!key.includes('/batches/') || failures > 0) return writeLines(key, source);
      failures += 1;
      let read = 0;
      const taken = (line: string): boolean => line !== '' && (read += 1) === lines;
      if (lines > 0) for await (const line of source) if (taken(line)) break;
      throw new StoreError('No space is left.');
    };
    await run.run({ accountIds: [HUB] });
    const summary = await run.lastRun();
    expect([failures, summary.status]).toEqual([1, 'COMPLETE']);
    // Only the requests that the failed attempt had under way.
    expect(summary.calls['iam:GenerateServiceLastAccessedDetails']?.sent).toBe(31);
    const received = run.aws.emulation.counters.get(`${HUB} iam:GenerateServiceLastAccessedDetails`)!.received;
    expect(received).toBeLessThan(62);
  },
);

test('a role with all permissions on resources of any partition is reported as an administrator', async () => {
  const account = auditableAccount(HUB, 3);
  const [role] = [...account.roles.values()];
  role!.attachedPolicyArns = [];
  role!.inlinePolicies = [
    { name: 'own', document: { Statement: [{ Effect: 'Allow', Action: 'iam:*', Resource: 'arn:*:iam::*:*' }] } },
  ];
  const run = await start({ accounts: [account] });
  await run.run({ accountIds: [HUB] });
  const record = (await run.records(await run.lastRun(), HUB)).find(({ arn }) => arn === role!.arn);
  expect(record?.status).toBe('COMPLETE');
  for (const { resources } of record!.permissions.decisions) {
    expect(resources).toEqual([{ arn: 'arn:aws:iam::*:*', decision: 'allowed' }]);
  }
});

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

test('a stopped run is resumed: finished evidence that has not changed is carried', async () => {
  const account = auditableAccount(HUB, 60);
  const run = await start({ accounts: [account], denied: { [MEMBER]: [] } });
  const [first] = [...account.roles.values()].filter(({ inlinePolicies }) => inlinePolicies.length > 0);
  await run.run({ accountIds: [HUB] });
  const before = await run.lastRun();
  // As if the account had not been summarised: its principals are finished, the account is not.
  await run.store.write(
    objects.account(before.runId, HUB),
    JSON.stringify({ ...(await run.account(before, HUB)), status: 'PARTIAL' }),
  );
  first!.inlinePolicies = [];
  await run.run({ resume: before.runId });
  const after = await run.lastRun();
  expect(after).toMatchObject({ status: 'COMPLETE', principals: { total: 61, complete: 61, carriedForward: 60 } });
  const records = await run.records(after, HUB);
  expect(records.find(({ arn }) => arn === first!.arn)?.permissions.carriedFrom).toBeNull();
  expect(records.filter(({ permissions }) => permissions.carriedFrom === before.runId)).toHaveLength(60);
});

test('a resumed run covers the scope of the first run, and no more', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 12)], behaviour: { failedReports: 1 } });
  await run.run({ accountIds: [HUB], principals: ['arn:aws:iam::*:user/*'] });
  const before = await run.lastRun();
  await run.run({ resume: before.runId });
  const after = await run.lastRun();
  expect([after.scope.principals, after.principals.total]).toEqual([
    ['arn:aws:iam::*:user/*'],
    before.principals.total,
  ]);
});

test('a COMPLETE run cannot be resumed, and stays the latest', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 2)] });
  await run.run({ accountIds: [HUB] });
  const { runId } = await run.lastRun();
  const result = await run.run({ resume: runId });
  expect(result).toMatchObject(refusedAs('InvalidInput'));
  expect(JSON.stringify(result)).toContain('is COMPLETE, so there is nothing to resume');
  expect((await run.lastRun()).runId).toBe(runId);
});

test('a scheduled day is audited once, even if it is started several times', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 2)] });
  await run.run({ accountIds: [HUB], scheduledTime: '2026-11-23T04:00:00Z' });
  const first = await run.lastRun();
  expect(await run.run({ accountIds: [HUB], scheduledTime: '2026-11-23T04:00:00Z' })).toMatchObject({
    status: 'SUCCEEDED',
    transitions: 3,
  });
  expect((await run.lastRun()).runId).toBe(first.runId);
  await run.run({ accountIds: [HUB], scheduledTime: '2026-11-24T04:00:00Z' });
  expect((await run.lastRun()).runId).not.toBe(first.runId);
});

test('the scheduled day is a day in the schedule’s time zone, also when its clocks change', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 2)] });
  const scheduled = async (scheduledTime: string, timeZone: string): Promise<string> => {
    await run.run({ accountIds: [HUB], scheduledTime, timeZone });
    return (await run.lastRun()).runId;
  };
  // 01:30 in Berlin, on the day of the change and on the next: one day in UTC.
  const first = await scheduled('2026-03-29T00:30:00Z', 'Europe/Berlin');
  expect(await scheduled('2026-03-29T23:30:00Z', 'Europe/Berlin')).not.toBe(first);
});

test('a scheduled time in the future is refused, because it would block every scheduled day until then', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 2)] });
  const result = await run.run({ accountIds: [HUB], scheduledTime: '2030-01-01T04:00:00Z' });
  expect(result).toMatchObject(refusedAs('InvalidInput'));
  expect(JSON.stringify(result)).toContain('must be at most one day in the future');
});

test('a deployment audits no account outside its accountIds', async () => {
  const run = await start(
    { accounts: [auditableAccount(HUB, 2), auditableAccount(MEMBER, 2)] },
    { onlyConfigured: true, accountIds: [HUB] },
  );
  const result = await run.run({ accountIds: [HUB, MEMBER] });
  expect(JSON.stringify(result)).toContain(`accountIds: ${MEMBER} must be in this deployment's setting accountIds`);
  expect(await run.run({ accountIds: [HUB] })).toMatchObject({ status: 'SUCCEEDED' });
});

test('a run without a principal in scope is not a failure', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 5)] });
  await run.run({ accountIds: [HUB], principals: ['arn:aws:iam::*:user/nobody-*'] });
  expect(await run.lastRun()).toMatchObject({ status: 'COMPLETE', principals: { total: 0 } });
});

test('a principal deleted during the run is FAILED with NoSuchEntity and does not change the status of the account or run', async () => {
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
  const summary = await run.lastRun();
  expect(summary.status).toBe('COMPLETE');
  const record = (await run.records(summary, HUB)).find(({ arn }) => arn === gone!.arn);
  expect(record).toMatchObject({ status: 'FAILED', lastAccessed: { status: 'FAILED' } });
  expect(record?.problems.map(({ code }) => code)).toContain('NoSuchEntity');
});

test('a role’s record says which principals may assume it and which service manages it; an invalid trust policy is a problem', async () => {
  const account = auditableAccount(HUB, 60);
  const broken = [...account.roles.values()][0]!;
  broken.trustPolicy = { Version: '2012-10-17' };
  const run = await start({ accounts: [account] });
  await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  const records = await run.records(summary, HUB);
  expect(records.find(({ name }) => name === 'iam-audit-member')?.trust).toMatchObject([
    { kind: 'sameAccount', accountId: HUB, principal: `arn:aws:iam::${HUB}:root` },
  ]);
  for (const { type, arn, trust } of records)
    expect([arn, trust === null]).toEqual([arn, type === 'user' || arn === broken.arn]);
  expect(records.filter(({ managedBy }) => managedBy === 'service').map(({ path }) => path)).toEqual([
    '/aws-service-role/autoscaling.amazonaws.com/',
  ]);
  expect(records.filter(({ managedBy }) => managedBy === 'identityCenter')).toHaveLength(1);
  expect(records.find(({ arn }) => arn === broken.arn)).toMatchObject({
    status: 'PARTIAL',
    problems: [{ step: 'inventory', code: 'MalformedPolicyDocument' }],
    lastAccessed: { status: 'COMPLETE' },
    permissions: { status: 'COMPLETE' },
  });
  expect([summary.status, summary.principals.partial]).toEqual(['PARTIAL', 1]);
});

test('an action that the simulator refuses is named, and the other decisions are kept', async () => {
  const run = await start({
    accounts: [auditableAccount(HUB, 9)],
    behaviour: { refusedActions: ['iam:PassRole'], maxActions: 60 },
  });
  await run.run({ accountIds: [HUB] });
  const records = await run.records(await run.lastRun(), HUB);
  const refused = records.filter(({ problems }) => problems.some(({ code }) => code === 'RefusedAction'));
  expect(refused.length).toBeGreaterThan(0);
  for (const { permissions, problems } of refused) {
    expect(permissions.status).toBe('PARTIAL');
    expect(problems.every(({ message }) => message.includes('iam:PassRole'))).toBe(true);
  }
});

test('a report that AWS cannot create is FAILED after four requests, never empty and COMPLETE', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 4)], behaviour: { failedReports: 1 } });
  await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  for (const record of await run.records(summary, HUB)) {
    expect(record).toMatchObject({ status: 'PARTIAL', lastAccessed: { status: 'FAILED' } });
    expect(record.problems.map(({ code }) => code)).toEqual(['ReportFailed']);
  }
  expect(summary.calls['iam:GenerateServiceLastAccessedDetails']?.sent).toBe(4 * 5);
});

test('pages smaller than requested give the same result', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 15)], behaviour: { largestPage: 3 } });
  await run.run({ accountIds: [HUB] });
  expect(await run.lastRun()).toMatchObject({ status: 'COMPLETE', principals: { total: 16, complete: 16 } });
});

test('an input with a misspelt field is refused, and the field is named', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 2)] });
  const result = await run.run({ acountIds: [HUB] } as never);
  expect(result).toMatchObject(refusedAs('InvalidInput'));
  expect(JSON.stringify(result)).toContain('acountIds');
});
