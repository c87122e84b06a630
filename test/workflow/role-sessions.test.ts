import { inspect } from 'node:util';
import { objects } from '../../core/contract/objects.ts';
import { iamReadsByState } from '../../core/contract/permissions.ts';
import { CallLedger } from '../../core/ports/calls/call-ledger.ts';
import type { AccountAccess } from '../../core/ports/iam.ts';
import type { RecordedCall } from '../../local/emulated-aws/cloudtrail/recorded-call.ts';
import { AUDIT_ROLE } from '../../local/emulated-aws/generate/account.ts';
import { trust } from '../../local/emulated-aws/generate/role-origins.ts';
import { auditableAccount, HUB, VirtualAudit, withOwnPolicies } from '../support/virtual-audit.ts';
import { collectSecrets, textsIn } from '../support/written-text.ts';

const MEMBER = '111122223334';
const STRANGER = '111122223335';
const MINUTE = 60_000;
const ASSUME = 'sts:AssumeRole';

let run: VirtualAudit;
afterEach(async () => {
  await run.close();
});

test('run.json counts the calls of AssumeRole and GetCallerIdentity, and the ones that the cache avoided', async () => {
  run = await VirtualAudit.start({ accounts: [auditableAccount(HUB, 6), auditableAccount(MEMBER, 50)] });
  await run.run({ accountIds: [HUB, MEMBER] });
  const { calls, accounts } = await run.lastRun();
  const received = run.aws.emulation.counters.get(`${HUB} ${ASSUME}`)?.received;
  expect(calls[ASSUME]?.sent).toBe(received);
  // Two accounts with three states each, and one call for twelve hours, which the role refuses. The second and third batch
  // of the member account use the session of the first.
  expect(calls[ASSUME]).toMatchObject({ sent: 7, succeeded: 6, throttled: 0, failed: 1, saved: 2 });
  expect(calls['sts:GetCallerIdentity']).toMatchObject({ sent: 1, succeeded: 1, saved: 0 });
  expect(accounts.map(({ status }) => status)).toEqual(['COMPLETE', 'COMPLETE']);
});

test('each session has the run’s ID as its name, and a session policy', async () => {
  const recorded: RecordedCall[] = [];
  run = await VirtualAudit.start({ accounts: [auditableAccount(HUB, 6)], cloudTrail: (call) => recorded.push(call) });
  await run.run({ accountIds: [HUB] });
  const { runId } = await run.lastRun();
  const assumed = recorded.filter(({ operation, error }) => operation === 'AssumeRole' && error === null);
  expect(assumed.map(({ parameters }) => parameters?.roleSessionName)).toEqual([runId, runId, runId]);
  const policies = assumed.map(
    ({ parameters }) => JSON.parse(String(parameters?.policy)) as { Statement: { Action: string[] }[] },
  );
  expect(policies.map(({ Statement }) => Statement[0]?.Action)).toEqual(Object.values(iamReadsByState));
});

test('calls of an account whose role cannot be assumed are counted, and its error says what to check', async () => {
  const stranger = auditableAccount(STRANGER, 6);
  stranger.roles.get(AUDIT_ROLE)!.trustPolicy = trust({ AWS: 'arn:aws:iam::999988887777:root' });
  run = await VirtualAudit.start({ accounts: [auditableAccount(HUB, 6), stranger] });
  await run.run({ accountIds: [STRANGER] });
  const { status, accounts, calls } = await run.lastRun();
  expect(status).toBe('FAILED');
  expect(accounts[0]?.error).toMatchObject({
    code: 'AssumeRoleDenied',
    message: expect.stringContaining('is missing, does not trust the caller, or needs another external ID') as string,
  });
  expect(calls[ASSUME]).toMatchObject({ sent: 1, failed: 1 });
});

test('a session that expires in the middle of a batch: the next attempt asks again, and every report is complete', async () => {
  const recorded: RecordedCall[] = [];
  run = await VirtualAudit.start(
    {
      accounts: [auditableAccount(HUB, 2), withOwnPolicies(auditableAccount(MEMBER, 60))],
      limit: { rate: 0.2, size: 1 },
      cloudTrail: (call) => recorded.push(call),
    },
    { principalsPerBatch: 61 },
  );
  // As in a function instance that opened the session almost an hour before this batch.
  const runId = '20261123T030000Z-0ld000';
  const opened = { actions: iamReadsByState['audit-batch'], runId, workMs: 0, calls: new CallLedger() };
  run.changeAccess = (access): AccountAccess => ({
    ownAccountId: () => access.ownAccountId(),
    organization: () => access.organization(),
    discard: (session) => {
      access.discard(session);
    },
    open: async (request) => {
      if (request.actions !== opened.actions) return access.open(request);
      return access.open({ ...opened, accountId: request.accountId, calls: request.calls });
    },
  });
  const services = run.services();
  await services.access.open({ ...opened, accountId: MEMBER });
  await run.clock.sleep(56 * MINUTE);
  await run.run({ accountIds: [MEMBER] }, undefined, services);
  const summary = await run.lastRun();
  expect(summary).toMatchObject({ status: 'COMPLETE', principals: { complete: 61, failed: 0 } });

  // The only batch needed a second attempt. The first one ended early because of its session, and not because of the rate.
  const first = (await textsIn(run.folder)).get(run.store.path(objects.batch(summary.runId, MEMBER, 1, 1)))!;
  expect(JSON.parse(first.trim().split('\n').at(-1)!)).toMatchObject({ kind: 'end', finished: false, paused: false });

  const jobs = recorded.filter(({ operation }) => operation === 'GetServiceLastAccessedDetails');
  const keysOf = new Map<string, Set<string>>();
  for (const { parameters, caller, error } of jobs) {
    if (caller.kind !== 'session' || error !== null) continue;
    const jobId = String(parameters?.jobId);
    keysOf.set(jobId, (keysOf.get(jobId) ?? new Set()).add(caller.accessKeyId));
  }
  // No report was read with two sessions, although the batch had two.
  expect([...keysOf.values()].map(({ size }) => size)).toEqual([...keysOf.values()].map(() => 1));
  expect(new Set([...keysOf.values()].flatMap((keys) => [...keys])).size).toBeGreaterThan(1);
});

/** An access whose batches call `during` before each simulation, and that records the sessions that are discarded. */
function observed(access: AccountAccess, during: () => Promise<void>, discarded: unknown[]): AccountAccess {
  return {
    ownAccountId: () => access.ownAccountId(),
    organization: () => access.organization(),
    discard: (session) => {
      discarded.push(session);
      access.discard(session);
    },
    open: async (request) => {
      const session = await access.open(request);
      const simulate = session.iam.simulationPage.bind(session.iam);
      session.iam.simulationPage = async (...input) => {
        await during();
        return simulate(...input);
      };
      return session;
    },
  };
}

test('a session that AWS refuses before its end is not used again', async () => {
  const error = { operation: 'iam:SimulatePrincipalPolicy', status: 403, message: 'The token has expired.' };
  run = await VirtualAudit.start({
    accounts: [auditableAccount(HUB, 2), withOwnPolicies(auditableAccount(MEMBER, 6))],
    errors: [{ ...error, code: 'ExpiredToken', times: 1 }],
  });
  const discarded: unknown[] = [];
  run.changeAccess = (access) => observed(access, () => Promise.resolve(), discarded);
  await run.run({ accountIds: [MEMBER] });
  expect(discarded).toHaveLength(1);
  expect(await run.lastRun()).toMatchObject({ status: 'COMPLETE', principals: { total: 7, complete: 7 } });
});

test('a batch whose run was superseded while it asked writes nothing', async () => {
  run = await VirtualAudit.start({ accounts: [auditableAccount(HUB, 2), auditableAccount(MEMBER, 6)] });
  const audit = run;
  let isTaken = false;
  const takeOver = async (): Promise<void> => {
    if (isTaken) return;
    isTaken = true;
    const claim = (await audit.json(objects.claim)) as object;
    const other = { execution: 'test:other', runId: '20261123T050000Z-bbbbbb' };
    await audit.store.write(objects.claim, JSON.stringify({ ...claim, ...other }));
  };
  run.changeAccess = (access) => observed(access, takeOver, []);
  await run.run({ accountIds: [MEMBER] });
  expect(isTaken).toBe(true);
  const batches: string[] = [];
  for await (const key of run.store.list('runs/')) if (key.includes('/batches/')) batches.push(key);
  expect(batches).toEqual([]);
});

test('secret keys and session tokens are in no object, no message, no event and no log line', async () => {
  const collected = collectSecrets();
  const logged: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      logged.push(String(text));
      return true;
    }),
  );
  try {
    const denied = auditableAccount(STRANGER, 6);
    denied.roles.get(AUDIT_ROLE)!.trustPolicy = trust({ AWS: 'arn:aws:iam::999988887777:root' });
    run = await VirtualAudit.start(
      {
        accounts: [auditableAccount(HUB, 6), auditableAccount(MEMBER, 12), denied],
        denied: { [MEMBER]: ['iam:GenerateCredentialReport', 'iam:SimulatePrincipalPolicy'] },
      },
      { notify: 'always' },
    );
    await run.run({ accountIds: [HUB, MEMBER, STRANGER] });
  } finally {
    for (const spy of spies) spy.mockRestore();
    collected.stop();
  }
  const files = await textsIn(run.folder);
  const texts = [
    ...files,
    ['log', logged.join('')],
    ['warnings', run.warnings.join('\n')],
    ['messages', inspect(run.messages, { depth: null, showHidden: true })],
    ['events', inspect(run.events, { depth: null, showHidden: true, maxStringLength: null })],
  ] as const;
  expect(files.size).toBeGreaterThan(15);
  // The operator's keys, and the sessions of two accounts.
  expect(collected.secrets.size).toBeGreaterThanOrEqual(1 + 2 * 6);
  const found = texts.flatMap(([name, text]) =>
    [...collected.secrets].some((secret) => text.includes(secret)) ? [name] : [],
  );
  expect(found).toEqual([]);
});
