import * as fc from 'fast-check';
import type { EmulatedAccount, EmulatedUser, PolicyDocument } from '../../local/emulated-aws/account.ts';
import { simulatePrincipal } from '../../local/emulated-aws/evaluation/simulate.ts';
import { generateAccount } from '../../local/emulated-aws/generate/account.ts';

const NOW = Date.parse('2026-11-25T04:00:00.000Z');

/** Actions by service. Some are tracked. `x` is in no report. `s3` is a prefix of `s3x`. */
export const actionsOf: Record<string, { tracked: string[]; others: string[] }> = {
  s3: { tracked: ['GetPolicy', 'PutPolicy', 'List'], others: ['GetObject', 'PutObject'] },
  s3x: { tracked: [], others: ['GetObject', 'List'] },
  iam: { tracked: ['GetRole', 'PutPolicy'], others: ['PassRole'] },
  x: { tracked: [], others: ['Get'] },
};
const everyAction = Object.entries(actionsOf).flatMap(([namespace, { tracked, others }]) =>
  [...tracked, ...others].map((name) => `${namespace}:${name}`),
);

const pieces = ['*', '?', 's3', 'S3:', 's3x:', 'iam:', 'x:', 'Get', 'Put', 'Policy', 'Object', 'Role', 'List'];
const pattern = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  fc.constantFrom(...everyAction, '*', 's3:*', 's3:Get*', 'iam:*', 's3x:*'),
);
const some = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { minLength: 1, maxLength: 3 });
const resource = fc.constantFrom(
  '*',
  'arn:aws:s3:::a',
  'arn:aws:s3:::a*',
  'arn:aws:s3:::${aws:username}',
  'arn:aws:s3:::b',
);
const condition = fc.constantFrom(
  { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
  { StringNotEquals: { 'aws:RequestedRegion': ['eu-west-1', 'us-east-1'] } },
  { Bool: { 'aws:SecureTransport': 'true' } },
);
const statement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    action: fc.tuple(fc.constantFrom('Action', 'Action', 'NotAction'), some(pattern)),
    resource: fc.tuple(fc.constantFrom('Resource', 'Resource', 'NotResource'), some(resource)),
    condition: fc.option(condition),
  })
  .map(({ Effect, action: [action, actions], resource: [scope, resources], condition: when }) => ({
    Effect,
    [action]: actions.length === 1 ? actions[0] : actions,
    [scope]: resources,
    ...(when === null ? {} : { Condition: when }),
  }));
/** A policy with every kind of element that identity policies have. */
export const document = fc
  .array(statement, { minLength: 1, maxLength: 4 })
  .map((Statement): PolicyDocument => ({ Version: '2012-10-17', Statement }));

/** Requests that the emulated AWS allows to a user with these policies, each as `action resource region`. */
export function allowedBy(documents: readonly PolicyDocument[]): Set<string> {
  const account: EmulatedAccount = generateAccount({
    seed: 1,
    accountId: '111122223333',
    users: 1,
    roles: 0,
    now: NOW,
  });
  const [generated] = [...account.users.values()];
  const alice: EmulatedUser = {
    ...generated!,
    arn: 'arn:aws:iam::111122223333:user/alice',
    name: 'alice',
    groupNames: [],
    attachedPolicyArns: [],
    permissionsBoundaryArn: null,
    inlinePolicies: documents.map((one, n) => ({ name: `p${n}`, document: one })),
  };
  account.users.set('alice', alice);
  account.serviceControlPolicies = null;
  const allowed = new Set<string>();
  for (const region of ['eu-west-1', 'us-east-1', null]) {
    const contextEntries = [
      ...(region === null ? [] : [{ name: 'aws:RequestedRegion', values: [region] }]),
      ...(region === 'us-east-1' ? [] : [{ name: 'aws:SecureTransport', values: ['true'] }]),
    ];
    const resourceArns = [
      'arn:aws:s3:::a',
      'arn:aws:s3:::alice',
      'arn:aws:s3:::b',
      'arn:aws:s3:::${aws:username}',
      '*',
    ];
    for (const { action, resources } of simulatePrincipal(account, alice.arn, {
      actionNames: everyAction,
      resourceArns,
      contextEntries,
      now: NOW,
    })) {
      for (const { arn, decision } of resources) if (decision === 'allowed') allowed.add(`${action} ${arn} ${region}`);
    }
  }
  return allowed;
}
