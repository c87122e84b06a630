import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSummary } from '../../core/contract/run.ts';
import { AUDIT_ROLE } from '../../local/emulated-aws/generate/account.ts';
import { CommandLine, HUB, MEMBER } from '../support/command-line.ts';

jest.setTimeout(60_000);

let line: CommandLine | null = null;
const start = async (...settings: Parameters<typeof CommandLine.start>): Promise<CommandLine> => {
  line = await CommandLine.start(...settings);
  return line;
};
afterEach(async () => {
  await line?.close();
  line = null;
});

test('run --organization audits the active accounts, and names the others', async () => {
  const audit = await start({ organization: { states: { [MEMBER]: 'SUSPENDED' } } });
  const { code, stdout, stderr } = await audit.run(['--organization', '--role-name', AUDIT_ROLE, '--json']);
  expect(stderr).toContain(`Auditing the organization of account ${HUB} as `);
  expect(stderr).toContain(`Not audited (SUSPENDED): ${MEMBER} (account ${MEMBER}).`);
  const run = JSON.parse(stdout) as RunSummary;
  expect(run).toMatchObject({
    status: 'COMPLETE',
    scope: { accounts: 'all' },
    accounts: [{ accountId: HUB, path: 'Root' }],
  });
  expect(code).toBe(0);
});

test('in the caller’s own account, the caller’s own credentials replace a role that is missing', async () => {
  const audit = await start({ organization: {} });
  audit.aws.emulation.accounts.get(HUB)?.roles.delete(AUDIT_ROLE);
  const { code, stdout, stderr } = await audit.run(['--organization', '--role-name', AUDIT_ROLE, '--json']);
  expect(stderr).toContain(
    `The caller’s own account was audited with the caller’s own credentials: Account ${HUB}: role ${AUDIT_ROLE} is missing`,
  );
  expect(JSON.parse(stdout)).toMatchObject({
    status: 'COMPLETE',
    accounts: [{ accountId: HUB }, { accountId: MEMBER }],
  });
  expect(code).toBe(0);
});

test('a problem of the organization is told once', async () => {
  const audit = await start({ organization: {}, denied: { [HUB]: ['iam:GenerateOrganizationsAccessReport'] } });
  const { stderr } = await audit.run(['--organization', '--role-name', AUDIT_ROLE]);
  expect(stderr.match(/Services used in the organization: AccessDenied/g)).toHaveLength(1);
});

test('a warning about an object that every account reads is told once', async () => {
  const audit = await start({ organization: {} });
  mkdirSync(join(audit.out, 'state/accounts'), { recursive: true });
  writeFileSync(join(audit.out, 'state/accounts/pace.json'), '{');
  const { stderr } = await audit.run(['--account-id', HUB, '--account-id', MEMBER, '--role-name', AUDIT_ROLE]);
  expect(stderr.match(/warning: state\/accounts\/pace.json: /g)).toHaveLength(1);
});

test('another account without the role is FAILED, with the reason, and the others are audited', async () => {
  const audit = await start({ organization: {} });
  audit.aws.emulation.accounts.get(MEMBER)?.roles.delete(AUDIT_ROLE);
  const { code, stdout } = await audit.run(['--organization', '--role-name', AUDIT_ROLE, '--json']);
  const error = {
    code: 'AssumeRoleDenied',
    message: expect.stringContaining(`role ${AUDIT_ROLE} is missing`) as string,
  };
  expect(JSON.parse(stdout)).toMatchObject({
    status: 'PARTIAL',
    accounts: [
      { accountId: HUB, status: 'COMPLETE' },
      { accountId: MEMBER, status: 'FAILED', error },
    ],
  });
  expect(code).toBe(3);
});

test('with --account-id, the role is required in the caller’s own account too', async () => {
  const audit = await start({ organization: {} });
  audit.aws.emulation.accounts.get(HUB)?.roles.delete(AUDIT_ROLE);
  expect((await audit.run(['--account-id', HUB, '--role-name', AUDIT_ROLE])).code).toBe(1);
});

test('an account is excluded', async () => {
  const audit = await start();
  const { stdout } = await audit.run(['--organization', '--role-name', AUDIT_ROLE, '--exclude-account', HUB, '--json']);
  expect((JSON.parse(stdout) as RunSummary).accounts.map(({ accountId }) => accountId)).toEqual([MEMBER]);
});

test('without permission to list the accounts, the error says what to do', async () => {
  const audit = await start({ denied: { [HUB]: ['organizations:ListAccounts'] } });
  const { code, stderr } = await audit.run(['--organization', '--role-name', AUDIT_ROLE]);
  expect(stderr).toContain('The accounts of the organization could not be listed (AccessDenied');
  expect(stderr).toContain('organizations:ListOrganizationalUnitsForParent');
  expect(stderr).toContain('name the accounts: --account-id');
  expect(code).toBe(1);
});

test.each([
  [['--organization'], 2, 'error: --organization requires --role-name'],
  [['--include-ou', 'ou-ab12-11111111'], 2, 'error: --include-ou requires --organization.'],
  [
    ['--organization', '--role-name', AUDIT_ROLE, '--exclude-ou', 'Production'],
    2,
    'It must be the ID of an organizational unit or of a root, such as ou-ab12-11111111.',
  ],
  [['--organization', '--role-name', AUDIT_ROLE, '--account-id', MEMBER], 2, 'cannot be used with option'],
  [
    ['--organization', '--role-name', AUDIT_ROLE, '--include-ou', 'ou-ab12-11111111'],
    2,
    'include: no account of the organization is ou-ab12-11111111, or is below it.',
  ],
])('%j ends with code %i: %s', async (args, expected, message) => {
  const audit = await start();
  const { code, stderr } = await audit.run(args);
  expect(stderr).toContain(message);
  expect(code).toBe(expected);
});
