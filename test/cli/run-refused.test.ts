import { AUDIT_ROLE } from '../../local/emulated-aws/generate/account.ts';
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

test('another account without a role to assume: the error names the missing option', async () => {
  command = await CommandLine.start();
  const { code, stderr } = await command.run(['--account-id', MEMBER]);
  expect(stderr).toContain('--role-name');
  expect(code).toBe(1);
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
  expect(code).toBe(1);
});
