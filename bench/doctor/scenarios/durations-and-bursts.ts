import { cachingFleet, readingApplication } from '../populations/fleets.ts';
import { ordinary, smallPrograms } from '../populations/ordinary.ts';
import { burstingScanner, pacedReader, wholeAccount } from '../populations/tools.ts';
import { together, withCache } from '../world/habits.ts';
import type { World } from '../world/world.ts';
import { limitIam, type Scenario, type Truth } from './scenario.ts';

/** Instances whose sessions are shorter than the hour that role chaining allows. */
const shortSessions = (
  count: number,
  durationSeconds: number,
  sdk: 'jsStandard' | 'goV2' | 'botocoreStandard',
): Scenario['build'] =>
  function build(world): Truth {
    ordinary(world);
    const role = world.role('orders');
    cachingFleet(world, { role, target: world.role('shared-data'), count, sdk, durationSeconds, needEveryMs: 15_000 });
    return { found: { 'session-duration': [role.roleArn] } };
  };

/** Sessions of the longest time that role chaining allows. */
function longestChain(world: World): Truth {
  ordinary(world);
  cachingFleet(world, {
    role: world.role('orders'),
    target: world.role('shared-data'),
    count: 30,
    sdk: 'jsStandard',
    durationSeconds: 3_600,
    needEveryMs: 15_000,
  });
  return {};
}

/** A user's keys: sessions of 15 minutes could last hours. */
function shortSessionsOfUser(world: World): Truth {
  ordinary(world);
  const caller = world.user('exporter');
  for (let n = 0; n < 5; n += 1) {
    const client = world.client({ caller, sdk: 'jsStandard' });
    world.start(
      withCache(world, client, { role: world.role('export'), sessionName: 'export', durationSeconds: 900 }, 10_000),
    );
  }
  return { found: { 'session-duration': [caller.arn] } };
}

/** One process reads forty accounts with short sessions: it renews few sessions of each role, and many together. */
function shortSessionsOfManyRoles(world: World): Truth {
  ordinary(world);
  const role = world.role('monitor');
  const client = world.client({ caller: world.session(role), sdk: 'jsStandard' });
  for (let n = 0; n < 40; n += 1) {
    const target = world.role('read', { accountId: String(444_400_000_000 + n) });
    const session = { role: target, sessionName: 'monitor', durationSeconds: 900 };
    world.start(withCache(world, client, session, 20_000), world.draw(0, 300_000));
  }
  return { found: { 'session-duration': [role.roleArn] } };
}

/** One process with sessions of one hour. Longer sessions are possible, but would save hardly any calls. */
function oneHourOfUser(world: World): Truth {
  ordinary(world);
  const client = world.client({ caller: world.user('exporter'), sdk: 'goV2' });
  world.start(withCache(world, client, { role: world.role('export'), sessionName: 'export' }, 10_000));
  return {};
}

function scanner(workers: number): Scenario['build'] {
  return (world) => {
    ordinary(world);
    const rate = limitIam(world);
    smallPrograms(world, 6, 0.3 * rate);
    const { roleArn } = burstingScanner(world, 'scanner', 300, workers, 600_000);
    return { found: { bursts: [roleArn], callers: [roleArn] } };
  };
}

function twoScanners(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 6, 0.3 * rate);
  const first = burstingScanner(world, 'posture-scanner', 250, 25, 300_000).roleArn;
  const second = burstingScanner(world, 'asset-scanner', 250, 25, 1_500_000).roleArn;
  return { found: { bursts: [first, second], callers: [first, second] } };
}

/** No call is throttled: the answer mentions the burst, but does not report it. */
function burstWithRoom(world: World): Truth {
  ordinary(world);
  world.limit('iam:111122223333', { rate: 60, size: 300 });
  burstingScanner(world, 'scanner', 150, 2, 600_000);
  return { unknown: ['callers', 'backoff'] };
}

function pacedScanner(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 4, 0.1 * rate);
  pacedReader(world, 'scanner', '/security/', 'scanner', 0.1 * rate);
  return { unknown: ['callers', 'backoff'] };
}

/** The pipeline at half of the rate for an hour, with room for others. */
function ownPipeline(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 4, 0.1 * rate);
  pacedReader(world, 'AuditBatch', '/iam-audit/', 'jsStandard', 0.5 * rate);
  return {};
}

/** An application reads all day; a scanner reads everything in two minutes of it. */
function scannerBesideApplication(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  readingApplication(world, 'catalogue', 'goV2', 0.3 * rate, 10);
  const { roleArn } = burstingScanner(world, 'scanner', 300, 40, 900_000);
  return { found: { bursts: [roleArn], callers: [roleArn] } };
}

/** A paced pipeline runs during a burst of another application. */
function burstBesidePipeline(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  pacedReader(world, 'AuditBatch', '/iam-audit/', 'jsStandard', 0.3 * rate);
  const { roleArn } = burstingScanner(world, 'scanner', 260, 40, 600_000);
  return { found: { bursts: [roleArn], callers: [roleArn] } };
}

/** A nightly inventory with hand-made code, in six hours of logs. */
function nightlyInventory(world: World): Truth {
  ordinary(world);
  limitIam(world);
  const role = world.role('nightly-inventory');
  const client = world.client({ caller: world.session(role, 'nightly'), sdk: 'botocoreLegacy' });
  together(world, client, wholeAccount(400), 20, 7_200_000);
  return { found: { bursts: [role.roleArn], callers: [role.roleArn] } };
}

export const durationScenarios: readonly Scenario[] = [
  { name: 'sessions-of-15-minutes', minutes: 240, build: shortSessions(12, 900, 'jsStandard') },
  { name: 'sessions-of-30-minutes', minutes: 360, build: shortSessions(20, 1_800, 'goV2') },
  { name: 'sessions-of-30-minutes-botocore', minutes: 240, build: shortSessions(20, 1_800, 'botocoreStandard') },
  { name: 'sessions-of-one-hour-chained', minutes: 360, build: longestChain },
  { name: 'short-sessions-of-user', minutes: 240, build: shortSessionsOfUser },
  { name: 'short-sessions-of-many-roles', minutes: 90, build: shortSessionsOfManyRoles },
  { name: 'sessions-of-one-hour-user', minutes: 1_440, build: oneHourOfUser },
];

export const burstScenarios: readonly Scenario[] = [
  { name: 'scanner-10-workers', minutes: 60, build: scanner(10) },
  { name: 'scanner-40-workers', minutes: 60, build: scanner(40) },
  { name: 'two-scanners', minutes: 60, build: twoScanners },
  { name: 'burst-with-room', minutes: 60, build: burstWithRoom },
  { name: 'paced-scanner', minutes: 60, build: pacedScanner },
  { name: 'own-pipeline', minutes: 30, build: ownPipeline },
  { name: 'scanner-beside-application', minutes: 40, build: scannerBesideApplication },
  { name: 'burst-beside-pipeline', minutes: 40, build: burstBesidePipeline },
  { name: 'nightly-inventory', minutes: 360, build: nightlyInventory },
];
