import type { EmulatedAccount, PolicyDocument } from '../../../local/emulated-aws/account.ts';
import { Emulation } from '../../../local/emulated-aws/emulation.ts';
import { generateAccount } from '../../../local/emulated-aws/generate/account.ts';
import type { IssuedCredentials } from '../../../local/emulated-aws/sessions.ts';
import { seededRandom } from '../../../local/seeded-random.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { emulatedSts, type StsAnswer } from '../../support/emulated-sts.ts';
import { assumeRoleCases, type AssumeRoleCase, type Statements } from '../../support/policy-cases.ts';

const HUB = '111122223333';
const MEMBER = '111122223334';
const START = Date.parse('2026-11-23T04:00:00Z');
const document = (statements: Statements, Version = '2012-10-17'): PolicyDocument => ({
  Version,
  Statement: statements,
});
const allowsAssuming: Statements = [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }];

function accountOf(accountId: string): EmulatedAccount {
  return generateAccount({ seed: 1, accountId, users: 1, roles: 1, now: START });
}

/** Adds the role or user with the case's policies. */
function addCaller(account: EmulatedAccount, wanted: AssumeRoleCase): void {
  const boundaryArn = `arn:aws:iam::${HUB}:policy/boundary`;
  if (wanted.boundary !== undefined) {
    const version = { id: 'v1', isDefault: true, createdAt: START, document: document(wanted.boundary) };
    const entity = { arn: boundaryArn, name: 'boundary', path: '/', policyId: 'ANPA', createdAt: START };
    account.policies.set(boundaryArn, { ...entity, versions: [version] });
  }
  const common = {
    inlinePolicies: [{ name: 'own', document: document(wanted.identity ?? allowsAssuming) }],
    attachedPolicyArns: [],
    permissionsBoundaryArn: wanted.boundary === undefined ? null : boundaryArn,
    tags: { team: 'red' },
  };
  const [role] = [...account.roles.values()];
  const [user] = [...account.users.values()];
  const ci = { arn: `arn:aws:iam::${HUB}:role/apps/ci`, name: 'ci', path: '/apps/' };
  const ann = { arn: `arn:aws:iam::${HUB}:user/people/ann`, name: 'ann', path: '/people/' };
  const opener = { arn: `arn:aws:iam::${HUB}:user/opener`, name: 'opener', path: '/' };
  const trustPolicy = document([{ Effect: 'Allow', Principal: { AWS: opener.arn }, Action: 'sts:AssumeRole' }]);
  account.roles.set('ci', { ...role!, ...common, ...ci, trustPolicy });
  account.users.set('ann', { ...user!, ...common, ...ann, groupNames: [] });
  const none = { inlinePolicies: [], attachedPolicyArns: [], permissionsBoundaryArn: null, tags: {}, groupNames: [] };
  account.users.set('opener', { ...user!, ...none, ...opener });
}

function emulationOf(wanted: AssumeRoleCase): { emulation: Emulation; roleArn: string } {
  const hub = accountOf(HUB);
  const member = accountOf(MEMBER);
  addCaller(hub, wanted);
  hub.serviceControlPolicies = wanted.scps?.map((level) => level.map((policy) => document(policy))) ?? null;
  member.serviceControlPolicies = wanted.targetScps?.map((level) => level.map((policy) => document(policy))) ?? null;
  const target = wanted.target === 'same' ? hub : member;
  const roleArn = `arn:aws:iam::${target.accountId}:role/audit/reader`;
  const [role] = [...target.roles.values()];
  const trustPolicy = document(wanted.trust, wanted.version);
  target.roles.set('reader', { ...role!, arn: roleArn, name: 'reader', path: '/audit/', tags: {}, trustPolicy });
  const emulation = new Emulation({
    accounts: [hub, member],
    clock: new VirtualClock(START),
    random: seededRandom(1),
    limit: null,
    ...(wanted.outside === true ? { organization: { outside: [HUB] } } : {}),
  });
  return { emulation, roleArn };
}

async function credentialsOf(emulation: Emulation, wanted: AssumeRoleCase): Promise<IssuedCredentials> {
  const expiresAt = START + 3_600_000;
  if (wanted.caller === 'user') return emulation.issueUser(HUB, 'ann');
  if (wanted.caller === 'unknown') return emulation.issueSession(HUB, 'none', expiresAt);
  if (wanted.session === undefined) return emulation.issueSession(HUB, 'ci', expiresAt);
  const { answer, credentials } = await emulatedSts(emulation, emulation.issueUser(HUB, 'opener'), {
    RoleArn: `arn:aws:iam::${HUB}:role/apps/ci`,
    RoleSessionName: 'session',
    Policy: JSON.stringify(document(wanted.session)),
  });
  if (credentials === null) throw new Error(answer);
  return credentials;
}

test.each(assumeRoleCases().map((wanted) => [wanted.name, wanted] as const))('%s', async (_name, wanted) => {
  const { emulation, roleArn } = emulationOf(wanted);
  const answer: StsAnswer = await emulatedSts(emulation, await credentialsOf(emulation, wanted), {
    RoleArn: wanted.roleArn ?? roleArn,
    RoleSessionName: 'iam-audit-red',
    ...(wanted.externalId === undefined ? {} : { ExternalId: wanted.externalId }),
    ...(wanted.sourceIdentity === undefined ? {} : { SourceIdentity: wanted.sourceIdentity }),
    ...Object.fromEntries(
      Object.entries(wanted.tags ?? {}).flatMap(([key, value], n) => [
        [`Tags.member.${n + 1}.Key`, key],
        [`Tags.member.${n + 1}.Value`, value],
      ]),
    ),
  });
  expect({ status: answer.status, code: answer.code }).toEqual(
    wanted.allowed ? { status: 200, code: null } : { status: 403, code: 'AccessDenied' },
  );
});
