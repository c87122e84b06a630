import * as fc from 'fast-check';
import type { AccessedService } from '../../../core/contract/evidence.ts';
import { Candidates } from '../../../core/recommendations/observed-use.ts';
import { recommend } from '../../../core/recommendations/recommend.ts';
import type { EmulatedAccount, EmulatedUser, PolicyDocument } from '../../../local/emulated-aws/account.ts';
import { simulatePrincipal } from '../../../local/emulated-aws/evaluation/simulate.ts';
import { generateAccount } from '../../../local/emulated-aws/generate/account.ts';
import { principalRecord } from '../../support/principal-record.ts';

const NOW = Date.parse('2026-11-25T04:00:00.000Z');
const RECENT = '2026-11-20T00:00:00.000Z';
const OLD = '2026-01-20T00:00:00.000Z';
const basis = { runId: '20261125T040000Z-abcdef', unusedAfterDays: 90, generatedAt: RECENT };

/** Names of actions by service: some of them tracked, `x` in no report. `s3` begins as `s3x` does. */
const actionsOf: Record<string, { tracked: string[]; others: string[] }> = {
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
const document = fc
  .array(statement, { minLength: 1, maxLength: 4 })
  .map((Statement): PolicyDocument => ({ Version: '2012-10-17', Statement }));

const time = fc.constantFrom(null, OLD, RECENT, RECENT);
const use = fc
  .tuple(
    ...['s3', 's3x', 'iam'].map((namespace) =>
      fc.tuple(fc.constant(namespace), time, fc.array(time, { minLength: 3, maxLength: 3 })),
    ),
  )
  .map((services) =>
    services.map(([namespace, last, times]): AccessedService => {
      const { tracked } = actionsOf[namespace]!;
      return {
        namespace,
        name: namespace,
        lastAuthenticated: last,
        region: null,
        // AWS tells nothing of actions where the service was not used.
        actions:
          tracked.length === 0 || last === null
            ? null
            : tracked.map((name, n) => ({ name, lastAccessed: last === RECENT ? times[n]! : null })),
      };
    }),
  );

/** What a user with these policies may do, as the emulated AWS decides. */
function allowedBy(documents: readonly PolicyDocument[]): Set<string> {
  const account: EmulatedAccount = generateAccount({
    seed: 1,
    accountId: '111122223333',
    users: 1,
    roles: 0,
    now: NOW,
  });
  const [someone] = [...account.users.values()];
  const alice: EmulatedUser = {
    ...someone!,
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

const recommended = (documents: readonly PolicyDocument[], services: AccessedService[]) => {
  const record = principalRecord({ type: 'user', name: 'alice' });
  const candidate = new Candidates({ graceDays: 30, unusedAfterDays: 90 }, NOW).candidate({
    ...record,
    lastAccessed: { ...record.lastAccessed, services },
  });
  const held = documents.map((one, n) => ({
    kind: 'inline' as const,
    name: `p${n}`,
    group: null,
    document: JSON.stringify(one),
  }));
  const outcome = candidate === null ? null : recommend(candidate, held, basis);
  return outcome?.kind === 'recommended' ? outcome.recommendation : null;
};

test('whatever the policies and the use: nothing is granted that was not, and nothing taken that was used', () => {
  let made = 0;
  let narrower = 0;
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 3 }), use, (documents, services) => {
      const recommendation = recommended(documents, services);
      if (recommendation === null) return;
      made += 1;
      const before = allowedBy(documents);
      const after = allowedBy([recommendation.policy]);
      expect([...after].filter((request) => !before.has(request))).toEqual([]);
      if (after.size < before.size) narrower += 1;

      const mustStay = services.flatMap(({ namespace, lastAuthenticated, actions }) => {
        const used = actions?.flatMap(({ name, lastAccessed }) => (lastAccessed === RECENT ? [name] : []));
        if (used !== undefined) return used.map((name) => `${namespace}:${name}`);
        const { tracked, others } = actionsOf[namespace]!;
        return lastAuthenticated === RECENT ? [...tracked, ...others].map((name) => `${namespace}:${name}`) : [];
      });
      const lost = [...before].filter((request) => mustStay.includes(request.split(' ')[0]!) && !after.has(request));
      expect(lost).toEqual([]);
      // What is said to be gone is gone.
      const { services: gone, actions } = recommendation.removed;
      const stillThere = [...after].filter((request) => {
        const action = request.split(' ')[0]!;
        return gone.names.includes(action.split(':')[0]!) || actions.names.includes(action);
      });
      expect(stillThere).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
  expect(made).toBeGreaterThan(100);
  expect(narrower).toBeGreaterThan(50);
});

test('the order of policies and statements makes no difference', () => {
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 3 }), use, (documents, services) => {
      const turned = [...documents].reverse().map((one) => ({
        ...one,
        Statement: [...(one.Statement as unknown[])].reverse(),
      }));
      expect(recommended(turned, services)?.policy).toEqual(recommended(documents, services)?.policy);
    }),
    { numRuns: 100 },
  );
});
