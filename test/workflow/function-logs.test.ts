import { objects } from '../../core/contract/objects.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { logged } from '../../lambda/runtime/function-log.ts';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { parsedLines, runLogged, writtenBy, type LogFields } from '../support/function-lines.ts';
import { auditableAccount, HUB } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const start = auditsOfTests();

beforeAll(() => {
  // Lambda sets it. With provisioned concurrency no start is cold.
  process.env.AWS_LAMBDA_INITIALIZATION_TYPE = 'on-demand';
});
afterAll(() => {
  delete process.env.AWS_LAMBDA_INITIALIZATION_TYPE;
});

/** Parts that only policies have, in any encoding. */
const policyParts = /2012-10-17|"Effect|Effect\\*"|Statement|%22Effect|planted-policy-text/;
const ofEvent = (lines: readonly LogFields[], event: string): LogFields[] =>
  lines.filter((line) => line.event === event);

test('each invocation logs one line with its run, account, batch and cold start', async () => {
  const audit = await start({ accounts: [auditableAccount(HUB, 7)] });
  const { result, lines } = await runLogged(audit, {});
  const ended = ofEvent(lines, 'InvocationEnded');
  expect(ended.map((line) => line.function)).toEqual([
    'plan-run',
    'inventory-account',
    'audit-batch',
    'summarise-account',
    'summarise-run',
  ]);
  for (const line of ended) {
    expect(line).toMatchObject({ level: 'INFO', service: 'iam-audit', run: result.runId });
    expect(typeof line.cold_start).toBe('boolean');
    expect(typeof line.duration_ms).toBe('number');
  }
  expect(ended[0]).toMatchObject({ cold_start: true, decision: 'AUDIT' });
  expect(ended[2]).toMatchObject({ cold_start: false, account: HUB, batch: 1, attempt: 1, status: 'FINISHED' });
  expect(ended[4]).not.toHaveProperty('account');
});

test('an account with hostile names and policies, and a damaged state object, put no policy and no credential into the log', async () => {
  const account = auditableAccount(HUB, 9);
  const planted = policy(allow('iam:PassRole', 'arn:aws:iam::*:role/planted-policy-text'));
  for (const principal of [...account.users.values(), ...account.roles.values()]) {
    principal.inlinePolicies.push({ name: 'planted', document: planted });
    principal.tags.note = '"}\n{"level":"ERROR","event":"RunEnded"}';
  }
  const audit = await start({ accounts: [account] });
  await runLogged(audit, {});
  await audit.clock.sleep(86_400_000);
  const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1';
  const content = JSON.stringify({ key: 'AKIAIOSFODNN7EXAMPLE', secret, document: planted });
  await audit.store.write(objects.pace(HUB), content.slice(0, -1));
  await audit.store.write(objects.startingPace, JSON.stringify({ schemaVersion: 1, accounts: content }));
  await audit.store.writeLines(objects.findingsBase(HUB), [JSON.stringify({ runId: content })]);
  const { text, lines, result } = await runLogged(audit, {});
  expect(result.status).toBe('SUCCEEDED');
  const damaged = ofEvent(lines, 'ObjectDamaged');
  expect(new Set(damaged.map((line) => line.object))).toEqual(
    new Set([objects.pace(HUB), objects.startingPace, objects.findingsBase(HUB)]),
  );
  for (const line of damaged) expect(line).toMatchObject({ level: 'WARN', run: result.runId, account: HUB });
  expect(text).not.toMatch(policyParts);
  expect(text).not.toMatch(/wJalrXUtn|AKIA[A-Z0-9]{16}|ASIA[A-Z0-9]{16}/);
  // Each function wrote only lines of its own: text from AWS starts no line.
  expect(ofEvent(lines, 'RunEnded')).toHaveLength(1);
});

test('a failed invocation logs its error; the message that Lambda logs has no policy either', async () => {
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  class Refused extends Error {
    override name = 'Refused';
  }
  const failing = logged(
    'audit-batch',
    () => Promise.reject(new Refused(`AWS answered ${document}`)),
    () => 0,
  );
  const context = { getRemainingTimeInMillis: () => 1, memoryLimitInMB: '1024' };
  const { result, text } = await writtenBy(() =>
    failing({ runId: '20261123T040000Z-abcdef', accountId: HUB, batch: { n: 3 }, attempt: 2 }, context).catch(
      (error: unknown) => error as Error,
    ),
  );
  expect(result).toMatchObject({ name: 'Refused', message: 'AWS answered [document removed]' });
  expect((result as Error).stack).not.toMatch(policyParts);
  expect(parsedLines(text)).toMatchObject([
    {
      event: 'InvocationFailed',
      level: 'ERROR',
      run: '20261123T040000Z-abcdef',
      account: HUB,
      batch: 3,
      attempt: 2,
      error_name: 'Refused',
      error_message: 'AWS answered [document removed]',
    },
  ]);
});
