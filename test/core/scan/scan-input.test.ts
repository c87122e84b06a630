import { readScanInput, type ScanInput } from '../../../core/scan/scan-input.ts';
import { scanAccount, type ScanResult } from '../../../core/scan/scan-account.ts';
import { ACCOUNT, credentialReport, details, group, policy, role, user } from '../../support/authorization-details.ts';
import { allow, document } from '../../support/policy-documents.ts';
import { findingsAbout, NOW, readCase } from '../../support/scanned-case.ts';

const files = (...contents: unknown[]) =>
  contents.map((content, index) => ({
    name: `${index + 1}.json`,
    text: typeof content === 'string' ? content : JSON.stringify(content),
  }));
const read = (input: Partial<ScanInput>) =>
  readScanInput({ files: [], credentialReports: [], serviceControl: [], ...input }, NOW);

async function scan(input: Partial<ScanInput>): Promise<ScanResult> {
  const [account] = read(input).accounts;
  if (account === undefined) throw new Error('There is no account.');
  return scanAccount(account, { now: NOW, graceDays: 30, unusedAfterDays: 90 });
}

const everything = document(allow('*'));
const policyArn = `arn:aws:iam::${ACCOUNT}:policy/all`;
const attached = (arn: string) => [{ PolicyName: 'all', PolicyArn: arn }];

const account = details({
  UserDetailList: [
    user('passer', {
      UserPolicyList: [
        {
          PolicyName: 'deploy',
          PolicyDocument: document(allow(['iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction'])),
        },
      ],
    }),
    user('member', { GroupList: ['admins'] }),
  ],
  RoleDetailList: [role('engine', { AttachedManagedPolicies: attached(policyArn) })],
  GroupDetailList: [group('admins', { AttachedManagedPolicies: attached(policyArn) })],
  Policies: [policy(policyArn, everything)],
});

describe('authorization details', () => {
  const expected = ['administrator: User member is an administrator', 'administrator: Role engine is an administrator'];
  const about = (result: ScanResult): string[] =>
    findingsAbout(result)
      .map((one) => one.replace(/^\w+ /, ''))
      .filter((one) => one.startsWith('administrator'));

  test('are evaluated with groups, managed and inline policies, and marked as evaluated', async () => {
    const result = await scan({ files: files(account) });
    expect(about(result)).toEqual(expected);
    expect(findingsAbout(result, 'passer')).toEqual([
      expect.stringContaining('escalation-path: User passer can become an administrator by creating a Lambda function'),
    ]);
    expect(result.records.map(({ permissions }) => permissions)).toEqual(
      result.records.map(() => expect.objectContaining({ status: 'COMPLETE', source: 'evaluated' }) as unknown),
    );
  });

  test('may have URL-encoded documents, as IAM sends them', async () => {
    const encoded = JSON.parse(JSON.stringify(account), (key, value: unknown) =>
      /Document$/.test(key) ? encodeURIComponent(JSON.stringify(value)) : value,
    ) as unknown;
    expect(about(await scan({ files: files(encoded) }))).toEqual(expected);
  });

  test('may be in several pages, also in one list and given twice', async () => {
    const { UserDetailList, RoleDetailList, GroupDetailList, Policies } = account;
    const pages = [
      details({ UserDetailList, IsTruncated: true }),
      details({ RoleDetailList, GroupDetailList, IsTruncated: true }),
      details({ Policies }),
    ];
    for (const input of [files(...pages), files(pages), files(...pages, pages[0])]) {
      const result = await scan({ files: input });
      expect(about(result)).toEqual(expected);
      expect(result.records).toHaveLength(3);
    }
    expect(read({ files: files(...pages) }).warnings).toEqual([]);
    expect(read({ files: files(pages[0]) }).warnings).toEqual([
      expect.stringContaining('the last page is missing') as unknown,
    ]);
  });

  test('a statement without Resource is nothing that AWS stores: permissions are not known', async () => {
    const odd = document({ Effect: 'Allow', Action: '*' });
    const page = details({
      UserDetailList: [user('odd', { UserPolicyList: [{ PolicyName: 'p', PolicyDocument: odd }] })],
    });
    expect((await scan({ files: files(page) })).records[0]?.permissions.status).toBe('PARTIAL');
  });

  test('a list that is in no file is not an empty one', () => {
    const { UserDetailList, GroupDetailList, Policies } = account;
    const incomplete = { UserDetailList, GroupDetailList, Policies, RoleDetailList: null };
    expect(read({ files: files(incomplete) }).warnings).toEqual([
      `Account ${ACCOUNT}: RoleDetailList is in no file, so what would be there is not in the answer. AWS also sends empty lists.`,
    ]);
    expect(read({ files: files(incomplete, { RoleDetailList: [] }) }).warnings).toEqual([]);
    const [warning] = read({ files: files({ UserDetailList }) }).warnings;
    expect(warning).toContain('RoleDetailList, GroupDetailList and Policies are in no file');
  });

  test('a policy that is not in the files leaves permissions unknown, not denied', async () => {
    const { Policies: _left, ...rest } = account;
    const result = await scan({ files: files(details(rest)) });
    const engine = result.records.find(({ name }) => name === 'engine');
    expect(engine?.permissions).toMatchObject({ status: 'PARTIAL', decisions: [] });
    expect(engine?.problems).toContainEqual({
      step: 'permissions',
      code: 'UnknownPolicy',
      message: `The content of ${policyArn} is not in the files, or can't be read.`,
    });
  });

  test('say nothing about use and credentials: no finding is about them', async () => {
    const result = await scan({ files: files(account) });
    expect(result.records.map(({ lastAccessed }) => lastAccessed.status)).toEqual(['FAILED', 'FAILED', 'FAILED']);
    const rules = new Set(result.findings.map(({ rule }) => rule));
    expect([...rules].sort()).toEqual(['administrator', 'escalation-path']);
    const passer = result.records.find(({ name }) => name === 'passer');
    expect([passer?.credentials, passer?.problems.map(({ code }) => code)]).toEqual([null, ['NotGiven', 'NotGiven']]);
  });

  test.each<[string, string]>([
    ['CSV', credentialReport('passer')],
    [
      'JSON',
      JSON.stringify({ Content: Buffer.from(credentialReport('passer')).toString('base64'), ReportFormat: 'text/csv' }),
    ],
  ])('the credential report as %s gives keys', async (_format, text) => {
    const result = await scan({ files: files(account), credentialReports: [{ name: 'r', text }] });
    expect(result.records.find(({ name }) => name === 'passer')?.credentials?.accessKeys).toHaveLength(1);
    expect(result.credentials.root).not.toBeNull();
    expect(result.findings.some(({ rule }) => rule.includes('key'))).toBe(true);
  });

  test('a service control policy may be as describe-policy prints it; another file is no policy', () => {
    const denies = JSON.stringify(document(allow('s3:*')));
    const described = { Policy: { PolicySummary: { Id: 'p-1' }, Content: denies } };
    const of = (...given: unknown[]) => read({ files: files(account), serviceControl: files(...given) });
    expect(of(described).accounts[0]?.serviceControl).toEqual([[denies]]);
    expect(() => of(account)).toThrow('1.json: the file is no service control policy: it has no statements.');
    expect(() => of([[denies], [{ Statement: [{ Effect: 'Maybe' }] }]])).toThrow(
      '1.json: [1][0] is no service control policy: its statement 1 has an unknown form.',
    );
  });

  test('service control policies deny; FullAWSAccess is added to a level that only denies', async () => {
    const deny = document({ Effect: 'Deny', Action: 'lambda:*', Resource: '*' });
    const { accounts, warnings } = read({ files: files(account), serviceControl: files(deny) });
    expect(warnings).toEqual([expect.stringContaining('FullAWSAccess is added') as unknown]);
    expect(accounts[0]?.serviceControl?.[0]).toHaveLength(2);
    const result = await scan({ files: files(account), serviceControl: files(deny) });
    expect(findingsAbout(result, 'passer')).toEqual([]);
    expect(findingsAbout(result, 'engine')).toHaveLength(1);
  });
});

describe('input that can’t be read', () => {
  const broken = (change: (copy: Record<string, Record<string, unknown>[]>) => void): string => {
    const copy = JSON.parse(JSON.stringify(account)) as Record<string, Record<string, unknown>[]>;
    change(copy);
    return JSON.stringify(copy);
  };

  test.each<[string, string, string]>([
    ['cut JSON', JSON.stringify(account).slice(0, 200), '1.json: is not JSON, or only a part of it'],
    ['nothing', ' ', '1.json: is empty. It must be JSON.'],
    ['another object', '{"Users": []}', '1.json: has an unknown form. A file must be'],
    ['a number', '5', '1.json: has an unknown form.'],
    ['null', 'null', '1.json: has an unknown form.'],
    ['an empty list', '[]', '1.json: is an empty list.'],
    ['no principal', JSON.stringify(details()), '1.json: has no user, role, group or customer managed policy'],
    [
      'a number as ARN',
      broken((copy) => (copy['UserDetailList']![0]!['Arn'] = 5)),
      '1.json: UserDetailList[0].Arn must be a text, but is 5.',
    ],
    [
      'a missing trust policy',
      broken((copy) => delete copy['RoleDetailList']![0]!['AssumeRolePolicyDocument']),
      '1.json: RoleDetailList[0].AssumeRolePolicyDocument is missing, and it is required.',
    ],
    [
      'a trust policy that is a list',
      broken((copy) => (copy['RoleDetailList']![0]!['AssumeRolePolicyDocument'] = [])),
      'AssumeRolePolicyDocument must be a policy document: a JSON object, or its text (also URL-encoded), but is a list.',
    ],
    [
      'a wrong time',
      broken((copy) => (copy['UserDetailList']![1]!['CreateDate'] = 'soon')),
      '1.json: UserDetailList[1].CreateDate must be a time such as 2026-11-26T22:00:00Z, but is "soon".',
    ],
    [
      'an ARN with two descriptions',
      broken((copy) => copy['UserDetailList']!.push({ ...copy['UserDetailList']![1]!, GroupList: [] })),
      `1.json: arn:aws:iam::${ACCOUNT}:user/member is described twice, and differently.`,
    ],
    [
      'two default versions',
      broken((copy) => {
        const [version] = copy['Policies']![0]!['PolicyVersionList'] as object[];
        copy['Policies']![0]!['PolicyVersionList'] = [version, { ...version, VersionId: 'v9' }];
      }),
      '1.json: Policies[0].PolicyVersionList must have one version with IsDefaultVersion true.',
    ],
    [
      'a policy that is nested too deeply',
      JSON.stringify(account).replace(
        '"PolicyDocument":{',
        `"PolicyDocument":{"deep":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)},`,
      ),
      '1.json: UserDetailList[0].UserPolicyList[0].PolicyDocument must have fewer levels: it is nested too deeply.',
    ],
    [
      'a list that is an object',
      broken((copy) => (copy['UserDetailList'] = {} as never)),
      '1.json: UserDetailList must be a list, but is an object.',
    ],
    [
      'principals of two accounts',
      broken((copy) => (copy['UserDetailList']![0]!['Arn'] = 'arn:aws:iam::999988887777:user/x')),
      '1.json: has ARNs of the accounts 999988887777 and 111122223333.',
    ],
    [
      'a name given twice',
      '{"id": "111122223333", "users": [{"name": "x"}, {"name": "x"}]}',
      '1.json: users must have each name once.',
    ],
    [
      'a policy without a name',
      '{"id": "111122223333", "policies": [{"doc": {"Statement": []}}]}',
      '1.json: policies[0] must have a name or an arn.',
    ],
    ['a case with a wrong ID', '{"id": "1", "users": []}', '1.json: id must have 12 digits, but is "1".'],
    [
      'a number of days that no calendar has',
      '{"id": "111122223333", "users": [{"name": "x", "created": 1e300}]}',
      '1.json: users[0].created must be a number of days',
    ],
  ])('%s: the message names the file, the field and what is expected', (_name, text, message) => {
    expect(() => read({ files: [{ name: '1.json', text }] })).toThrow(message);
  });

  test('a credential report of another account, or without its columns', () => {
    const report = (text: string) => () =>
      read({ files: files(readCase('trust-names-principal')), credentialReports: [{ name: 'r.csv', text }] });
    expect(report(credentialReport('x'))).toThrow('r.csv: is the credential report of account 111122223333');
    expect(report('a,b\n1,2')).toThrow('r.csv: The credential report has no column arn.');
    expect(report('{"Content": "%%%"}')).toThrow('r.csv: Content must be Base64');
  });

  test('hostile keys, types and depths never throw anything but the message', async () => {
    const tags = [
      { Key: '__proto__', Value: 'x' },
      { Key: 'constructor', Value: 'y' },
    ];
    const odd = JSON.parse('{"__proto__": {"Effect": "Allow"}, "Statement": {"__proto__": 1}}') as object;
    const page = details({
      UserDetailList: [user('__proto__', { Tags: tags, UserPolicyList: [{ PolicyName: 'p', PolicyDocument: odd }] })],
    });
    const result = await scan({ files: files(page) });
    expect(Object.keys(result.records[0]?.tags ?? {}).sort()).toEqual(['__proto__', 'constructor']);
    expect(result.records[0]?.permissions.status).toBe('PARTIAL');
    const deep = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;
    const text = JSON.stringify(page).replace('"PolicyDocument":{', `"PolicyDocument":{"deep":${deep},`);
    expect(() => read({ files: [{ name: '1.json', text }] })).toThrow(/^1\.json: /);
  });
});

describe('a field that the format does not have', () => {
  const given = (extra: object) => ({
    id: ACCOUNT,
    users: [{ name: 'ann', ...extra }],
    roles: [{ name: 'app', trust: document(allow('sts:AssumeRole')) }],
  });

  test.each([
    [{ inlin: [] }, 'users[0].inlin is ignored: the format has no such field. Did you mean inline?'],
    [{ Group: ['admins'] }, 'users[0].Group is ignored: the format has no such field. Did you mean groups?'],
    [
      { cred: { acces_key_1_active: 'true' } },
      'users[0].cred.acces_key_1_active is ignored: the format has no such field. Did you mean access_key_1_active?',
    ],
    [
      { inline: [{ name: 'p', doc: document(allow('*')), documents: 1 }] },
      'users[0].inline[0].documents is ignored: the format has no such field.',
    ],
    [
      { la: { iam: { at: 1, action: {} } } },
      'users[0].la.iam.action is ignored: the format has no such field. Did you mean actions?',
    ],
  ])('is named: %j', (extra, warning) => {
    expect(read({ files: files(given(extra)) }).warnings).toEqual([`1.json: ${warning}`]);
  });

  test('is also named in the account itself, and the account is scanned', () => {
    const { accounts, warnings } = read({ files: files([{ ...given({}), rolls: [] }]) });
    expect(warnings).toEqual(['1.json: [0]: rolls is ignored: the format has no such field. Did you mean roles?']);
    expect(accounts[0]?.users).toHaveLength(1);
  });

  test('the cases with known answers have none', () => {
    expect(read({ files: files(readCase('chain-of-roles'), readCase('group-policy-without-group')) }).warnings).toEqual(
      [],
    );
  });
});
