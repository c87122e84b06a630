import * as v from 'valibot';
import { accountOfCase, CaseAccount } from '../../core/scan/case-format.ts';
import type { ScannedAccount } from '../../core/scan/scanned-account.ts';

type Json = Readonly<Record<string, unknown>>;

const ID = '111122223333';
const iam = `arn:aws:iam::${ID}:`;
const document = (...Statement: Json[]): Json => ({ Version: '2012-10-17', Statement });
const allow = (Action: unknown, Resource: unknown = '*', more: Json = {}): Json => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

/** Kinds of users by their number, out of 20: most have a few permissions on resources of their own. */
function statementsOfUser(n: number): Json[] {
  const kind = n % 20;
  if (kind < 12) return [allow(['s3:GetObject', 'sqs:SendMessage'], `arn:aws:s3:::bucket-${n}/*`)];
  if (kind < 16) return [allow('sts:AssumeRole', `${iam}role/team-${n % 50}-*`)];
  if (kind < 18) {
    return [
      allow('iam:PassRole', `${iam}role/app-*`),
      allow(['lambda:CreateFunction', 'lambda:InvokeFunction', 'ecs:RunTask', 'ecs:RegisterTaskDefinition']),
    ];
  }
  if (kind < 19) return [allow(['iam:CreateAccessKey', 'iam:DeleteAccessKey'], `${iam}user/\${aws:username}`)];
  return [{ Effect: 'Allow', NotAction: ['iam:Create*', `service-${n}:*`], Resource: '*' }];
}

function statementsOfRole(n: number): Json[] {
  if (n % 100 === 0) return [allow('*')];
  if (n % 7 === 0) return [allow('sts:AssumeRole', `${iam}role/team-${n % 50}-*`)];
  if (n % 11 === 0) return [allow('iam:AttachRolePolicy', `${iam}role/app-${n}*`)];
  return [allow('dynamodb:*', `arn:aws:dynamodb:*:*:table/t${n}`)];
}

/** Roles trust services, the account, users by name, or users with a tag. */
function trustOfRole(n: number, users: number): Json {
  const kind = n % 10;
  const statement = (Principal: Json, more: Json = {}): Json =>
    document({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...more });
  if (kind < 4) {
    return statement({
      Service: [kind % 2 === 0 ? 'ec2.amazonaws.com' : 'lambda.amazonaws.com', 'ecs-tasks.amazonaws.com'],
    });
  }
  if (kind < 7) return statement({ AWS: `${iam}root` });
  if (kind < 9) return statement({ AWS: [`${iam}user/u${(n * 7) % users}`, `${iam}user/u${(n * 13) % users}`] });
  const condition = { StringEquals: { 'aws:PrincipalTag/team': String(n % 30) } };
  return statement({ AWS: `${iam}root` }, { Condition: condition });
}

/** An account in which nearly every principal has a policy document of its own. @param now milliseconds since the epoch */
export function largeAccount(users: number, roles: number, now: number): ScannedAccount {
  const given = {
    id: ID,
    users: Array.from({ length: users }, (_, n) => ({
      name: `u${n}`,
      inline: [{ name: 'own', doc: document(...statementsOfUser(n)) }],
      tags: { team: String(n % 30) },
      cred: { access_key_1_active: 'true', access_key_1_last_rotated: 20 },
    })),
    roles: Array.from({ length: roles }, (_, n) => ({
      name: n % 3 === 0 ? `team-${n % 50}-${n}` : `app-${n}`,
      trust: trustOfRole(n, users),
      inline: [{ name: 'own', doc: document(...statementsOfRole(n)) }],
      lastUsed: 2,
    })),
  };
  return accountOfCase(v.parse(CaseAccount, given), now);
}
