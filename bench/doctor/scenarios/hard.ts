import { cachingFleet, readingApplication } from '../populations/fleets.ts';
import { ordinary, smallPrograms } from '../populations/ordinary.ts';
import { burstingScanner, pacedReader, terraformRun } from '../populations/tools.ts';
import { exponential, onDemand, steadily, together, withCache } from '../world/habits.ts';
import { anyRead, assumeRole, callerIdentity, getRole, write } from '../world/requests.ts';
import type { Process } from '../world/timeline.ts';
import type { World } from '../world/world.ts';
import { limitIam, type Scenario, type Truth } from './scenario.ts';

/**
 * Ten hosts with 24 worker processes each. Every worker caches, and all workers of a host have one key and one address. The
 * logs don't distinguish the workers, and one cache for each host would save nearly all calls: both answers are right.
 */
function hostsWithManyWorkers(world: World): Truth {
  ordinary(world);
  const role = world.role('web-workers');
  const target = world.role('web-data');
  for (let host = 0; host < 10; host += 1) {
    cachingFleet(world, { role, target, count: 24, sdk: 'jsStandard', sharesKey: true, sharesAddress: true });
  }
  return { either: { 'credential-cache': [role.roleArn] } };
}

/** A process that calls GetRole for the same role all the time, and sleeps 100 ms after each call, throttled or not. */
function pollsWithoutPause(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  const culprit = readingApplication(world, 'reporting', 'jsStandard', 1.3 * rate, 25).roleArn;
  const role = world.role('poller');
  const client = world.client({ caller: world.session(role), sdk: 'loop100ms' });
  world.start(steadily(world, client, 6, () => getRole('deployment-lock')));
  return { found: { callers: [culprit] }, either: { backoff: [role.roleArn], callers: [role.roleArn] } };
}

/** A process that calls GetRole for the same role every few seconds, and retries soon after a throttled call. */
function readerOfOneRoleWithoutBackoff(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  const culprit = readingApplication(world, 'reporting', 'jsStandard', 1.4 * rate, 25).roleArn;
  const role = world.role('watcher');
  const client = world.client({ caller: world.session(role), sdk: 'loop100ms' });
  world.start(steadily(world, client, 0.2, () => getRole('deployment-lock')));
  return { found: { callers: [culprit], backoff: [role.roleArn] } };
}

/** A burst late in one minute: most calls of other programs are throttled in the next minute. */
function burstAtTheEndOfAMinute(world: World): Truth {
  ordinary(world);
  const rate = world.draw(8, 15);
  world.limit('iam:111122223333', { rate, size: 6 * rate });
  smallPrograms(world, 10, 0.8 * rate);
  const role = world.role('sync');
  const client = world.client({ caller: world.session(role), sdk: 'goV2' });
  for (let minute = 2; minute < world.minutes; minute += 4) {
    together(
      world,
      client,
      Array.from({ length: Math.floor(9 * rate) }, () => anyRead(world)),
      60,
      60_000 * minute + 55_000,
    );
  }
  return { found: { callers: [role.roleArn] }, either: { bursts: [role.roleArn] } };
}

/** Three small programs without backoff, and a culprit with backoff. */
function severalWithoutBackoff(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  const culprit = readingApplication(world, 'reporting', 'botocoreStandard', 1.5 * rate, 30).roleArn;
  const clients = ['immediate', 'loop100ms', 'immediate'] as const;
  const roles = clients.map((sdk, n) => {
    const role = world.role(`legacy-cron-${n}`);
    world.start(steadily(world, world.client({ caller: world.session(role), sdk }), 0.15, anyRead));
    return role.roleArn;
  });
  return { found: { callers: [culprit], backoff: roles } };
}

/** Terraform creates roles while an application uses most of the limit. The burst of Terraform exceeds the limit. */
function terraformExceeds(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 12, 0.5 * rate);
  const role = terraformRun(world, 'terraform', 'create', 120, 120_000).roleArn;
  return { found: { callers: [role] }, either: { bursts: [role] } };
}

/** Old records without host names: calls recorded in us-east-1 may be of the global endpoint. */
function unknownEndpoint(world: World): Truth {
  const client = world.client({ caller: world.session(world.role('service')), sdk: 'jsOld', region: 'us-east-1' });
  world.start(steadily(world, client, 0.2, () => callerIdentity));
  return { unknown: ['sts-endpoint'] };
}

/** Session names with the start time, as SDKs make them, in front of a cache. */
function sdkNamesWithCache(world: World): Truth {
  ordinary(world);
  const role = world.role('exporter');
  for (let n = 0; n < 25; n += 1) {
    const client = world.client({ caller: world.session(role), sdk: 'goV2' });
    const sessionName = `aws-go-sdk-${world.now() * 1_000_000 + Math.floor(1e6 * world.random())}`;
    world.start(
      withCache(world, client, { role: world.role('export-data'), sessionName }, 20_000),
      world.draw(0, 60_000),
    );
  }
  return {};
}

/** A container that ends and starts again every minute, with one task role's key: no cache outlives it. */
function restartingContainer(world: World): Truth {
  ordinary(world);
  const role = world.role('crashing');
  const client = world.client({ caller: world.session(role), sdk: 'javaV2' });
  world.start(restarts());
  return { either: { 'credential-cache': [role.roleArn] } };
  function* restarts(): Process {
    while (world.now() < world.endMs) {
      yield* world.call(client, assumeRole({ role: world.role('orders-data'), sessionName: 'start' }));
      yield exponential(world, 45_000);
    }
  }
}

/** Deployments and an auditor all day in good order, with a few throttled calls at noon by a scanner's short burst. */
function aDayWithOneBurst(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 6, 0.05);
  pacedReader(world, 'AuditBatch', '/iam-audit/', 'jsStandard', 0.3);
  const scanner = burstingScanner(world, 'scanner', Math.floor(25 * rate), 40, 4 * 3_600_000).roleArn;
  return { found: { callers: [scanner], bursts: [scanner] } };
}

/** A program that tags a role each minute: tags are no policies. */
function tagsOnly(world: World): Truth {
  ordinary(world);
  const client = world.client({ caller: world.session(world.role('tagger')), sdk: 'botocoreStandard' });
  const request = () => write('TagRole', { roleName: 'web', tags: [{ key: 'seen', value: world.hex(6) }] });
  world.start(steadily(world, client, 1 / 60, request));
  return {};
}

/** A web application with one key: its requests come side by side for few roles, and each has the SDK's backoff. */
function requestsSideBySide(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  const culprit = readingApplication(world, 'reporting', 'goV2', 1.3 * rate, 30).roleArn;
  const client = world.client({ caller: world.session(world.role('portal')), sdk: 'jsOld' });
  world.start(onDemand(world, client, 0.2 * rate, () => getRole(`tenant-${Math.floor(20 * world.random())}`)));
  return { found: { callers: [culprit] } };
}

export const hardScenarios: readonly Scenario[] = [
  { name: 'hosts-with-many-workers', minutes: 240, build: hostsWithManyWorkers },
  { name: 'polls-without-pause', minutes: 10, build: pollsWithoutPause },
  { name: 'reader-of-one-role-without-backoff', minutes: 12, build: readerOfOneRoleWithoutBackoff },
  { name: 'burst-at-the-end-of-a-minute', minutes: 20, build: burstAtTheEndOfAMinute },
  { name: 'several-without-backoff', minutes: 12, build: severalWithoutBackoff },
  { name: 'terraform-exceeds', minutes: 10, build: terraformExceeds },
  { name: 'unknown-endpoint', minutes: 30, records: { eventVersion: '1.05' }, build: unknownEndpoint },
  { name: 'sdk-names-with-cache', minutes: 240, build: sdkNamesWithCache },
  { name: 'restarting-container', minutes: 120, build: restartingContainer },
  { name: 'day-with-one-burst', minutes: 480, build: aDayWithOneBurst },
  { name: 'tags-only', minutes: 120, build: tagsOnly },
  { name: 'requests-side-by-side', minutes: 10, build: requestsSideBySide },
];
