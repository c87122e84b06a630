import type { Random } from '../../core/ports/clock.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import {
  ACCOUNT,
  agents,
  eventMaker,
  OTHER_ACCOUNT,
  pick,
  session,
  SPLIT_ACCOUNT,
  throttle,
  times,
  user,
  type Event,
  type EventMaker,
} from './event-shapes.ts';
import { oddEvents } from './odd-events.ts';
import { stsEvents } from './sts-events.ts';

/**
 * Records of IAM and STS calls of about three hours in every shape that the questions distinguish, so that each question
 * has rows. Not in order of time. The same for the same seed.
 */
export function generateLogs(seed: number): Event[] {
  const random = seededRandom(seed);
  const make = eventMaker(random);
  const parts = [auditBurst, ownLimits, retries, policyWrites, shortLives, stsEvents, oddEvents];
  const events = parts.flatMap((part) => part(make, random));
  // A file that was delivered twice.
  const copies = events.filter(() => random() < 0.02);
  return [...events, ...copies]
    .map((event) => ({ event, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ event }) => event);
}

/** Reads of IAM at a rate that gets calls of everybody throttled. Half of the throttled calls have no parameters. */
function auditBurst(make: EventMaker, random: Random): Event[] {
  const names = [
    'GetRole',
    'ListRolePolicies',
    'GetRolePolicy',
    'SimulatePrincipalPolicy',
    'GenerateServiceLastAccessedDetails',
  ];
  const callers = [
    session('audit', 'nightly'),
    user('inventory'),
    user('guest', OTHER_ACCOUNT),
    session('scanner', 'i-0a1b2c3d4e5f60718', { issuer: false }),
  ];
  return times(700, (n) => {
    const refused = random() < 0.2;
    return make('iam', {
      at: 600 + random() * 150,
      name: pick(random, names, 'GetRole'),
      identity: pick(random, n % 3 === 0 ? callers : callers.slice(0, 1), callers[0]),
      parameters: refused && random() < 0.5 ? null : { roleName: `role-${n % 40}` },
      more: { ...(refused ? throttle(random) : {}), userAgent: pick(random, Object.values(agents), agents.go) },
    });
  });
}

/** One operation has a limit of its own, which one caller uses up. Another caller makes more calls to another operation. */
function ownLimits(make: EventMaker, random: Random): Event[] {
  const of = (name: string, operation: string, count: number, refusedShare: number): Event[] =>
    times(count, (n) =>
      make('iam', {
        at: 900 + random() * 200,
        name: operation,
        identity: user(name, SPLIT_ACCOUNT),
        parameters: { roleName: `role-${n % 60}` },
        more: { recipientAccountId: SPLIT_ACCOUNT, ...(random() < refusedShare ? throttle(random) : {}) },
      }),
    );
  return [
    ...of('sync', 'GetRole', 500, 0.7),
    ...of('sync', 'TagRole', 200, 0.5),
    ...of('victim', 'GetRole', 20, 0.7),
    ...of('lister', 'ListUsers', 600, 0),
  ];
}

/** Chains of retries of one call: one caller repeats at once, another waits longer each time, a third has no parameters. */
function retries(make: EventMaker, random: Random): Event[] {
  const chain = (n: number, role: string, gaps: readonly number[], hasParameters = true): Event[] => {
    let at = 610 + n * 17 + random();
    return gaps.map((gap, place) => {
      at += gap;
      const refused = place < gaps.length - 1;
      return make('iam', {
        at,
        name: hasParameters ? 'GetPolicy' : 'GetAccountSummary',
        identity: session(role, `worker-${n % 3}`),
        parameters: hasParameters ? { policyArn: `arn:aws:iam::${ACCOUNT}:policy/p-${n}` } : null,
        more: { ...(refused ? throttle(random) : {}), sourceIPAddress: `198.51.100.${n % 4}` },
      });
    });
  };
  return times(40, (n) => [
    ...chain(n, 'fast-retries', [0, 0.2, 0.2, 0.2, 0.3, 0.3]),
    ...chain(n, 'slow-retries', [0, 1, 2, 5, 9]),
    ...chain(n, 'equal-retries', [0, 0.1, 0.4, 0.4, 2], false),
  ]).flat();
}

function policyWrites(make: EventMaker, random: Random): Event[] {
  const operations = [
    'CreatePolicyVersion',
    'DeletePolicyVersion',
    'PutRolePolicy',
    'AttachUserPolicy',
    'UpdateAssumeRolePolicy',
    'PutGroupPolicy',
  ];
  return times(150, (n) => {
    const name = operations[n % operations.length] ?? 'PutRolePolicy';
    const target = name.includes('Version')
      ? { policyArn: `arn:aws:iam::${ACCOUNT}:policy/tenants` }
      : name.includes('User')
        ? { userName: 'ann', policyArn: null }
        : name.includes('Group')
          ? { groupName: 'team' }
          : { roleName: 'tenant' };
    return make('iam', {
      at: n * 55 + random() * 30,
      name,
      identity:
        n % 9 === 0 ? { ...session('stack', 'cfn'), invokedBy: 'cloudformation.amazonaws.com' } : user('provisioner'),
      parameters: { ...target, policyDocument: `{"n":${n}}` },
      more: { readOnly: false, userAgent: agents.terraform, ...(n % 20 === 0 ? throttle(random) : {}) },
    });
  });
}

/** Policies and roles that are created for one request and deleted after it; some of them stay. */
function shortLives(make: EventMaker, random: Random): Event[] {
  const change = (at: number, name: string, parameters: unknown): Event =>
    make('iam', { at, name, identity: session('requests', 'r'), parameters, more: { readOnly: false } });
  return times(30, (n) => {
    const at = n * 200 + random() * 40;
    const policyArn = `arn:aws:iam::${ACCOUNT}:policy/short-${n}`;
    const role = { roleName: `short-${n}` };
    return [
      change(at, 'CreatePolicy', { policyName: `short-${n}` }),
      change(at, 'CreateRole', role),
      change(at + 1, n % 5 === 0 ? 'TagRole' : 'PutRolePolicy', role),
      ...(n % 7 === 0 ? [] : [change(at + 2, 'DeletePolicy', { policyArn }), change(at + 2, 'DeleteRole', role)]),
    ];
  }).flat();
}
