import { memberRole } from '../../core/member-role/member-role.ts';
import type { RecordedCall } from '../../local/emulated-aws/cloudtrail/recorded-call.ts';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { trust } from '../../local/emulated-aws/generate/role-origins.ts';
import { CommandLine, HUB, MEMBER } from '../support/command-line.ts';
import { emulatedSts } from '../support/emulated-sts.ts';

jest.setTimeout(60_000);

const ROLE = ['--account-id', MEMBER, '--role-name', AUDIT_ROLE];
const DESCRIBED = [
  '--source-identity',
  'ann@example.com',
  '--session-tag',
  'team=security',
  '--session-tag',
  'note=a b',
];
const TAGS = [
  { key: 'team', value: 'security' },
  { key: 'note', value: 'a b' },
];

let command: CommandLine;
let recorded: RecordedCall[] = [];
afterEach(() => command.close());

/** Starts with an operator and a member role that may set the source identity and tags. */
async function start(settings: Parameters<typeof CommandLine.start>[0] = {}): Promise<void> {
  recorded = [];
  command = await CommandLine.start({ cloudTrail: (call) => recorded.push(call), ...settings });
  const { accounts } = command.aws.emulation;
  const actions = ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'];
  const document = policy(allow(actions, `arn:aws:iam::*:role/*`));
  accounts.get(HUB)!.users.get(OPERATOR)!.inlinePolicies = [{ name: 'audit', document }];
  const { trustPolicy } = memberRole(
    {
      hubAccountId: HUB,
      hubRolePath: '/iam-audit/',
      roleName: AUDIT_ROLE,
      trustedPrincipals: [`user/${OPERATOR}`, 'role/first'],
      allowsSourceIdentity: true,
      allowsSessionTags: true,
    },
    { partition: 'aws', accountId: MEMBER },
  );
  accounts.get(MEMBER)!.roles.get(AUDIT_ROLE)!.trustPolicy = { ...trustPolicy };
}

/** Adds a role of the hub account that may assume the member role. */
function addFirstRole(): string {
  const hub = command.aws.emulation.accounts.get(HUB)!;
  const role = hub.roles.get(AUDIT_ROLE)!;
  const arn = `arn:aws:iam::${HUB}:role/first`;
  const inlinePolicies = [{ name: 'assume', document: policy(allow('sts:*', '*')) }];
  const trustPolicy = trust({ AWS: HUB }, undefined, 'sts:*');
  hub.roles.set('first', { ...role, arn, name: 'first', id: 'AROAFIRST000000000001', inlinePolicies, trustPolicy });
  return arn;
}

const assumed = () =>
  recorded
    .filter(({ operation, error }) => operation === 'AssumeRole' && error === null)
    .map(({ parameters }) => parameters);

test('--source-identity and --session-tag describe every session, and --resume would use them again', async () => {
  await start({ denied: { [MEMBER]: ['iam:GetAccountAuthorizationDetails'] } });
  const { stderr } = await command.run([...ROLE, ...DESCRIBED]);
  expect(stderr).toContain(
    "--source-identity ann@example.com --session-tag team=security --session-tag 'note=a b' --resume",
  );
  expect(assumed().length).toBeGreaterThan(0);
  for (const parameters of assumed()) {
    expect(parameters).toMatchObject({ sourceIdentity: 'ann@example.com', tags: TAGS });
  }
});

test('with --role-arn and --role-name, both sessions have them: role chaining keeps the source identity', async () => {
  await start();
  const { code } = await command.run([...ROLE, '--role-arn', addFirstRole(), ...DESCRIBED]);
  expect(code).toBe(0);
  expect(new Set(assumed().map((parameters) => parameters?.roleArn))).toEqual(
    new Set([`arn:aws:iam::${HUB}:role/first`, `arn:aws:iam::${MEMBER}:role/${AUDIT_ROLE}`]),
  );
  for (const parameters of assumed()) {
    expect(parameters).toMatchObject({ sourceIdentity: 'ann@example.com', tags: TAGS });
  }
});

test('without the options, nothing is sent; the source identity that the caller’s session has stays', async () => {
  await start();
  const { emulation } = command.aws;
  const { credentials } = await emulatedSts(emulation, emulation.issueUser(HUB, OPERATOR), {
    RoleArn: addFirstRole(),
    RoleSessionName: 'ann',
    SourceIdentity: 'bob',
  });
  recorded = [];
  expect((await command.run(ROLE, { credentials: credentials! })).code).toBe(0);
  for (const parameters of assumed()) {
    expect(parameters).not.toHaveProperty('sourceIdentity');
    expect(parameters).not.toHaveProperty('tags');
  }
  const reads = recorded.filter(({ service }) => service === 'iam');
  expect(new Set(reads.map(({ caller }) => caller.kind === 'session' && caller.sourceIdentity))).toEqual(
    new Set(['bob']),
  );
  const other = await command.run([...ROLE, '--full', '--source-identity', 'ann'], { credentials: credentials! });
  expect(other.stderr).toContain('must allow sts:SetSourceIdentity, and the caller must not have another');
  expect(other.code).toBe(1);
});

test.each<[string, string[]]>([
  ['error: --source-identity requires --role-name or --role-arn', ['--source-identity', 'ann']],
  ['error: --session-tag requires --role-name or --role-arn', ['--session-tag', 'team=a']],
  ['It must have 2 to 64 letters, digits and any of _+=,.@-', [...ROLE, '--source-identity', 'a']],
  ['It must have 2 to 64 letters, digits and any of _+=,.@-', [...ROLE, '--source-identity', 'aws:ann']],
  ['It must be KEY=VALUE', [...ROLE, '--session-tag', 'team']],
  ['The key must not begin with "aws:"', [...ROLE, '--session-tag', 'aws:team=a']],
  ['must not have both "a" and "A"', [...ROLE, '--session-tag', 'a=1', '--session-tag', 'A=2']],
  [
    'The tags must have at most 50 tags.',
    [...ROLE, ...Array.from({ length: 51 }, (_, n) => ['--session-tag', `k${n}=v`]).flat()],
  ],
])('wrong options are refused: case %#, %s', async (message, args) => {
  command = await CommandLine.start();
  const { code, stderr } = await command.run(args);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
