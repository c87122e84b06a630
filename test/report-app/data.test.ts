import { defaultRoom } from '../../core/report/data/report-lines.ts';
import {
  answerOf,
  controlsOf,
  mattersOf,
  ownerOf,
  quietRulesOf,
  risksOf,
  whoInWords,
} from '../../report-app/src/data/answers.ts';
import { agoInWords, counted, dayOf } from '../../report-app/src/data/days.ts';
import { findingCells, findingHeader, toCsv } from '../../report-app/src/data/export.ts';
import {
  activityOf,
  filterFindings,
  filterPrincipals,
  groupFindings,
  isBelow,
  matcher,
  sortFindings,
  sortPrincipals,
} from '../../report-app/src/data/filter.ts';
import type { AccessPath, Finding, Principal, Report } from '../../report-app/src/data/model.ts';
import { documentKey, shortName } from '../../report-app/src/data/model.ts';
import { pathsOf } from '../../report-app/src/data/paths.ts';
import { documentOf, pretty, statementOf } from '../../report-app/src/data/policy-text.ts';
import { ratesOf } from '../../report-app/src/data/rates.ts';
import { commandsFor, exceptionFor } from '../../report-app/src/data/remedy.ts';
import { servicesOf } from '../../report-app/src/data/services.ts';
import { treeOf } from '../../report-app/src/data/tree.ts';
import { accessOf, grantOf, useOfAction } from '../../report-app/src/data/use.ts';
import { graphOf, waysToAdministrator } from '../../report-app/src/data/ways.ts';
import { linkTo, routeOf } from '../../report-app/src/data/address.ts';

const GENERATED = '2026-11-27T04:30:00.000Z';
const counts = { total: 1, complete: 1, partial: 0, failed: 0, carriedForward: 0 };
const account = (index: number, path?: string) => ({
  index,
  accountId: `${index}`.repeat(12),
  status: 'COMPLETE' as const,
  principals: counts,
  root: 'MFA',
  ...(path === undefined ? {} : { path }),
});

const principal = (name: string, given: Partial<Principal> = {}): Principal => {
  const of = given.account ?? account(1);
  const type = given.type ?? 'user';
  return {
    index: 0,
    account: of,
    arn: `arn:aws:iam::${of.accountId}:${type}/${name}`,
    type,
    name,
    path: '/',
    createdDaysAgo: 100,
    status: 'COMPLETE',
    activity: 3,
    tags: [],
    problems: [],
    managedBy: null,
    used: [],
    unused: [],
    lastAccessedStatus: 'COMPLETE',
    permissionsStatus: 'COMPLETE',
    lastAccessedDaysAgo: 0,
    permissionsDaysAgo: 0,
    isEvaluated: false,
    decisions: [],
    trust: null,
    credentials: null,
    findings: [],
    policies: null,
    recommendation: null,
    ...given,
  };
};

let made = 0;
const finding = (given: Partial<Finding> = {}): Finding => {
  made += 1;
  const arn = given.principal?.arn ?? given.arn ?? 'arn:aws:iam::111111111111:user/a';
  const paths = given.paths ?? [];
  return {
    id: `id${made}`,
    rule: 'unused-user',
    ruleText: null,
    severity: 'low',
    state: 'open',
    accountId: '111111111111',
    principal: null,
    title: `Title ${made}`,
    detail: '',
    evidence: {},
    paths,
    sharedPaths: paths,
    sinceDaysAgo: 1,
    exception: null,
    ...given,
    arn,
  };
};

const step = (from: string, to: string, by = 'iam:PassRole') => {
  return {
    from,
    to,
    changes: null,
    by,
    actions: by === 'trust' ? ['sts:AssumeRole'] : [by],
    reference: '',
    grounds: [],
  };
};
const way = (steps: ReturnType<typeof step>[], given: Partial<AccessPath> = {}): AccessPath => {
  const to = steps.at(-1)?.to ?? '';
  return {
    steps,
    to,
    gain: 'administrator',
    certainty: 'certain',
    missing: [],
    targets: [to],
    targetCount: 1,
    ...given,
  };
};
const report = (given: Partial<Report>): Report => ({
  head: { generatedAt: GENERATED } as never,
  partition: 'aws',
  accounts: [account(1)],
  principals: [],
  byArn: new Map(),
  findings: [],
  documents: new Map(),
  end: { omitted: { principals: 0, findings: 0 }, documentsOmitted: false, recommendationsOmitted: 0, unreadable: [] },
  ...given,
});

const ADMIN = 'arn:aws:iam::111111111111:role/admin';
const arn = (name: string): string => `arn:aws:iam::111111111111:user/${name}`;

describe('the answer in words', () => {
  test('counts principals and not findings; what is under conditions apart; resolved ones not at all', () => {
    const certain = (name: string): Finding =>
      finding({ rule: 'escalation-path', arn: arn(name), paths: [way([step(arn(name), ADMIN)])] });
    const answer = answerOf(
      report({
        findings: [
          certain('a'),
          certain('a'),
          finding({
            rule: 'escalation-path',
            arn: ADMIN.replace('admin', 'r'),
            paths: [way([step(ADMIN.replace('admin', 'r'), ADMIN)])],
          }),
          finding({
            rule: 'escalation-path',
            arn: arn('c'),
            paths: [way([step(arn('c'), ADMIN)], { certainty: 'possible' })],
          }),
          finding({
            rule: 'escalation-path',
            arn: arn('d'),
            paths: [way([step(arn('d'), ADMIN)], { gain: 'credentials' })],
          }),
          finding({ rule: 'unused-user', arn: arn('e') }),
          finding({ rule: 'unused-user', arn: arn('f'), state: 'resolved' }),
          finding({ rule: 'assumable-by-anyone', arn: ADMIN }),
        ],
      }),
    );
    expect([whoInWords(answer.canTakeOver), whoInWords(answer.mightTakeOver), whoInWords(answer.unused)]).toEqual([
      '1 user and 1 role',
      '1 user',
      '1 user',
    ]);
    expect([whoInWords(answer.administrators), answer.outside]).toEqual([null, 1]);
  });

  test('many principals with the same way are one matter; others stay apart', () => {
    const to = (name: string, goal: string): Finding =>
      finding({ rule: 'escalation-path', severity: 'critical', arn: arn(name), paths: [way([step(arn(name), goal)])] });
    const matters = mattersOf(
      [to('a', ADMIN), to('b', ADMIN), to('c', `${ADMIN}2`), finding(), finding({ state: 'suppressed' })],
      10,
    );
    expect(matters.map(({ findings, goal }) => [findings.length, goal])).toEqual([
      [2, ADMIN],
      [1, `${ADMIN}2`],
      [1, null],
    ]);
  });

  test('risks are in the order of severity, then number', () => {
    const risks = risksOf([
      finding({ rule: 'b', severity: 'high' }),
      finding({ rule: 'a' }),
      finding({ rule: 'c', severity: 'high' }),
      finding({ rule: 'c', severity: 'high' }),
    ]);
    expect(risks.map(({ rule, findings }) => [rule, findings.length])).toEqual([
      ['c', 2],
      ['b', 1],
      ['a', 1],
    ]);
  });

  test('controls without findings are listed too, and numbers are in their order', () => {
    const rules = [
      { id: 'a', controls: ['CIS 1.10', 'CIS 1.9'] },
      { id: 'b', controls: ['CIS 1.9'] },
      { id: 'c', controls: ['FSBP IAM.1'] },
    ];
    const findings = [finding({ rule: 'a' }), finding({ rule: 'b' }), finding({ rule: 'b', state: 'suppressed' })];
    expect(controlsOf({ findings, head: { rules } as never })).toEqual([
      { control: 'CIS 1.9', rules: ['a', 'b'], findings: 2 },
      { control: 'CIS 1.10', rules: ['a'], findings: 1 },
      { control: 'FSBP IAM.1', rules: ['c'], findings: 0 },
    ]);
  });

  test('rules without a finding are those that found nothing, or whose findings are all resolved', () => {
    const rules = ['open', 'accepted', 'resolved', 'silent'].map((id) => ({ id }));
    const findings = [
      finding({ rule: 'open' }),
      finding({ rule: 'accepted', state: 'suppressed' }),
      finding({ rule: 'resolved', state: 'resolved' }),
    ];
    expect(quietRulesOf({ findings, head: { rules } as never }).map(({ id }) => id)).toEqual(['resolved', 'silent']);
  });

  test('the owner is the first tag that names one, in any case of letters', () => {
    expect(
      ownerOf(
        principal('a', {
          tags: [
            ['Team', 'x'],
            ['OWNER', 'y'],
          ],
        }),
      ),
    ).toBe('y');
    expect([ownerOf(principal('a', { tags: [['other', 'x']] })), ownerOf(null)]).toEqual([null, null]);
  });
});

describe('filters', () => {
  const a = principal('alice', { tags: [['team', 'red']], account: account(1, 'Root/Work') });
  const b = principal('bob', { account: account(2, 'Root/Workshop') });
  const findings = [
    finding({ principal: a, severity: 'high', state: 'new' }),
    finding({
      principal: b,
      accountId: b.account.accountId,
      rule: 'other',
      ruleText: { id: 'other', controls: ['CIS 1'] } as never,
    }),
    finding({ principal: b, accountId: b.account.accountId, state: 'resolved' }),
  ];
  const all = report({ findings, accounts: [a.account, b.account], principals: [a, b] });
  const found = (query: Record<string, string>) =>
    filterFindings(all, new Map(Object.entries(query))).map((one) => findings.indexOf(one));

  test.each([
    [{}, [0, 1]],
    [{ state: 'all' }, [0, 1, 2]],
    [{ state: 'new' }, [0]],
    [{ severity: 'high,critical' }, [0]],
    [{ rule: 'other' }, [1]],
    [{ rule: 'other,unused-user' }, [0, 1]],
    [{ account: '222222222222' }, [1]],
    // A unit's name is not a prefix of another unit's name.
    [{ unit: 'Root/Work' }, [0]],
    [{ unit: 'Root' }, [0, 1]],
    [{ tag: 'team=red' }, [0]],
    [{ tag: 'team' }, [0]],
    [{ tag: 'team=' }, []],
    [{ owner: 'red' }, [0]],
    [{ control: 'CIS 1' }, [1]],
    [{ q: 'ALICE' }, [0]],
    [{ q: 'user bob' }, [1]],
  ])('findings with %j', (query, expected) => {
    expect(found(query)).toEqual(expected);
  });

  test('all words must be found', () => {
    expect([matcher('a b')('b a'), matcher('a c')('b a'), matcher('')('x')]).toEqual([true, false, true]);
  });

  test('principals by type, activity, unit and finding', () => {
    const idle = principal('idle', { activity: null, type: 'role' });
    const unknown = principal('unknown', { activity: undefined, findings: [finding({ severity: 'critical' })] });
    const some = report({ principals: [a, b, idle, unknown] });
    const names = (query: Record<string, string>) =>
      filterPrincipals(some, new Map(Object.entries(query))).map(({ name }) => name);
    expect(names({ type: 'role' })).toEqual(['idle']);
    expect(names({ activity: 'never' })).toEqual(['idle']);
    expect(names({ activity: 'unknown' })).toEqual(['unknown']);
    expect(names({ unit: 'Root/Work' })).toEqual(['alice']);
    expect(names({ severity: 'critical' })).toEqual(['unknown']);
    const policies = { p: 0, inline: [], attached: ['arn:p'], groups: ['g'], boundary: 'arn:b' };
    const one = report({ principals: [a, principal('with', { policies })] });
    const found = [{ policy: 'arn:p' }, { policy: 'arn:b' }, { group: 'g' }].map((query) =>
      filterPrincipals(one, new Map(Object.entries(query))).map(({ name }) => name),
    );
    expect(found).toEqual([['with'], ['with'], ['with']]);
    expect(activityOf(principal('x', { activity: 91 }))).toBe('old');
    expect([isBelow('Root/A', 'Root'), isBelow('Rooted', 'Root'), isBelow(null, 'Root')]).toEqual([true, false, false]);
  });

  test('findings and principals are sorted and grouped; the data itself is not changed', () => {
    const one = finding({ severity: 'low', sinceDaysAgo: 9, rule: 'z' });
    const two = finding({ severity: 'critical', sinceDaysAgo: 1, rule: 'a' });
    const list = [one, two];
    expect(sortFindings(list, 'severity')[0]).toBe(two);
    expect(sortFindings(list, 'oldest')[0]).toBe(one);
    expect(sortFindings(list, 'unknown')[0]).toBe(two);
    expect(list[0]).toBe(one);
    expect(groupFindings(list, 'rule').map(({ key }) => key)).toEqual(['z', 'a']);
    expect(groupFindings(list, 'owner').map(({ key }) => key)).toEqual(['no owner tag']);
    const managed = { policy: 'arn:aws:iam::aws:policy/AdministratorAccess', statement: 'statement 1' };
    const taken = { ...step('a', 'b'), grounds: [{ policy: 'trust policy', statement: 'x' }, managed] };
    const taking = { ...way([]), steps: [taken] };
    const ofPolicies = [
      finding({ evidence: { grounds: [managed] } }),
      finding({ evidence: { grounds: [{ policy: 'inline policy own', statement: 'statement 2' }] } }),
      finding({ paths: [taking] }),
      one,
    ];
    expect(groupFindings(ofPolicies, 'policy').map(({ key, findings }) => [key, findings.length])).toEqual([
      ['arn:aws:iam::aws:policy/AdministratorAccess', 2],
      ['inline policy own of user a', 1],
      ['no policy named', 1],
    ]);
    const risky = principal('z', { findings: [two] });
    expect(sortPrincipals([principal('a'), risky], 'risk', false)[0]).toBe(risky);
    expect(sortPrincipals([principal('b'), principal('a')], 'name', true).map(({ name }) => name)).toEqual(['b', 'a']);
    const byIdle = [principal('u', { activity: undefined }), principal('n', { activity: null }), principal('r')];
    expect(sortPrincipals(byIdle, 'activity', false).map(({ name }) => name)).toEqual(['r', 'n', 'u']);
  });
});

describe('use and access', () => {
  const user = principal('a', {
    used: [
      {
        namespace: 's3',
        name: 'S3',
        daysAgo: 2,
        region: null,
        actions: new Map([['GetObject', 5]]),
        unusedActions: ['PutBucketPolicy'],
      },
      { namespace: 'iam', name: 'IAM', daysAgo: 1, region: null, actions: new Map(), unusedActions: [] },
    ],
    unused: [['sqs', 'SQS']],
  });

  test('an action without tracking is not called unused while its service is used', () => {
    expect(useOfAction(user, 's3:GetObject')).toEqual({ kind: 'used', daysAgo: 5 });
    expect(useOfAction(user, 's3:PutObject')).toEqual({ kind: 'service', daysAgo: 2 });
    // AWS tracks the action, and reports no use of it.
    expect(useOfAction(user, 's3:PutBucketPolicy')).toEqual({ kind: 'never' });
    expect(useOfAction(user, 'sqs:SendMessage')).toEqual({ kind: 'never' });
    // AWS's report does not list the service.
    expect(useOfAction(user, 'sns:Publish')).toEqual({ kind: 'unknown' });
    // AWS never reports the use of iam:PassRole.
    expect(useOfAction(user, 'iam:PassRole')).toEqual({ kind: 'unknown' });
    // Called without credentials, so AWS can't report it for a principal.
    expect(useOfAction(user, 'sts:AssumeRoleWithWebIdentity')).toEqual({ kind: 'unknown' });
    expect(useOfAction({ ...user, lastAccessedStatus: 'FAILED' }, 's3:GetObject')).toEqual({ kind: 'unknown' });
  });

  test('what the organization or a boundary stops is no access', () => {
    const decision = {
      action: 's3:PutObject',
      decision: 'implicitDeny',
      missingContext: [],
      resources: [],
      stopped: [],
      categories: ['escalation'],
    } as const;
    expect(grantOf(decision)).toBeNull();
    expect(grantOf({ ...decision, decision: 'allowed' })).toBe('everything');
    expect(grantOf({ ...decision, resources: [['arn', 'allowed']] })).toBe('some');
    expect(grantOf({ ...decision, resources: [['arn', 'allowed']], stopped: ['organization'] })).toBeNull();
    expect(grantOf({ ...decision, missingContext: ['aws:SourceIp'] })).toBe('condition');
    const access = accessOf({
      ...user,
      decisions: [
        { ...decision, decision: 'allowed' },
        { ...decision, action: 'sqs:SendMessage', decision: 'allowed' },
      ],
    });
    expect(access.get('escalation')).toEqual({ allowed: 2, used: 1 });
    expect(access.get('service:sqs')).toEqual({ allowed: 1, used: 0 });
  });

  test('services count principals with data only', () => {
    const services = servicesOf(report({ principals: [user, { ...user, lastAccessedStatus: 'FAILED' }] }), '');
    expect(services.find(({ namespace }) => namespace === 'sqs')).toEqual({
      namespace: 'sqs',
      name: 'SQS',
      allowed: 1,
      used: 0,
      lately: 0,
      lastUsed: null,
      accounts: 1,
    });
    expect(servicesOf(report({ principals: [user] }), '999999999999')).toEqual([]);
  });
});

describe('ways', () => {
  test('evidence of another form gives no way, and never an error', () => {
    expect(pathsOf({})).toEqual([]);
    expect(pathsOf({ paths: 'x' })).toEqual([]);
    expect(
      pathsOf({ paths: [null, { steps: [{ from: 1 }] }, { steps: [{ from: 'a', to: 'b', by: 'iam:PassRole' }] }] }),
    ).toMatchObject([{ steps: [{ from: 'a', to: 'b', actions: ['iam:PassRole'] }], gain: '' }]);
  });

  test('a certain way comes before a shorter one that may be open', () => {
    const evidence = (certainty: string, to: string) => ({ steps: [{ from: 'a', to, by: 'x:Y' }], to, certainty });
    expect(pathsOf({ paths: [evidence('possible', 'b'), evidence('certain', 'c')] }).map(({ to }) => to)).toEqual([
      'c',
      'b',
    ]);
  });

  test('principals with the same way are one group and one node', () => {
    const from = (name: string, certainty = 'certain') =>
      finding({
        rule: 'escalation-path',
        arn: arn(name),
        paths: [way([step(arn(name), `${ADMIN}1`, 'trust'), step(`${ADMIN}1`, ADMIN)], { certainty })],
      });
    const itself = finding({
      rule: 'escalation-path',
      arn: arn('s'),
      paths: [way([step(arn('s'), arn('s'), 'iam:AttachUserPolicy')])],
    });
    const groups = waysToAdministrator(report({ findings: [from('c', 'possible'), from('a'), from('b'), itself] }));
    expect(groups.map(({ findings, isCertain }) => [findings.length, isCertain])).toEqual([
      [2, true],
      [1, true],
      [1, false],
    ]);
    const { nodes, edges } = graphOf(groups, shortName);
    expect(nodes.map(({ label }) => label)).toEqual([
      'Administrator',
      '2 principals',
      'role admin1',
      'role admin',
      'user s',
      'user c',
    ]);
    expect(edges).toHaveLength(5);
    expect(edges.filter(({ isCertain }) => !isCertain).map(({ label }) => label)).toEqual(['trust policy']);
  });
});

describe('texts', () => {
  test('documents and statements are found by the grounds of a step', () => {
    const a = principal('a', { index: 4 });
    const role = principal('r', { index: 5, type: 'role' });
    const data = report({
      byArn: new Map([[role.arn, role]]),
      documents: new Map([
        [documentKey(4, 'inline', 'own'), '{"Statement":[{"Sid":"One"},{"Action":"x"}]}'],
        [documentKey(5, 'trust', 'trust policy'), '{"Statement":{"Sid":"T"}}'],
        [documentKey(null, 'group', 'g/p'), 'group'],
        [documentKey(null, 'managed', 'arn:aws:iam::aws:policy/X'), 'not JSON'],
      ]),
    });
    const own = documentOf(data, 'inline policy own', a, '') ?? '';
    expect(statementOf(own, { policy: '', statement: 'One' })).toBe('{\n  "Sid": "One"\n}');
    expect(statementOf(own, { policy: '', statement: 'statement 2' })).toContain('"Action": "x"');
    expect(statementOf(own, { policy: '', statement: 'statement 9' })).toBeNull();
    expect(documentOf(data, 'trust policy', a, role.arn)).toContain('"T"');
    expect(documentOf(data, 'inline policy p of group g', a, '')).toBe('group');
    expect(documentOf(data, 'inline policy other', a, '')).toBeNull();
    expect(statementOf('not JSON', { policy: '', statement: 'One' })).toBeNull();
    expect([pretty('{"a":1}'), pretty('x')]).toEqual(['{\n  "a": 1\n}', 'x']);
  });

  test('a cell that a spreadsheet would run is made inert', () => {
    const csv = toCsv(findingHeader, [findingCells(finding({ title: '=1+1', detail: 'a "b"\nc' }), GENERATED)]);
    expect(csv).toContain(`"'=1+1"`);
    expect(csv).toContain('"a ""b""\nc"');
    expect(csv.split('\r\n')[0]).toBe(findingHeader.map((name) => `"${name}"`).join(','));
  });

  test('commands are quoted for a shell, and none changes a role that others manage', () => {
    const evil = principal("a'; rm -rf /", {});
    const commands = commandsFor(finding({ principal: evil, rule: 'unused-user' })).map(({ command }) => command);
    expect(commands.join('\n')).toContain(String.raw`--user-name 'a'\''; rm -rf /'`);
    const managed = principal('r', { type: 'role', managedBy: 'identityCenter' });
    expect(
      commandsFor(finding({ principal: managed, rule: 'unused-role' })).every(({ command }) =>
        command.startsWith('npx'),
      ),
    ).toBe(true);
    expect(commandsFor(finding())).toEqual([]);
    expect(JSON.parse(exceptionFor(finding({ arn: arn('a') }), GENERATED))).toMatchObject({
      exceptions: [{ rule: 'unused-user', arn: arn('a'), expires: '2027-02-25' }],
    });
  });

  test('days, counts and addresses', () => {
    expect([dayOf(GENERATED, 0), dayOf(GENERATED, 27), dayOf(GENERATED, -1)]).toEqual([
      '2026-11-27',
      '2026-10-31',
      '2026-11-28',
    ]);
    expect([agoInWords(0), agoInWords(1), agoInWords(2)]).toEqual(['today', 'yesterday', '2 days ago']);
    expect([counted(1, 'user'), counted(2, 'identity', 'identities'), counted(1_000, 'row')]).toEqual([
      '1 user',
      '2 identities',
      '1,000 rows',
    ]);
    const link = linkTo('findings', { q: 'a&b=c#d', empty: '' });
    expect(routeOf(link)).toEqual({ view: 'findings', query: new Map([['q', 'a&b=c#d']]) });
    expect(routeOf('#/nonsense').view).toBe('overview');
    expect(routeOf('').view).toBe('overview');
  });

  test('rates have the intervals without calls too', () => {
    const { times, operations } = ratesOf({
      stepSeconds: 10,
      operations: { b: [[5, 10, 1, 20_000]], a: [[7, 40, 0, 0]] },
    });
    expect(times).toEqual([50_000, 60_000, 70_000]);
    expect(operations).toEqual([
      { operation: 'a', sent: [0, 0, 4], throttled: [0, 0, 0], waited: [0, 0, 0] },
      { operation: 'b', sent: [1, 0, 0], throttled: [0.1, 0, 0], waited: [2, 0, 0] },
    ]);
    expect(ratesOf({ stepSeconds: 10, operations: {} })).toEqual({ times: [], operations: [] });
  });

  test('the tree adds up accounts, principals and what is not complete', () => {
    const tree = treeOf({
      accounts: [account(1, 'Root/A'), { ...account(2, 'Root/A/B'), status: 'FAILED' }, account(3, 'Root')],
    });
    const [root] = tree.units;
    expect(root?.totals).toEqual({ accounts: 3, principals: 3, notComplete: 1 });
    expect(root?.units[0]).toMatchObject({ name: 'A', path: 'Root/A', totals: { accounts: 2, notComplete: 1 } });
  });
});

test('the room of a report is what the bounds of the file allow', () => {
  expect(defaultRoom.principals).toBe(20_000);
});
