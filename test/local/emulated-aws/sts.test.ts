import type { EmulatedAccount } from '../../../local/emulated-aws/account.ts';
import { Emulation } from '../../../local/emulated-aws/emulation.ts';
import { addAuditRole, AUDIT_ROLE, generateAccount } from '../../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../../local/emulated-aws/generate/policies.ts';
import { trust } from '../../../local/emulated-aws/generate/role-origins.ts';
import type { IssuedCredentials } from '../../../local/emulated-aws/sessions.ts';
import { seededRandom } from '../../../local/seeded-random.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { emulatedSts, type StsAnswer } from '../../support/emulated-sts.ts';

const HUB = '111122223333';
const MEMBER = '111122223334';
const START = Date.parse('2026-11-23T04:00:00Z');
const ROLE = `arn:aws:iam::${MEMBER}:role/${AUDIT_ROLE}`;

interface World {
  readonly member: EmulatedAccount;
  readonly assume: (parameters?: Readonly<Record<string, string>>, as?: IssuedCredentials) => Promise<StsAnswer>;
  readonly call: (
    as: IssuedCredentials | null,
    action: string,
    parameters?: Readonly<Record<string, string>>,
  ) => Promise<StsAnswer>;
}

/** A role that trusts the hub for every action of STS, and a function of the hub that calls. */
function world(): World {
  const [hub, member] = [HUB, MEMBER].map((accountId, n) => {
    const account = generateAccount({ seed: n, accountId, users: 1, roles: 1, now: START });
    addAuditRole(account, HUB, START);
    return account;
  }) as [EmulatedAccount, EmulatedAccount];
  const role = member.roles.get(AUDIT_ROLE)!;
  role.trustPolicy = trust({ AWS: [HUB, MEMBER] }, undefined, 'sts:*');
  role.inlinePolicies = [{ name: 'chain', document: policy(allow('sts:*')) }];
  const emulation = new Emulation({
    accounts: [hub, member],
    clock: new VirtualClock(START),
    random: seededRandom(1),
    limit: null,
  });
  const own = emulation.issueSession(HUB, 'function', START + 3_600_000);
  return {
    member,
    assume: (parameters = {}, as = own) =>
      emulatedSts(emulation, as, { RoleArn: ROLE, RoleSessionName: 'audit', ...parameters }),
    call: (as, action, parameters = {}) => emulatedSts(emulation, as ?? own, parameters, action),
  };
}

const tags = (pairs: Readonly<Record<string, string>>, ...transitive: readonly string[]): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(pairs).flatMap(([key, value], n) => [
      [`Tags.member.${n + 1}.Key`, key],
      [`Tags.member.${n + 1}.Value`, value],
    ]),
  ),
  ...Object.fromEntries(transitive.map((key, n) => [`TransitiveTagKeys.member.${n + 1}`, key])),
});
const document = (...actions: readonly string[]): string => JSON.stringify(policy(allow(actions)));
const random = seededRandom(3);
/** Text that hardly can be compressed. */
const noise = (length: number): string =>
  Array.from({ length }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('');

describe('parameters that AWS refuses', () => {
  test.each<[string, Record<string, string>, string, RegExp]>([
    [
      'a session name of one character',
      { RoleSessionName: 'a' },
      'ValidationError',
      /roleSessionName.*greater than or equal to 2/,
    ],
    [
      'a session name of 65 characters',
      { RoleSessionName: 'a'.repeat(65) },
      'ValidationError',
      /roleSessionName.*less than or equal to 64/,
    ],
    [
      'a session name with a slash',
      { RoleSessionName: 'a/b' },
      'ValidationError',
      /roleSessionName.*regular expression/,
    ],
    ['a text that is not a role ARN', { RoleArn: 'role/x' }, 'ValidationError', /role\/x is invalid/],
    [
      'an external ID of one character',
      { ExternalId: 'x' },
      'ValidationError',
      /externalId.*greater than or equal to 2/,
    ],
    ['899 seconds', { DurationSeconds: '899' }, 'ValidationError', /durationSeconds.*greater than or equal to 900/],
    ['43,201 seconds', { DurationSeconds: '43201' }, 'ValidationError', /durationSeconds.*less than or equal to 43200/],
    [
      'more than an hour by role chaining',
      { DurationSeconds: '3601' },
      'ValidationError',
      /exceeds the 1 hour session limit for roles assumed by role chaining/,
    ],
    [
      'a session policy of 2,049 characters',
      { Policy: document('x'.repeat(2_049)) },
      'ValidationError',
      /'policy'.*less than or equal to 2048/,
    ],
    ['a session policy that is no JSON', { Policy: '{' }, 'MalformedPolicyDocument', /valid JSON/],
    ['a session policy without statements', { Policy: '{}' }, 'MalformedPolicyDocument', /valid JSON/],
    [
      'session policies and tags that are too large together',
      { Policy: document(noise(1_900)), ...tags({ note: noise(250) }) },
      'PackedPolicyTooLarge',
      /Packed policy consumes \d+% of allotted space, please use smaller policy\./,
    ],
    [
      'a managed session policy that does not exist',
      { 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/None' },
      'MalformedPolicyDocument',
      /policy\/None/,
    ],
    [
      'a source identity with a space',
      { SourceIdentity: 'a b' },
      'ValidationError',
      /sourceIdentity.*regular expression/,
    ],
    [
      'a tag key of 129 characters',
      tags({ ['k'.repeat(129)]: 'v' }),
      'ValidationError',
      /tags.*less than or equal to 128/,
    ],
    [
      'two tag keys that differ only in letter case',
      tags({ team: '1', Team: '2' }),
      'InvalidParameterValue',
      /case insensitive/,
    ],
    [
      'a transitive key that is no tag',
      tags({ team: '1' }, 'cost'),
      'InvalidParameterValue',
      /must be included in the requested tags/,
    ],
  ])('%s', async (_name, parameters, code, message) => {
    const answer = await world().assume(parameters);
    expect([answer.status, answer.code]).toEqual([400, code]);
    expect(answer.message?.replaceAll('&apos;', "'").replaceAll('&#39;', "'")).toMatch(message);
  });

  test('a policy of 2,048 characters is accepted, and the answer has its packed size', async () => {
    const start = document('iam:Get*');
    const { status, answer } = await world().assume({
      Policy: start.replace('{', `{${' '.repeat(2_048 - start.length)}`),
    });
    expect(status).toBe(200);
    expect(Number(/<PackedPolicySize>(\d+)</.exec(answer)?.[1])).toBeGreaterThan(0);
  });
});

describe('session policies', () => {
  const READ = 'GetAccountAuthorizationDetails';

  test('limit every call to IAM, with AWS’s error', async () => {
    const { assume, call } = world();
    const { credentials } = await assume({ Policy: document('iam:GenerateCredentialReport') });
    expect((await call(credentials, 'GenerateCredentialReport')).status).toBe(200);
    expect(await call(credentials, READ)).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message: `User: arn:aws:sts::${MEMBER}:assumed-role/${AUDIT_ROLE}/audit is not authorized to perform: iam:${READ} on resource: * because no session policy allows the iam:${READ} action`,
    });
  });

  test('with a Deny are named as such', async () => {
    const { assume, call } = world();
    const deny = { Effect: 'Deny', Action: 'iam:Get*', Resource: '*' } as const;
    const { credentials } = await assume({ Policy: JSON.stringify(policy(allow('*'), deny)) });
    expect((await call(credentials, READ)).message).toMatch(/with an explicit deny in a session policy$/);
  });

  test('can name principals', async () => {
    const { assume, call, member } = world();
    const [own, other] = [...member.roles.values()];
    const { credentials } = await assume({
      Policy: JSON.stringify(policy(allow('iam:SimulatePrincipalPolicy', own!.arn))),
    });
    const simulate = (arn: string): Promise<StsAnswer> =>
      call(credentials, 'SimulatePrincipalPolicy', { PolicySourceArn: arn, 'ActionNames.member.1': 's3:GetObject' });
    expect([(await simulate(own!.arn)).status, (await simulate(other!.arn)).status]).toEqual([200, 403]);
  });

  test('that are managed allow what the inline one does not', async () => {
    const { assume, call } = world();
    const { credentials } = await assume({
      Policy: document('sts:*'),
      'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/IAMReadOnlyAccess',
    });
    expect((await call(credentials, READ)).status).toBe(200);
    expect((await call(credentials, 'GenerateServiceLastAccessedDetails', { Arn: ROLE })).code).toBe('AccessDenied');
  });

  test('do not limit GetCallerIdentity, which needs no permission', async () => {
    const { assume, call } = world();
    const { credentials } = await assume({ Policy: document('s3:*') });
    expect((await call(credentials, 'GetCallerIdentity')).status).toBe(200);
  });
});

describe('role chaining', () => {
  test('keeps the source identity, which cannot change', async () => {
    const { assume } = world();
    const first = await assume({ SourceIdentity: 'ann' });
    expect(first.answer).toContain('<SourceIdentity>ann</SourceIdentity>');
    const second = await assume({}, first.credentials!);
    expect(second.answer).toContain('<SourceIdentity>ann</SourceIdentity>');
    expect(await assume({ SourceIdentity: 'bob' }, second.credentials!)).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
  });

  test('keeps transitive tags and no others, and they cannot change', async () => {
    const { assume, member } = world();
    const first = await assume(tags({ team: 'red', cost: '1' }, 'team'));
    const role = member.roles.get(AUDIT_ROLE)!;
    const requires = (key: string, value: string): void => {
      role.trustPolicy = trust({ AWS: MEMBER }, { StringEquals: { [`aws:PrincipalTag/${key}`]: value } }, 'sts:*');
    };
    requires('cost', '1');
    const second = await assume({}, first.credentials!);
    expect(second.status).toBe(200);
    expect((await assume({}, second.credentials!)).code).toBe('AccessDenied');
    requires('team', 'red');
    expect((await assume({}, second.credentials!)).status).toBe(200);
    expect(await assume(tags({ Team: 'blue' }), second.credentials!)).toMatchObject({
      status: 400,
      code: 'InvalidParameterValue',
    });
  });
});
