import { PrincipalRecord } from '../../core/contract/evidence.ts';
import { objects } from '../../core/contract/objects.ts';
import { iamReads, organizationReads } from '../../core/contract/permissions.ts';
import { RunSummary } from '../../core/contract/run.ts';
import { StoreError } from '../../core/ports/store.ts';
import * as v from 'valibot';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { auditableAccount, HUB, START } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const start = auditsOfTests();

const MEMBER = '111122223334';
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
  // The calls of the inventory are in the timeline too.
  const inventoried = await run.json(objects.inventoried((await run.lastRun()).runId, HUB));
  expect(inventoried).toMatchObject({ timeline: expect.any(Object) as unknown });
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
    const { sent } = summary.calls['iam:GenerateServiceLastAccessedDetails']!;
    const received = run.aws.emulation.counters.get(`${HUB} iam:GenerateServiceLastAccessedDetails`)!.received;
    // The requests of the failed attempt are counted too: only those that it had under way.
    expect(sent).toBe(received);
    expect(received).toBeGreaterThan(31);
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

test('a run without a principal in scope is neither a failure nor complete', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 5)] });
  await run.run({ accountIds: [HUB], principals: ['arn:aws:iam::*:user/nobody-*'] });
  expect(await run.lastRun()).toMatchObject({ status: 'PARTIAL', principals: { total: 0 } });
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
