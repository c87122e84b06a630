import { ordinary, smallPrograms } from '../populations/ordinary.ts';
import { readingApplication } from '../populations/fleets.ts';
import { onDemand, steadily, together } from '../world/habits.ts';
import { anyRead, assumeRole, callerIdentity, getRole, listUsers, write } from '../world/requests.ts';
import type { World } from '../world/world.ts';
import { limitIam, limitSts, type Scenario, type Truth } from './scenario.ts';

const culprits = (...callers: readonly string[]): Truth => ({ found: { callers } });

function differentPools(world: World): Truth {
  ordinary(world);
  const iam = limitIam(world);
  const sts = limitSts(world);
  smallPrograms(world, 5, 0.2 * iam);
  const reader = readingApplication(world, 'reporting', 'jsStandard', 1.4 * iam, 20);
  const asker = world.role('gateway');
  for (let n = 0; n < 4; n += 1) {
    const client = world.client({ caller: world.session(asker), sdk: 'goV2' });
    world.start(onDemand(world, client, (1.4 * sts) / 4, () => callerIdentity));
  }
  return culprits(reader.roleArn, asker.roleArn);
}

/** STS of one Region is throttled; the same role is harmless in another Region. */
function oneRegion(world: World): Truth {
  ordinary(world);
  const rate = limitSts(world, 'us-west-2');
  const asker = world.role('gateway-west');
  const client = world.client({ caller: world.session(asker), sdk: 'jsStandard', region: 'us-west-2' });
  world.start(onDemand(world, client, 1.5 * rate, () => callerIdentity));
  const harmless = world.client({ caller: world.session(world.role('gateway-east')), sdk: 'jsStandard' });
  world.start(onDemand(world, harmless, 2 * rate, () => callerIdentity));
  const victim = world.client({ caller: world.session(world.role('small-west')), sdk: 'goV2', region: 'us-west-2' });
  world.start(steadily(world, victim, 0.5, () => callerIdentity));
  return culprits(asker.roleArn);
}

/** The limit of STS is used up by a program that assumes a role at each request. */
function sessionsUseUpSts(world: World): Truth {
  ordinary(world);
  const rate = limitSts(world);
  const role = world.role('file-service');
  const target = world.role('bucket-access');
  for (let n = 0; n < 3; n += 1) {
    const client = world.client({ caller: world.session(role), sdk: 'jsStandard' });
    world.start(onDemand(world, client, (1.4 * rate) / 3, () => assumeRole({ role: target, sessionName: 'files' })));
  }
  const victim = world.client({ caller: world.session(world.role('small-asker')), sdk: 'goV2' });
  world.start(steadily(world, victim, 0.8, () => callerIdentity));
  return { found: { callers: [role.roleArn], 'credential-cache': [role.roleArn] } };
}

/** Forty programs share the load: nobody stands out. */
function manyShareTheLoad(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 40, 1.3 * rate);
  return {};
}

/** A handful of throttled calls in an hour of ordinary work: an accident. */
function anAccident(world: World): Truth {
  ordinary(world);
  world.limit('iam:111122223333', { rate: 12, size: 12 });
  smallPrograms(world, 6, 2);
  const role = world.role('once');
  const client = world.client({ caller: world.session(role), sdk: 'jsStandard' });
  together(
    world,
    client,
    Array.from({ length: 15 }, () => anyRead(world)),
    15,
    600_000,
  );
  return { either: { callers: [role.roleArn] } };
}

/** A third of the load comes from one caller, the rest from twelve equal ones: neither side is the cause alone. */
function halfAndHalf(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 12, 0.8 * rate);
  const role = readingApplication(world, 'reporting', 'jsStandard', 0.45 * rate, 10);
  return { either: { callers: [role.roleArn] } };
}

/** Each operation of IAM has its own limit: the caller with most calls makes them to an operation that is not throttled. */
function ownLimits(world: World): Truth {
  ordinary(world);
  const rate = world.draw(4, 8);
  world.limit('iam:111122223333:ListUsers', { rate, size: 2 * rate });
  const reader = world.client({ caller: world.session(world.role('reader')), sdk: 'jsStandard' });
  world.start(onDemand(world, reader, 6 * rate, () => getRole(`service-${Math.floor(90 * world.random())}`)));
  const lister = world.role('lister');
  for (let n = 0; n < 3; n += 1) {
    const client = world.client({ caller: world.session(lister), sdk: 'goV2' });
    world.start(onDemand(world, client, (1.4 * rate) / 3, () => listUsers));
  }
  const victim = world.client({ caller: world.session(world.role('victim')), sdk: 'botocoreStandard' });
  world.start(steadily(world, victim, 0.1 * rate, () => listUsers));
  return culprits(lister.roleArn);
}

/** The limit of one operation. */
const limitOperation = (world: World, operation: string, rate: number): void => {
  world.limit(`iam:111122223333:${operation}`, { rate, size: 2 * rate });
};

/** A program that reads one user after the other. Its operation has a limit of its own, which it does not reach. */
function innocentUserSync(world: World, perSecond: number): void {
  limitOperation(world, 'GetUser', 3 * perSecond);
  const client = world.client({ caller: world.session(world.role('user-sync')), sdk: 'javaV2' });
  const getUser = () => write('GetUser', { userName: `user-${Math.floor(900 * world.random())}` });
  world.start(onDemand(world, client, perSecond, getUser));
}

/** Each operation has its own limit. The culprit repeats throttled calls without a wait, so most calls are its own. */
function ownLimitsAndRetries(world: World): Truth {
  ordinary(world);
  const rate = world.draw(4, 8);
  limitOperation(world, 'GetRole', rate);
  innocentUserSync(world, 2 * rate);
  const role = world.role('role-sync');
  for (let n = 0; n < 8; n += 1) {
    const client = world.client({ caller: world.session(role), sdk: 'loop100ms' });
    world.start(
      steadily(world, client, (1.5 * rate) / 8, () => getRole(`service-${Math.floor(400 * world.random())}`)),
    );
  }
  const victim = world.client({ caller: world.session(world.role('victim')), sdk: 'jsStandard' });
  world.start(steadily(world, victim, 0.1 * rate, () => getRole('orders')));
  return { found: { callers: [role.roleArn], backoff: [role.roleArn] } };
}

/** Each operation has its own limit. The culprit reaches those of three operations. */
function severalOwnLimits(world: World): Truth {
  ordinary(world);
  const rate = world.draw(4, 8);
  for (const operation of ['GetRole', 'ListRolePolicies', 'ListAttachedRolePolicies'])
    limitOperation(world, operation, rate);
  innocentUserSync(world, 3 * rate);
  smallPrograms(world, 4, 0.3 * rate);
  return culprits(readingApplication(world, 'reporting', 'botocoreStandard', 5 * rate, 40).roleArn);
}

/** Each operation has its own limit. Another caller of another operation is throttled a little, under its own limit. */
function anotherLimitReachedSometimes(world: World): Truth {
  ordinary(world);
  const rate = world.draw(4, 8);
  limitOperation(world, 'GetRole', rate);
  limitOperation(world, 'ListUsers', 5 * rate);
  const lister = world.client({ caller: world.session(world.role('lister')), sdk: 'jsStandard' });
  world.start(onDemand(world, lister, 4.7 * rate, () => listUsers));
  const role = world.role('role-sync');
  for (let n = 0; n < 12; n += 1) {
    const client = world.client({ caller: world.session(role), sdk: 'botocoreLegacy' });
    world.start(steadily(world, client, (2 * rate) / 12, () => getRole(`service-${Math.floor(400 * world.random())}`)));
  }
  return culprits(role.roleArn);
}

/** All operations share one limit. The culprit writes, and only others read. */
function writesThrottleReads(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 8, 0.3 * rate);
  const role = world.role('tagger');
  for (let n = 0; n < 10; n += 1) {
    const client = world.client({ caller: world.session(role), sdk: 'javaV2' });
    const tag = () => write('TagRole', { roleName: `service-${Math.floor(400 * world.random())}`, tags: [] });
    world.start(steadily(world, client, (1.5 * rate) / 10, tag));
  }
  return culprits(role.roleArn);
}

/** Throttling of STS, and load without a single cause. */
export const stsAndSharedLoadScenarios: readonly Scenario[] = [
  { name: 'iam-and-sts-culprits', minutes: 8, build: differentPools },
  { name: 'sts-of-one-region', minutes: 8, build: oneRegion },
  { name: 'sessions-use-up-sts', minutes: 8, build: sessionsUseUpSts },
  { name: 'many-share-the-load', minutes: 10, build: manyShareTheLoad },
  { name: 'accident', minutes: 60, build: anAccident },
  { name: 'half-and-half', minutes: 10, build: halfAndHalf },
  { name: 'operations-with-their-own-limits', minutes: 10, build: ownLimits },
  { name: 'own-limits-and-retries', minutes: 10, build: ownLimitsAndRetries },
  { name: 'several-own-limits', minutes: 10, build: severalOwnLimits },
  { name: 'another-limit-reached-sometimes', minutes: 10, build: anotherLimitReachedSometimes },
  { name: 'writes-throttle-reads', minutes: 10, build: writesThrottleReads },
];
