import { ordinary, smallPrograms } from '../populations/ordinary.ts';
import { readingApplication } from '../populations/fleets.ts';
import { onDemand, steadily, together } from '../world/habits.ts';
import { anyRead, assumeRole, callerIdentity, getRole, listUsers } from '../world/requests.ts';
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

/** Throttling of STS, and load without a single cause. */
export const stsAndSharedLoadScenarios: readonly Scenario[] = [
  { name: 'iam-and-sts-culprits', minutes: 8, build: differentPools },
  { name: 'sts-of-one-region', minutes: 8, build: oneRegion },
  { name: 'sessions-use-up-sts', minutes: 8, build: sessionsUseUpSts },
  { name: 'many-share-the-load', minutes: 10, build: manyShareTheLoad },
  { name: 'accident', minutes: 60, build: anAccident },
  { name: 'half-and-half', minutes: 10, build: halfAndHalf },
  { name: 'operations-with-their-own-limits', minutes: 10, build: ownLimits },
];
