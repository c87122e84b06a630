import type { Path } from '../../../core/contract/answers/path.ts';
import type { DetectedFinding } from '../../../core/findings/find.ts';
import { scanAcrossAccounts } from '../../../core/scan/scan-account.ts';
import { allow, inline, trustIn } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const A = '111122223301';
const B = '111122223302';
const C = '111122223303';
const administrator = inline(allow('*'));

const findings = async (...accounts: readonly object[]): Promise<DetectedFinding[]> =>
  scanAcrossAccounts(await Promise.all(accounts.map((account) => scanned(account))));

const pathsOf = ({ evidence }: DetectedFinding): Path[] => evidence.paths as Path[];

/** `user/dev -> role/admin`, with accounts only where they change. */
const inShort = ({ steps }: Path): string =>
  [steps[0]?.from ?? '', ...steps.map(({ to, changes }) => changes ?? to)]
    .map((arn) => `${(arn.split(':')[4] ?? '').slice(-2)}:${arn.split(':')[5] ?? ''}`)
    .join(' > ');

const found = async (...accounts: readonly object[]): Promise<string[]> =>
  (await findings(...accounts)).map(
    (finding) =>
      `${finding.severity} ${pathsOf(finding).map(inShort).join(' | ')} ${String(finding.evidence.certainty)}`,
  );

const userOf = (name: string, ...statements: Readonly<Record<string, unknown>>[]) => ({
  name,
  inline: inline(...statements),
});
const developers = {
  id: A,
  users: [
    userOf('dev', allow('sts:AssumeRole')),
    userOf('narrow', allow('sts:AssumeRole', `arn:aws:iam::${B}:role/other`)),
    userOf('reader', allow('s3:GetObject')),
  ],
};
const memberWith = (trust: unknown, statements = administrator) => ({
  id: B,
  roles: [{ name: 'deploy', trust, inline: statements }],
});

describe('paths between accounts', () => {
  test('both sides must allow it', async () => {
    expect(await found(developers, memberWith(trustIn(A)))).toEqual(['critical 01:user/dev > 02:role/deploy certain']);
    expect(await found(developers, memberWith(trustIn(C)))).toEqual([]);
    expect(await found(developers, memberWith(trustIn(`arn:aws:iam::${A}:user/reader`)))).toEqual([]);
  });

  test('the gain in the other account decides the severity; less than credentials is not reported', async () => {
    const member = (action: string) => memberWith(trustIn(A), inline(allow(action)));
    expect(await found(developers, member('iam:PutUserPolicy'))).toEqual(['high 01:user/dev > 02:role/deploy certain']);
    expect(await found(developers, member('redshift:GetClusterCredentials'))).toEqual([
      'medium 01:user/dev > 02:role/deploy certain',
    ]);
    expect(await found(developers, member('s3:GetObject'))).toEqual([]);
  });

  test('a condition that is not known lowers it, and is named', async () => {
    const trust = trustIn(A, { StringEquals: { 'sts:ExternalId': 'x' } });
    const [finding] = await findings(developers, memberWith(trust));
    expect(finding).toMatchObject({ severity: 'high', evidence: { conditions: ['sts:externalid'] } });
    expect(finding?.title).toMatch(/^User dev might become an administrator of account 111122223302 \(one step\)$/);
  });

  test('a principal sets the tag of its own by which the other account lets it in', async () => {
    const own = `arn:aws:iam::${A}:user/dev`;
    const callers = {
      id: A,
      users: [
        userOf('dev', allow('sts:AssumeRole'), allow('iam:TagUser', own)),
        userOf('other', allow('sts:AssumeRole')),
      ],
    };
    const tagged = { StringEquals: { 'aws:PrincipalTag/team': 'ops' } };
    expect(await found(callers, memberWith(trustIn(A, tagged)))).toEqual([
      'critical 01:user/dev > 01:user/dev > 02:role/deploy certain',
    ]);
  });

  test('a permissions boundary or a Deny of the caller closes it', async () => {
    const users = [
      userOf('denied', allow('sts:AssumeRole'), {
        ...allow('sts:AssumeRole', `arn:aws:iam::${B}:role/*`),
        Effect: 'Deny',
      }),
      { ...userOf('bounded', allow('sts:AssumeRole')), boundary: `arn:aws:iam::${A}:policy/limit` },
    ];
    const policies = [{ name: 'limit', doc: { Version: '2012-10-17', Statement: [allow('s3:*')] } }];
    expect(await found({ id: A, users, policies }, memberWith(trustIn(A)))).toEqual([]);
  });

  test('the path begins inside the own account, and goes on inside the other one', async () => {
    const start = {
      id: A,
      users: [userOf('first', allow('sts:AssumeRole', `arn:aws:iam::${A}:role/bridge`))],
      roles: [{ name: 'bridge', trust: trustIn(A), inline: inline(allow('sts:AssumeRole', `arn:aws:iam::${B}:*`)) }],
    };
    const end = {
      id: B,
      roles: [
        { name: 'entry', trust: trustIn(`arn:aws:iam::${A}:role/bridge`), inline: inline(allow('sts:AssumeRole')) },
        { name: 'admin', trust: trustIn(B), inline: administrator },
      ],
    };
    expect((await found(start, end)).sort()).toEqual([
      'critical 01:role/bridge > 02:role/entry > 02:role/admin certain',
      'critical 01:user/first > 01:role/bridge > 02:role/entry > 02:role/admin certain',
    ]);
  });

  test('it leads through several accounts, and back', async () => {
    const hop = (id: string, from: string) => ({
      id,
      roles: [{ name: 'hop', trust: trustIn(from), inline: inline(allow('sts:AssumeRole')) }],
    });
    const target = { id: C, roles: [{ name: 'admin', trust: trustIn(B), inline: administrator }] };
    expect(await found(developers, hop(B, A), target)).toEqual([
      'critical 01:user/dev > 02:role/hop > 03:role/admin certain',
      'critical 02:role/hop > 03:role/admin certain',
    ]);
    const own = { ...developers, roles: [{ name: 'admin', trust: trustIn(B), inline: administrator }] };
    expect(await found(own, hop(B, A))).toEqual([
      'critical 01:user/dev > 02:role/hop > 01:role/admin certain',
      'critical 02:role/hop > 01:role/admin certain',
    ]);
  });

  test('accounts that trust each other end', async () => {
    const hop = (id: string, from: string) => ({
      id,
      roles: [{ name: 'hop', trust: trustIn(from), inline: inline(allow('sts:AssumeRole')) }],
    });
    expect(await found(hop(A, B), hop(B, C), hop(C, A))).toEqual([]);
  });

  test('an administrator of its own account is reported one level lower, and not for its own account', async () => {
    const boss = {
      id: A,
      users: [{ name: 'boss', inline: administrator }, userOf('helper', allow('iam:PutUserPolicy'))],
    };
    expect(await found(boss, memberWith(trustIn(A)))).toEqual(['high 01:user/boss > 02:role/deploy certain']);
    const returning = {
      ...boss,
      roles: [{ name: 'back', trust: trustIn(B), inline: administrator }],
    };
    const hop = { id: B, roles: [{ name: 'hop', trust: trustIn(A), inline: inline(allow('sts:AssumeRole')) }] };
    expect(await found(returning, hop)).toEqual(['critical 02:role/hop > 01:role/back certain']);
  });

  test('accounts that the last step leads to in the same way are counted', async () => {
    const [finding, ...others] = await findings(developers, memberWith(trustIn(A)), {
      ...memberWith(trustIn(A)),
      id: C,
    });
    expect(others).toEqual([]);
    expect(finding?.title).toBe(
      'User dev can become an administrator of account 111122223302 and, in the same way, of 111122223303 (one step)',
    );
    expect(finding?.evidence).toMatchObject({ accounts: [B, C], accountCount: 2 });
    expect(pathsOf(finding as DetectedFinding)).toMatchObject([{ targetCount: 2, administrators: 2 }]);
  });

  test('a role that trusts everybody is reported itself, unless a condition names some principals', async () => {
    const inOrganization = { 'aws:PrincipalOrgID': 'o-abc' };
    expect(await found(developers, memberWith(trustIn('*', { StringEquals: inOrganization })))).toEqual([]);
    expect(await found(developers, memberWith(trustIn('*')))).toEqual([]);
    const except = { StringNotEquals: { 'aws:PrincipalAccount': '999999999999' } };
    expect(await found(developers, memberWith(trustIn('*', except)))).toEqual([]);
    const named = { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${A}:user/dev*` } };
    expect(await found(developers, memberWith(trustIn('*', named)))).toEqual([
      'critical 01:user/dev > 02:role/deploy certain',
    ]);
    const tagged = { StringEquals: { 'aws:PrincipalTag/team': 'red' } };
    const users = [...developers.users, { ...userOf('red', allow('sts:AssumeRole')), tags: { team: 'red' } }];
    expect(await found({ id: A, users }, memberWith(trustIn('*', tagged)))).toEqual([
      'critical 01:user/red > 02:role/deploy certain',
    ]);
  });

  test('of two ways into another account the shorter one counts', async () => {
    const member = {
      id: B,
      roles: [
        { name: 'a-long-way', trust: trustIn(A), inline: inline(allow('sts:AssumeRole')) },
        { name: 'admin', trust: trustIn(B), inline: administrator },
        { name: 'short', trust: trustIn(A), inline: administrator },
      ],
    };
    expect(await found(developers, member)).toEqual(['critical 01:user/dev > 02:role/short certain']);
  });
});
