import type { Random } from '../../core/ports/clock.ts';
import { ACCOUNT, session, throttles, user, type Event, type EventMaker } from './event-shapes.ts';

/** Values that real logs may have and that two engines may read differently. */
export function oddEvents(make: EventMaker, random: Random): Event[] {
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/odd`;
  const assume = (at: number, parameters: unknown, more: Event = {}): Event =>
    make('sts', { at, name: 'AssumeRole', identity: session('odd', 'odd'), parameters, more });
  const durations = [
    '3600',
    '0900',
    '0',
    0,
    -5,
    1.5,
    true,
    null,
    '',
    ' 900',
    '900 ',
    '9e2',
    '3600\n',
    'abc',
    '١٢',
    [900],
    43_200,
  ];
  const sessionNames = [
    'a1b2c3d4',
    'A1B2C3D4',
    'abcdefab',
    'abcdefab1',
    'abcdefg1',
    '1234',
    '12345',
    '12345abc',
    'abc12345',
    'x-0123456789-y',
    'abc1defg',
    'fedcba98-7654-3210-fedc-ba9876543210',
    'FEDCBA98-7654-3210-fedc-ba9876543210x',
    'fedcba98-7654-3210-fedc-ba987654321',
    'deadbeef',
    'facade01.facade02',
    'ﬀ12345ff',
    'ann@example.com',
    '',
    'o’neil',
    12_345,
    null,
    ['x'],
  ];
  const targets = [
    { roleName: '' },
    { roleName: 5, userName: 'u' },
    { policyArn: ['x'], groupName: 'g' },
    { instanceProfileName: 'p', roleName: 'r' },
    { policyArn: true },
    { roleName: 'Zoë "x" \\ /' },
    { roleName: '名前' },
    { RoleName: 'case' },
    {},
    { roleName: null, userName: null },
  ];
  const agents = [
    '',
    'x'.repeat(600),
    `${'é'.repeat(499)}😀😀`,
    `${'x'.repeat(499)}😀`,
    'it\'s "quoted" \\ \n\t',
    '<script>',
    '\u0001control',
    '\u001b[31mred',
  ];
  const messages = [
    ...throttles,
    { errorMessage: 'rate exceeded' },
    { errorMessage: `${'x'.repeat(190)}Rate exceeded` },
    { errorMessage: `${'x'.repeat(180)}Rate exceeded` },
    { errorCode: '' },
    { errorMessage: '' },
  ];
  const identities = [
    {},
    { type: 'AWSAccount', principalId: 'AIDAX', accountId: '999900001111' },
    { type: 'Unknown' },
    { type: 'AssumedRole', arn: 'odd' },
    { type: 'AssumedRole', arn: `arn:aws-cn:sts::${ACCOUNT}:assumed-role/cn/x` },
    { type: 'IAMUser' },
    { type: 'IAMUser', principalId: 'p' },
    { type: 'AWSService' },
    { type: 'IdentityCenterUser', onBehalfOf: { userId: 'u' }, credentialId: 'c', accountId: ACCOUNT },
    { type: 'AssumedRole', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/x/y`, sessionContext: {} },
    { type: 'AssumedRole', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/x/y`, sessionContext: { sessionIssuer: {} } },
    {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/x/y`,
      sessionContext: { sessionIssuer: null },
      accessKeyId: null,
    },
  ];
  return [
    ...durations.map((durationSeconds, n) => assume(50 + n, { roleArn, roleSessionName: 'd', durationSeconds })),
    ...sessionNames.map((roleSessionName, n) => assume(100 + n, { roleArn, roleSessionName })),
    ...[5, true, null, ['x'], { x: 1 }, 'not an ARN', ''].map((arn, n) =>
      assume(140 + n, { roleArn: arn, roleSessionName: 'r' }),
    ),
    ...[
      { externalId: null },
      { externalId: '' },
      { policy: '' },
      { policyArns: [] },
      { tags: [] },
      { sourceIdentity: 'ann' },
      { policyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }] },
    ].map((limits, n) => assume(150 + n, { roleArn, roleSessionName: 'l', ...limits })),
    ...targets.map((parameters, n) => make('iam', { at: 160 + n, name: 'GetRole', identity: user('odd'), parameters })),
    ...agents.flatMap((userAgent, n) =>
      [0, 1].map((copy) =>
        make('iam', {
          at: 170 + n + copy * 30,
          name: 'GetRole',
          identity: user('odd'),
          parameters: { roleName: 'a' },
          more: { userAgent, ...(copy === 0 ? throttles[0] : {}) },
        }),
      ),
    ),
    ...messages.map((more, n) =>
      make('iam', { at: 180 + n, name: 'GetUser', identity: user('odd'), parameters: { userName: 'a' }, more }),
    ),
    ...identities.flatMap((identity, n) => [
      make('sts', {
        at: 200 + n,
        name: 'GetCallerIdentity',
        identity,
        more: { recipientAccountId: n % 2 === 0 ? null : ACCOUNT },
      }),
      make('sts', { at: 200 + n, name: 'AssumeRole', identity, parameters: { roleArn, roleSessionName: 's' } }),
    ]),
    // A clock that is two years slow, and a Region of another partition.
    make('iam', { at: -2 * 365 * 86_400, name: 'GetRole', identity: user('odd') }),
    make('iam', { at: 260, name: 'GetRole', identity: user('odd'), more: { awsRegion: 'us-gov-west-1' } }),
    // Session names that hardly ever return, at a rate at which they could be people or requests.
    ...Array.from({ length: 90 }, (_, n) =>
      make('sts', {
        at: 400 + n * 20,
        name: 'AssumeRole',
        identity: session('names', 'names'),
        parameters: { roleArn: `arn:aws:iam::${ACCOUNT}:role/names`, roleSessionName: `order${1000 + 37 * n}` },
      }),
    ),
    // Records of old event versions lack most fields.
    ...Array.from({ length: 40 }, (_, n) =>
      oldRecord(make('iam', { at: 300 + n * 20 + random() * 9, name: 'ListUsers', identity: user('old') })),
    ),
    // Other services, other categories, damaged records: no rows.
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { eventSource: 's3.amazonaws.com' } }),
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { eventSource: 'constructor' } }),
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { eventCategory: 'Data' } }),
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { eventCategory: 'Insight' } }),
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { eventTime: 'yesterday' } }),
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { eventTime: null } }),
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { eventID: null } }),
    make('iam', { at: 1, name: 'GetRole', identity: null }),
    // Records without an ID are rows; each is a call of its own.
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { eventID: '' } }),
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { eventID: '', sharedEventID: '' } }),
    // Identities that are one text.
    ...['anonymous', 'root', '', `arn:aws:iam::${ACCOUNT}:user/text`, '"quoted"'].map((userIdentity) =>
      make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { userIdentity } }),
    ),
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { tlsDetails: 'text' } }),
    // No rows.
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { eventTime: '2026-11-20T11:00:00+01:00' } }),
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { eventTime: '2026-11-20T10:00:00.750Z' } }),
    make('iam', { at: 1, name: 'GetRole', identity: user('odd'), more: { awsRegion: null } }),
    make('iam', {
      at: 1,
      name: 'GetRole',
      identity: user('odd'),
      more: { requestParameters: { big: 'x'.repeat(5_000) } },
    }),
  ];
}

const kept = new Set([
  'eventVersion',
  'eventID',
  'eventTime',
  'eventSource',
  'eventName',
  'awsRegion',
  'sourceIPAddress',
  'userAgent',
  'userIdentity',
  'requestParameters',
]);
const oldRecord = (event: Event): Event => Object.fromEntries(Object.entries(event).filter(([name]) => kept.has(name)));
