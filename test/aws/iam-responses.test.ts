import { authorizationPage, lastAccessedPage, simulationPage } from '../../aws/iam-responses.ts';
import { passwordPolicy } from '../../aws/password-policy.ts';

const answer = (fields: object): never => ({ $metadata: {}, ...fields }) as never;
const incomplete = (field: string): object => ({
  code: 'IncompleteResponse',
  message: expect.stringContaining(field) as string,
});
const unexpected = expect.objectContaining({ code: 'UnexpectedResponse' }) as Error;
const created = new Date('2026-01-01T00:00:00Z');
const user = {
  ...{ Arn: 'arn:aws:iam::1:user/a', UserName: 'a', UserId: 'AIDA', Path: '/', CreateDate: created },
  ...{ GroupList: [], AttachedManagedPolicies: [] },
};

describe('the inventory', () => {
  const page = (fields: object) => authorizationPage(answer(fields), []);

  test.each([
    [['User', 'Role'] as const, { UserDetailList: [] }, 'RoleDetailList'],
    [['User', 'Role'] as const, {}, 'UserDetailList'],
    [['Group', 'LocalManagedPolicy'] as const, { GroupDetailList: [] }, 'Policies'],
  ])('a page for %j without a list is not an empty page', (filter, fields, list) => {
    expect(() => authorizationPage(answer(fields), filter)).toThrow(`has no ${list}.`);
  });

  test('documents are decoded, even with a percent sign that is not part of the encoding', () => {
    const policies = [
      { PolicyName: 'p', PolicyDocument: '%7B%22a%22%3A%20%22b%2Bc%22%7D' },
      { PolicyName: 'q', PolicyDocument: '100%' },
    ];
    const [found] = page({ UserDetailList: [{ ...user, UserPolicyList: policies }] }).users;
    expect(found?.inlinePolicies.map(({ document }) => document)).toEqual(['{"a": "b+c"}', '100%']);
  });

  test('tag keys such as __proto__ stay plain keys', () => {
    const Tags = [{ Key: '__proto__', Value: 'x' }, { Key: 'constructor', Value: 'y' }, { Key: 'empty' }];
    const [found] = page({ UserDetailList: [{ ...user, Tags }] }).users;
    expect(Object.entries(found!.tags)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['empty', ''],
    ]);
  });

  test('the default version of a policy is used, and the others are kept', () => {
    const PolicyVersionList = [
      { VersionId: 'v1', IsDefaultVersion: false, Document: 'old' },
      { VersionId: 'v2', IsDefaultVersion: true, Document: 'new' },
    ];
    const { policies } = page({ Policies: [{ Arn: 'a', PolicyVersionList }, { Arn: 'b' }] });
    expect(policies).toEqual([
      { arn: 'a', defaultDocument: 'new', otherVersions: [{ id: 'v1', document: 'old' }] },
      { arn: 'b', defaultDocument: null, otherVersions: [] },
    ]);
  });

  /** The fault of the only entry that can't be read. Another entry of the page is read. */
  const faultIn = (fields: object): unknown => {
    const { users, unreadable } = page({ ...fields, Policies: [{ Arn: 'other' }] });
    expect([users, unreadable.length, page(fields).policies]).toEqual([[], 1, []]);
    return unreadable[0]!.fault;
  };

  test.each(['Arn', 'UserName', 'UserId', 'Path', 'CreateDate'])(
    'a user without %s is named as unreadable, and has no empty value',
    (field) => {
      const named = field.startsWith('User') ? /name|id/ : new RegExp(field);
      expect(faultIn({ UserDetailList: [{ ...user, [field]: undefined }] })).toMatchObject({
        code: 'IncompleteResponse',
        message: expect.stringMatching(named) as string,
      });
    },
  );

  test('an entry that can not be read costs no other entry of its page', () => {
    const other = { ...user, Arn: 'arn:aws:iam::1:user/b', UserName: 'b' };
    const { users, groups, unreadable, marker } = page({
      UserDetailList: [{ ...user, CreateDate: new Date('x') }, other, null, { ...other, Arn: 7 }],
      GroupDetailList: [{ ...user, Arn: 'arn:aws:iam::1:group/g', GroupName: 'g', GroupId: 'AGPA' }],
      IsTruncated: true,
      Marker: 'm',
    });
    expect([users.map(({ name }) => name), groups, marker]).toEqual([['b'], [], 'm']);
    expect(unreadable).toMatchObject([
      { kind: 'user', arn: user.Arn, fault: { code: 'UnexpectedResponse' } },
      { kind: 'user', arn: null, fault: { code: 'UnexpectedResponse' } },
      { kind: 'user', arn: null, fault: { code: 'UnexpectedResponse' } },
      { kind: 'group', arn: 'arn:aws:iam::1:group/g', fault: { code: 'IncompleteResponse' } },
    ]);
  });

  test.each<[string, object]>([
    ['AttachedManagedPolicies', { UserDetailList: [{ ...user, AttachedManagedPolicies: undefined }] }],
    ['GroupList', { UserDetailList: [{ ...user, GroupList: undefined }] }],
    ['PermissionsBoundaryArn', { UserDetailList: [{ ...user, PermissionsBoundary: {} }] }],
    ['RolePolicyList', { RoleDetailList: [{ ...user, RoleName: 'a', RoleId: 'AROA' }] }],
  ])('a missing %s is an error, not an empty value', (field, fields) => {
    expect(faultIn(fields)).toMatchObject(incomplete(field));
  });

  test.each<[string, object]>([
    ['a date', { ...user, CreateDate: new Date('x') }],
    ['a text', { ...user, Path: { x: 1 } }],
    ['a list', { ...user, UserPolicyList: 'x' }],
    ['a flag', { ...user, Tags: [{ Key: 'k', Value: 7 }] }],
  ])('%s of another type is an error', (_, wrong) => {
    expect(faultIn({ UserDetailList: [wrong] })).toMatchObject({ code: 'UnexpectedResponse' });
  });

  test('a truncated page without a marker is an error', () => {
    expect(() => page({ IsTruncated: true })).toThrow(expect.objectContaining(incomplete('Marker')) as Error);
    expect(page({ IsTruncated: false, Marker: 'x' }).marker).toBeNull();
  });
});

describe('a report', () => {
  const page = (fields: object) => lastAccessedPage(answer(fields));
  const JobCompletionDate = created;

  test('in progress is never read as empty', () => {
    expect(page({ JobStatus: 'IN_PROGRESS', ServicesLastAccessed: [] })).toEqual({ status: 'IN_PROGRESS' });
  });

  test('that failed has the reason, if AWS returns one', () => {
    const Error = { Code: 'c', Message: 'm' };
    expect(page({ JobStatus: 'FAILED', Error })).toEqual({ status: 'FAILED', code: 'c', message: 'm' });
    expect(page({ JobStatus: 'FAILED' })).toMatchObject({ status: 'FAILED', code: 'ReportFailed' });
  });

  test('of an unknown status is an error', () => {
    expect(() => page({ JobStatus: 'PAUSED' })).toThrow(unexpected);
  });

  test('that is complete but has no list is an error', () => {
    expect(() => page({ JobStatus: 'COMPLETED', JobCompletionDate })).toThrow(
      expect.objectContaining(incomplete('ServicesLastAccessed')) as Error,
    );
  });

  test('services that AWS does not track by action have no actions; other services have the listed actions', () => {
    const ServicesLastAccessed = [
      { ServiceName: 'A', ServiceNamespace: 'a' },
      {
        ServiceName: 'B',
        ServiceNamespace: 'b',
        LastAuthenticated: created,
        LastAuthenticatedRegion: 'eu-west-1',
        TrackedActionsLastAccessed: [{ ActionName: 'X', LastAccessedTime: created }, { ActionName: 'Y' }],
      },
    ];
    expect(page({ JobStatus: 'COMPLETED', JobCompletionDate, ServicesLastAccessed })).toMatchObject({
      services: [
        { namespace: 'a', lastAuthenticated: null, region: null, actions: null },
        {
          namespace: 'b',
          lastAuthenticated: '2026-01-01T00:00:00.000Z',
          region: 'eu-west-1',
          actions: [
            { name: 'X', lastAccessed: '2026-01-01T00:00:00.000Z' },
            { name: 'Y', lastAccessed: null },
          ],
        },
      ],
    });
  });
});

test('decisions keep AWS’s results for boundary and organization, or null if there is none', () => {
  const { decisions } = simulationPage(
    answer({
      EvaluationResults: [
        {
          EvalActionName: 'a:X',
          EvalDecision: 'implicitDeny',
          OrganizationsDecisionDetail: { AllowedByOrganizations: false },
          PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: true },
          MissingContextValues: ['aws:k'],
          ResourceSpecificResults: [{ EvalResourceName: 'arn', EvalResourceDecision: 'allowed' }],
        },
        { EvalActionName: 'a:Y', EvalDecision: 'allowed' },
      ],
    }),
  );
  expect(decisions).toEqual([
    {
      action: 'a:X',
      decision: 'implicitDeny',
      allowedByOrganizations: false,
      allowedByBoundary: true,
      missingContext: ['aws:k'],
      resources: [{ arn: 'arn', decision: 'allowed', allowedByBoundary: null, missingContext: [] }],
    },
    {
      action: 'a:Y',
      decision: 'allowed',
      allowedByOrganizations: null,
      allowedByBoundary: null,
      missingContext: [],
      resources: [],
    },
  ]);
});

test('the decision for a single resource may be in the result itself', () => {
  const { decisions } = simulationPage(
    answer({
      EvaluationResults: [
        { EvalActionName: 'a:X', EvalResourceName: 'arn:x', EvalDecision: 'allowed', MissingContextValues: ['k'] },
        { EvalActionName: 'a:Y', EvalResourceName: '*', EvalDecision: 'allowed' },
      ],
    }),
  );
  expect(decisions.map(({ resources }) => resources)).toEqual([
    [{ arn: 'arn:x', decision: 'allowed', allowedByBoundary: null, missingContext: ['k'] }],
    [],
  ]);
});

test.each([
  ['EvalDecision', { EvalDecision: 'conditional' }],
  ['EvalResourceDecision', { ResourceSpecificResults: [{ EvalResourceName: 'arn', EvalResourceDecision: 'x' }] }],
  ['AllowedByPermissionsBoundary', { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: 'true' } }],
])('a decision with another value of %s is an error', (field, fields) => {
  const result = { EvalActionName: 'a:X', EvalDecision: 'allowed', ...fields };
  expect(() => simulationPage(answer({ EvaluationResults: [result] }))).toThrow(unexpected);
  expect(() => simulationPage(answer({ EvaluationResults: [result] }))).toThrow(field);
});

test('an answer without decisions is an error', () => {
  expect(() => simulationPage(answer({}))).toThrow(expect.objectContaining(incomplete('EvaluationResults')) as Error);
});

test('settings of the password policy that are no numbers or flags are errors', () => {
  expect(passwordPolicy({ MinimumPasswordLength: 14 })).toMatchObject({ minimumLength: 14, requiresSymbols: false });
  expect(() => passwordPolicy({ MinimumPasswordLength: Number.NaN })).toThrow(unexpected);
  expect(() => passwordPolicy({ RequireSymbols: 'yes' } as never)).toThrow(unexpected);
});

test('a password policy without a field has IAM’s value for it', () => {
  expect(passwordPolicy({})).toEqual({
    exists: true,
    minimumLength: 6,
    requiresSymbols: false,
    requiresNumbers: false,
    requiresUppercase: false,
    requiresLowercase: false,
    reusePrevention: 0,
    maxAgeDays: null,
  });
});
