import { objects } from '../../core/contract/objects.ts';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { auditableAccount, HUB } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const start = auditsOfTests();

const MEMBER = '111122223334';
/** How an execution ends if it must not audit: without a failure, so that no alarm goes off. */
const refusedAs = (code: string) => ({ status: 'SUCCEEDED', output: { status: 'REFUSED', error: { code } } });

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

test('a deployment audits no account outside its setting accounts', async () => {
  const run = await start(
    { accounts: [auditableAccount(HUB, 2), auditableAccount(MEMBER, 2)] },
    { onlyConfigured: true, accountIds: [HUB] },
  );
  const result = await run.run({ accountIds: [HUB, MEMBER] });
  expect(JSON.stringify(result)).toContain(`accounts: ${MEMBER} must be in this deployment’s setting accounts`);
  expect(await run.run({ accountIds: [HUB] })).toMatchObject({ status: 'SUCCEEDED' });
});

test('an input with a misspelt field is refused, and the field is named', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 2)] });
  const result = await run.run({ acountIds: [HUB] } as never);
  expect(result).toMatchObject(refusedAs('InvalidInput'));
  expect(JSON.stringify(result)).toContain('acountIds');
});

test.each<[string, object, string]>([
  ['a role', { roleArn: `arn:aws:iam::${HUB}:role/admin` }, 'roleArn: there is no such field'],
  ['a member role', { memberRoleName: 'admin' }, 'memberRoleName: there is no such field'],
  ['a role as an account', { accounts: [`arn:aws:iam::${HUB}:role/admin`] }, 'accounts.0: must be an AWS account ID'],
  [
    'a role as an account ID',
    { accountIds: [`arn:aws:iam::${HUB}:role/admin`] },
    'accountIds.0: must be an AWS account ID',
  ],
  ['a bucket', { bucket: 'other' }, 'bucket: there is no such field'],
  ['a run by its path', { resume: '../../state' }, 'resume: must be a run ID'],
  ['the whole organization', { accounts: 'organization' }, 'accounts: must not be \\"organization\\"'],
])('an input that names %s is refused, and the field is named', async (_what, input, message) => {
  const run = await start({ accounts: [auditableAccount(HUB, 2)] }, { onlyConfigured: true, accountIds: [HUB] });
  const result = await run.run(input);
  expect(result).toMatchObject(refusedAs('InvalidInput'));
  expect(JSON.stringify(result)).toContain(message);
});

test('a deployment resumes no account outside its setting accounts', async () => {
  const accounts = [auditableAccount(HUB, 2), auditableAccount(MEMBER, 2)];
  const run = await start({ accounts, denied: { [MEMBER]: ['iam:GetAccountAuthorizationDetails'] } });
  await run.run({ accountIds: [HUB, MEMBER] });
  const { runId } = await run.lastRun();
  const services = run.services();
  const settings = { ...services.settings, onlyConfigured: true, accounts: 'this' as const };
  const result = await run.run({ resume: runId }, undefined, { ...services, settings });
  expect(result).toMatchObject(refusedAs('InvalidInput'));
  expect(JSON.stringify(result)).toContain(`accounts: ${MEMBER} must be in this deployment’s setting accounts`);
});
