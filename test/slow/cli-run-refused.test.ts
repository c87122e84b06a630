import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { systemClock } from '../../local/system-clock.ts';
import { CommandLine, HUB, linesOf, MEMBER } from '../support/command-line.ts';

let command: CommandLine;
afterEach(() => command.close());

test('expired credentials: one line with the way to renew them', async () => {
  command = await CommandLine.start();
  const credentials = command.aws.emulation.issueSession(HUB, 'admin', systemClock.now() - 1_000);
  const { code, stderr } = await command.run([], { credentials });
  expect(linesOf(stderr)).toEqual(['The AWS credentials have expired. Sign in again (for example: aws sso login).']);
  expect(code).toBe(1);
});

test('a denied inventory: the denied action, and where the minimum policy is', async () => {
  command = await CommandLine.start({ denied: { [HUB]: ['iam:GetAccountAuthorizationDetails'] } });
  const { code, stderr } = await command.run([]);
  expect(stderr).toMatch(
    /^AWS denied a required permission \(.*iam:GetAccountAuthorizationDetails.*\); .*--print-policy/m,
  );
  expect(code).toBe(1);
});

test('a role that does not trust the caller: its name, and what to check', async () => {
  command = await CommandLine.start();
  const { code, stderr } = await command.run(['--role-arn', `arn:aws:iam::${MEMBER}:role/none`]);
  expect(linesOf(stderr)).toEqual([
    `AWS did not allow assuming the role. Account ${MEMBER}: role none is missing, does not trust the caller, or needs another external ID (AWS does not say which). Check there: aws iam get-role --role-name none`,
  ]);
  expect(code).toBe(1);
});

test.each([
  ['assumed first', ['--role-arn', `arn:aws:iam::${MEMBER}:role/${AUDIT_ROLE}`]],
  ['assumed in each account', ['--account-id', MEMBER, '--role-name', AUDIT_ROLE]],
])(
  'a Region that the role’s account has not activated for STS, role %s: the error names --region',
  async (_name, role) => {
    command = await CommandLine.start({ inactiveStsRegions: { [MEMBER]: ['ap-southeast-3'] } });
    const { code, stderr } = await command.run([...role, '--region', 'ap-southeast-3']);
    expect(stderr).toContain(
      `STS in ap-southeast-3 is not activated for account ${MEMBER}: set --region to a Region that is active in all accounts, such as us-east-1,`,
    );
    expect(code).toBe(1);
    expect((await command.run([...role, '--region', 'us-east-1'])).code).toBe(0);
  },
);

test.each([[[MEMBER]], [[HUB, MEMBER]]])(
  'accounts %j without a role to assume: refused before any work, without a --resume line that would fail too',
  async (accounts) => {
    command = await CommandLine.start();
    const { code, stderr } = await command.run(accounts.flatMap((id) => ['--account-id', id]));
    expect(linesOf(stderr)).toEqual([
      expect.stringMatching(
        `^error: --account-id ${MEMBER} requires --role-name: .* These credentials are of account ${HUB}\\.`,
      ),
    ]);
    expect(code).toBe(2);
    expect(command.received('GetAccountAuthorizationDetails')).toBe(0);
    expect(existsSync(join(command.out, 'runs'))).toBe(false);
  },
);

test('a pattern that matches no principal: refused before any work, with similar principals', async () => {
  command = await CommandLine.start();
  const name = `${OPERATOR.slice(0, -2)}${OPERATOR.at(-1)!}${OPERATOR.at(-2)!}`;
  const pattern = `arn:aws:iam::*:user/${name}`;
  const { code, stderr } = await command.run(['--principal', pattern, '--principal', 'arn:aws:iam::*:role/*']);
  expect(linesOf(stderr)).toEqual([
    `error: --principal ${pattern} matches no user and no role of account ${HUB}. Similar: arn:aws:iam::${HUB}:user/${OPERATOR}.`,
  ]);
  expect(code).toBe(2);
  expect(existsSync(join(command.out, 'runs'))).toBe(false);
});

test('an exceptions file that can not be read: refused before any work, with the form that it must have', async () => {
  command = await CommandLine.start();
  const file = join(command.out, 'exceptions.json');
  writeFileSync(file, '{"exeptions": []}');
  const { code, stderr } = await command.run(['--exceptions', file]);
  expect(linesOf(stderr)).toEqual([
    'error: --exceptions: The exceptions file must have the form {"exceptions": [{"rule", "arn", "owner", "reason", "expires"}]}. No exception applies, because it has no field "exceptions", but "exeptions".',
  ]);
  expect(code).toBe(2);
});

test.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_IAM'])('a wrong %s is named', async (name) => {
  command = await CommandLine.start();
  const { code, stderr } = await command.run([], { environment: { [name]: 'foo' } });
  expect(linesOf(stderr)).toEqual([
    `The environment variable ${name} is "foo". It must be an address such as http://localhost:4566, or be unset.`,
  ]);
  expect(code).toBe(2);
});

test('no network: the error says what to check', async () => {
  command = await CommandLine.start();
  const { code, stderr } = await command.run([], { url: 'http://127.0.0.1:1' });
  expect(linesOf(stderr)).toEqual([
    expect.stringMatching(/^AWS can't be reached \(.*ECONNREFUSED.*\)\. Check the network, the proxy/),
  ]);
  expect(code).toBe(1);
});

test('resuming a run that does not exist is refused, and the error names the run', async () => {
  command = await CommandLine.start();
  const { code, stderr } = await command.run(['--resume', '20261123T040000Z-abcdef']);
  expect(stderr).toContain('there is no run 20261123T040000Z-abcdef');
  expect(code).toBe(2);
});

test('--resume with an account that the run did not audit: wrong usage, and nothing is audited', async () => {
  command = await CommandLine.start();
  const { stdout } = await command.run(['--json', '--principal', `arn:aws:iam::*:user/${OPERATOR}`]);
  const { runId } = JSON.parse(stdout) as { runId: string };
  rmSync(join(command.out, 'runs', runId, 'accounts', HUB, 'account.json'));
  const resumed = await command.run(['--resume', runId, '--account-id', MEMBER, '--role-name', AUDIT_ROLE]);
  expect(linesOf(resumed.stderr).at(-1)).toBe(
    `accounts: ${MEMBER} must be accounts of run ${runId}, which is resumed.`,
  );
  expect(resumed.code).toBe(2);
});
