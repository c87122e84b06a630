import { Template } from 'aws-cdk-lib/assertions';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY } from '../support/template.ts';
import { auditApp } from '../../lib/audit-app.ts';

interface Policy {
  readonly Properties: {
    readonly PolicyDocument: {
      readonly Statement: { Action: string | string[]; Resource: unknown; Condition?: unknown }[];
    };
    readonly Roles: { readonly Ref: string }[];
  };
}

/** References as `<LogicalId>` without CDK's hash, so that a line is readable. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  const {
    Ref,
    'Fn::GetAtt': attribute,
    'Fn::Join': join,
    'Fn::Sub': text,
  } = value as Record<string, unknown> & { Ref?: string };
  // The name of the bootstrap stack's bucket.
  if (typeof text === 'string') return text;
  if (Ref !== undefined) return `<${Ref.replace(/[0-9A-F]{8}$/, '')}>`;
  if (attribute !== undefined) {
    const [id = '', name = ''] = attribute as string[];
    return `<${id.replace(/[0-9A-F]{8}$/, '')}.${name}>`;
  }
  const [separator, parts] = join as [string, unknown[]];
  return parts
    .map(shown)
    .join(separator)
    .replace(/[0-9a-f]{64}/, '<asset>');
}

function permissionsOf(settings: Record<string, unknown>): string[] {
  const { stack } = auditApp({ bundle: false, validate: false, settings });
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')) as Policy[];
  return policies.flatMap(({ Properties: { PolicyDocument, Roles } }) =>
    PolicyDocument.Statement.flatMap(({ Action, Resource, Condition }) =>
      [Action].flat().flatMap((action) =>
        [Resource].flat().map((resource) => {
          const condition = Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`;
          return `${shown(Roles[0])} ${action} ${shown(resource)}${condition}`;
        }),
      ),
    ),
  );
}

const fixture = (name: string): string[] =>
  readFileSync(join(__dirname, `../fixtures/permissions/${name}.txt`), 'utf8')
    .trim()
    .split('\n');

test.each<[string, Record<string, unknown>]>([
  ['own-account', {}],
  ['member-accounts', { memberRoleName: 'member', accountIds: ['111122223333', '111122223334'] }],
])('the permissions of each role: %s', (name, settings) => {
  expect(permissionsOf(settings).sort()).toEqual(fixture(name));
});

test.each<[string, Record<string, unknown>, string]>([
  ['sourceIdentity', { sourceIdentity: 'iam-audit' }, 'sts:SetSourceIdentity'],
  ['sessionTags', { sessionTags: { team: 'security' } }, 'sts:TagSession'],
])(
  'the setting %s adds only one action on the member roles, for each function that assumes them',
  (_name, added, action) => {
    const members = { memberRoleName: 'member', accountIds: ['111122223333', '111122223334'] };
    const without = permissionsOf(members);
    const assumes = without.filter((permission) => permission.includes(' sts:AssumeRole '));
    expect(assumes).toHaveLength(3 * 2);
    expect(
      permissionsOf({ ...members, ...added })
        .filter((permission) => !without.includes(permission))
        .sort(),
    ).toEqual(assumes.map((permission) => permission.replace('sts:AssumeRole', action)).sort());
  },
);

test('with source identity and session tags, the lists of member roles together are not too long for a policy', () => {
  const accountIds = Array.from({ length: 60 }, (_, n) => String(100_000_000_000 + n));
  const members = { memberRoleName: 'member', accountIds };
  const rolesOf = (settings: Record<string, unknown>): Set<string | undefined> =>
    new Set(
      permissionsOf(settings)
        .filter((permission) => permission.includes(' sts:'))
        .map((permission) => /:iam::([^:]+):role/.exec(permission)?.[1]),
    );
  expect(rolesOf(members)).toEqual(new Set(accountIds));
  expect(rolesOf({ ...members, sourceIdentity: 'iam-audit', sessionTags: { team: 'a' } })).toEqual(new Set(['*']));
});

test('the setting doctor adds only these permissions: queries in one workgroup, the trail’s logs, its own answers', () => {
  const without = new Set(permissionsOf({}));
  const doctor = { trailBucket: 'the-trail', trailPrefix: 'logs', trailKeyArn: KEY };
  expect(
    permissionsOf({ doctor })
      .filter((permission) => !without.has(permission))
      .sort(),
  ).toEqual(fixture('doctor'));
});

test('the setting securityHub adds one function, which reads findings, imports them and writes run.json', () => {
  const without = new Set(permissionsOf({}));
  expect(
    permissionsOf({ securityHub: true })
      .filter((permission) => !without.has(permission))
      .sort(),
  ).toEqual(fixture('security-hub'));
});

test('the setting accounts "organization" adds one function, which reads reports and writes its own objects', () => {
  const settings = { memberRoleName: 'member' };
  const without = new Set(permissionsOf(settings));
  const added = permissionsOf({ ...settings, accounts: 'organization' }).filter((one) => !without.has(one));
  expect(added.filter((one) => one.includes('organizationuse')).sort()).toEqual(fixture('organization'));
  // Besides, the other functions may assume the role in every account.
  expect(added.filter((one) => !one.includes('organizationuse')).every((one) => one.includes('sts:AssumeRole'))).toBe(
    true,
  );
});
