import {
  administratorPaths,
  everything,
  iam,
  ID,
  roleOf,
  userOf,
  type Json,
} from '../../support/administrator-paths.ts';
import { allow, document, inline, trustOf } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const boss = roleOf('boss', trustOf({ AWS: `${iam}root` }), { inline: everything });

/** The paths of a user that may do everything within a boundary. */
const within = (...statements: readonly Json[]): Promise<string[]> =>
  administratorPaths({
    users: [userOf('dev', { inline: everything, boundary: `${iam}policy/limit` })],
    roles: [boss],
    policies: [{ name: 'limit', doc: document(allow('s3:*'), ...statements) }],
  });

describe('a boundary that allows an action only on an ARN that the principal’s own policies do not name', () => {
  test.each<[string, string, Json]>([
    ['assuming a role', 'certain, sts-001 role/boss', allow('sts:AssumeRole', `${iam}role/boss`)],
    ['assuming roles of a pattern', 'certain, sts-001 role/boss', allow('sts:AssumeRole', `${iam}role/b*`)],
    ['changing trust', 'certain, iam-012 role/boss', allow('iam:UpdateAssumeRolePolicy', `${iam}role/boss`)],
    ['editing the boundary', 'certain, iam-001 user/dev', allow('iam:CreatePolicyVersion', `${iam}policy/limit`)],
  ])('%s', async (_name, path, statement) => {
    expect(await within(statement)).toEqual([path]);
  });

  test('another ARN, another account, or no such statement', async () => {
    expect(await within(allow('sts:AssumeRole', `${iam}role/other`))).toEqual([]);
    expect(await within(allow('sts:AssumeRole', 'arn:aws:iam::999988887777:role/boss'))).toEqual([]);
    expect(await within()).toEqual([]);
  });
});

describe('roles of IAM Identity Center', () => {
  const managed = { name: 'AWSReservedSSO_Dev_0123456789abcdef', path: '/aws-reserved/sso.amazonaws.com/' };

  test.each(['iam:PutRolePolicy', 'iam:AttachRolePolicy'])('can’t change themselves: %s', async (action) => {
    const role = { ...roleOf('dev', trustOf({ AWS: `${iam}root` }), { inline: inline(allow(action)) }), path: '/' };
    const rulesOf = async (more: Json): Promise<string[]> =>
      (await scanned({ id: ID, roles: [{ ...role, ...more }] })).findings.map(({ rule }) => rule);
    expect(await rulesOf({})).toContain('escalation-path');
    expect(await rulesOf(managed)).not.toContain('escalation-path');
  });
});

describe('a stack whose name a pattern limits', () => {
  const deploys = roleOf('deploys', trustOf({ Service: 'cloudformation.amazonaws.com' }), { inline: everything });
  const paths = (resource: string): Promise<string[]> =>
    administratorPaths({
      dev: [
        allow('iam:PassRole', `${iam}role/deploys`),
        allow('cloudformation:CreateStack', `arn:aws:cloudformation:*:*:${resource}`),
      ],
      roles: [deploys],
    });

  test('a star also stands for the stack’s ID', async () => {
    for (const resource of ['stack/a-*', 'stack/a-*/*', 'stack/*', 'stack/a-x/x*']) {
      expect(await paths(resource)).toEqual(['certain, cloudformation-001 role/deploys']);
    }
    for (const resource of ['stack/a-x', 'stackset/a-*', `stack/a-${ID}`]) expect(await paths(resource)).toEqual([]);
  });
});
