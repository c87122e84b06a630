import { cachingFleet, readingApplication, webIdentityPods } from '../populations/fleets.ts';
import { awsServices, ordinary, smallPrograms } from '../populations/ordinary.ts';
import { burstingScanner, githubJobs, pacedReader } from '../populations/tools.ts';
import { onDemand, steadily, withCache, withoutCache } from '../world/habits.ts';
import { anyRead, assumeRole, callerIdentity, write } from '../world/requests.ts';
import type { Role, World } from '../world/world.ts';
import { limitIam, limitSts, type Scenario, type Truth } from './scenario.ts';

const everything = [
  'callers',
  'backoff',
  'credential-cache',
  'session-duration',
  'bursts',
  'policy-writes',
  'sts-endpoint',
  'accounts',
] as const;

const members = (world: World, count: number): Role[] =>
  Array.from({ length: count }, (_, n) => world.role('audit-target', { accountId: String(600_000_000_000 + n) }));

/** Programs in several accounts, each with little to do. */
function otherAccounts(world: World, count: number, perSecond: number): void {
  for (let n = 0; n < count; n += 1) {
    const role = world.role(`app-${n}`, { accountId: String(700_000_000_000 + n) });
    const client = world.client({ caller: world.session(role), sdk: 'goV2' });
    world.start(steadily(world, client, perSecond, anyRead));
  }
}

/** A hub assumes roles of all accounts for each request, and uses up its own account's limit. */
function throttledHub(world: World): Truth {
  ordinary(world);
  otherAccounts(world, 8, 0.15);
  const rate = limitSts(world);
  const hub = world.role('platform-hub');
  const targets = members(world, 40);
  for (let n = 0; n < 5; n += 1) {
    const client = world.client({ caller: world.session(hub), sdk: 'jsStandard' });
    const next = () =>
      assumeRole({ role: targets[Math.floor(40 * world.random())] ?? hub, sessionName: 'platform', externalId: 'hub' });
    world.start(onDemand(world, client, (1.5 * rate) / 5, next));
  }
  return {
    found: { callers: [hub.roleArn], accounts: [hub.roleArn], 'credential-cache': [hub.roleArn] },
  };
}

/** An organization whose accounts all do about as much. */
function balanced(world: World): Truth {
  otherAccounts(world, 10, 0.2);
  ordinary(world);
  return { unknown: ['callers', 'backoff'] };
}

/** One account does most, but nothing is throttled. */
function heavyAccountWithRoom(world: World): Truth {
  otherAccounts(world, 6, 0.03);
  ordinary(world);
  readingApplication(world, 'catalogue', 'javaV2', 3, 8);
  return { unknown: ['callers', 'backoff'] };
}

/** The pipeline's hub in an organization trail, with both sides of each AssumeRole. */
function pipelineOverOrganization(world: World): Truth {
  ordinary(world);
  otherAccounts(world, 5, 0.05);
  const hub = world.role('AuditBatch', { path: '/iam-audit/' });
  const client = world.client({ caller: world.session(hub, 'iam-audit'), sdk: 'jsStandard' });
  for (const target of members(world, 20)) {
    world.start(
      withCache(world, client, { role: target, sessionName: 'iam-audit', externalId: 'audit' }, 120_000),
      world.draw(0, 60_000),
    );
  }
  for (const member of members(world, 20)) {
    const reads = world.client({
      caller: world.session({ ...member, roleArn: member.roleArn.replace('audit-target', 'iam-audit') }, 'iam-audit'),
      sdk: 'jsStandard',
    });
    world.start(steadily(world, reads, 0.2, anyRead));
  }
  return { unknown: ['callers', 'backoff'] };
}

/** A throttled member account among many: its application is the cause, the busiest account is another one. */
function throttledMember(world: World): Truth {
  ordinary(world);
  readingApplication(world, 'catalogue', 'javaV2', 16, 40);
  const account = '700000000042';
  const rate = limitIam(world, account);
  const role = world.role('reporting', { accountId: account });
  for (let n = 0; n < 15; n += 1) {
    world.start(
      steadily(world, world.client({ caller: world.session(role), sdk: 'goV2' }), (0.9 * rate) / 15, anyRead),
    );
  }
  const burst = world.client({ caller: world.session(role), sdk: 'goV2' });
  world.start(onDemand(world, burst, 0.6 * rate, anyRead));
  return { found: { callers: [role.roleArn] }, either: { accounts: [role.roleArn] } };
}

/** All habits at once, each by another caller. */
function allHabits(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 6, 0.2 * rate);
  const scanner = burstingScanner(world, 'scanner', 300, 30, 600_000).roleArn;
  const waster = world.role('file-service');
  const client = world.client({ caller: world.session(waster), sdk: 'jsStandard' });
  world.start(withoutCache(world, client, { role: world.role('bucket-access'), sessionName: 'files' }, 9_000));
  const short = world.role('orders');
  cachingFleet(world, {
    role: short,
    target: world.role('shared-data'),
    count: 15,
    sdk: 'jsStandard',
    durationSeconds: 900,
    needEveryMs: 15_000,
  });
  const writer = world.role('tenant-admin');
  const writes = world.client({ caller: world.session(writer), sdk: 'javaV2' });
  world.start(
    steadily(world, writes, 1 / 60, () =>
      write('PutRolePolicy', { roleName: 'tenants', policyName: 'own', policyDocument: '{}' }),
    ),
  );
  const old = world.role('old-service');
  world.start(
    onDemand(
      world,
      world.client({ caller: world.session(old), sdk: 'botocoreOld', endpoint: 'global' }),
      0.05,
      () => callerIdentity,
    ),
  );
  const withoutBackoff = world.role('legacy-cron');
  world.start(steadily(world, world.client({ caller: world.session(withoutBackoff), sdk: 'loop100ms' }), 0.8, anyRead));
  return {
    found: {
      callers: [scanner],
      bursts: [scanner],
      'credential-cache': [waster.roleArn],
      'session-duration': [short.roleArn],
      'policy-writes': [writer.roleArn],
      'sts-endpoint': [old.roleArn],
    },
    // The limit is exceeded for a minute or two: there may be too few retries to tell.
    either: { backoff: [withoutBackoff.roleArn] },
  };
}

/** Two habits of one caller. */
function twoHabitsOfOne(world: World): Truth {
  ordinary(world);
  const role = world.role('file-service');
  const client = world.client({ caller: world.session(role), sdk: 'botocoreOld', endpoint: 'global' });
  world.start(withoutCache(world, client, { role: world.role('bucket-access'), sessionName: 'files' }, 10_000));
  return { found: { 'credential-cache': [role.roleArn], 'sts-endpoint': [role.roleArn] } };
}

/** A busy account in good order, for an hour. */
function goodOrder(world: World): Truth {
  ordinary(world);
  awsServices(world, 60);
  smallPrograms(world, 15, 2);
  cachingFleet(world, { role: world.role('orders'), target: world.role('shared-data'), count: 30, sdk: 'goV2' });
  webIdentityPods(world, 40);
  githubJobs(world, 30);
  pacedReader(world, 'AuditBatch', '/iam-audit/', 'jsStandard', 2);
  return { unknown: ['callers', 'backoff'] };
}

export const organizationScenarios: readonly Scenario[] = [
  { name: 'throttled-hub', minutes: 10, build: throttledHub },
  { name: 'balanced-organization', minutes: 60, build: balanced },
  { name: 'heavy-account-with-room', minutes: 30, build: heavyAccountWithRoom },
  { name: 'pipeline-over-organization', minutes: 40, build: pipelineOverOrganization },
  { name: 'throttled-member', minutes: 8, build: throttledMember },
];

export const otherScenarios: readonly Scenario[] = [
  { name: 'all-habits', minutes: 120, build: allHabits },
  { name: 'two-habits-of-one', minutes: 60, build: twoHabitsOfOne },
  { name: 'good-order', minutes: 60, build: goodOrder },
  { name: 'good-order-ten-minutes', minutes: 10, build: goodOrder },
  { name: 'empty', minutes: 10, build: () => ({ unknown: everything }) },
];
