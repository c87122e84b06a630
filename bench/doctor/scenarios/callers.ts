import { awsServices, ordinary, smallPrograms } from '../populations/ordinary.ts';
import { readingApplication } from '../populations/fleets.ts';
import { burstingScanner, cloudFormationDeployments, pacedReader, terraformRun } from '../populations/tools.ts';
import type { SdkName } from '../world/clients.ts';
import { onDemand, steadily, together } from '../world/habits.ts';
import { anyRead, assumeRole, callerIdentity, getRole, readsOfRole } from '../world/requests.ts';
import type { Process } from '../world/timeline.ts';
import type { World } from '../world/world.ts';
import { limitIam, limitSts, type Scenario, type Truth } from './scenario.ts';

const culprits = (...callers: readonly string[]): Truth => ({ found: { callers } });

/** One application makes more calls than the limit allows, and some small programs make a few. */
const overLimit = (sdk: SdkName, workers: number, share: number): Scenario['build'] =>
  function build(world) {
    ordinary(world);
    const rate = limitIam(world);
    smallPrograms(world, 6, 0.25 * rate);
    return culprits(readingApplication(world, 'reporting', sdk, share * rate, workers).roleArn);
  };

/** A job empties the bucket every 30 s. Other programs call in the same second, but later. The job itself is never throttled. */
function neverRefused(world: World): Truth {
  ordinary(world);
  const rate = world.draw(8, 15);
  const size = Math.floor(8 * rate);
  world.limit('iam:111122223333', { rate, size });
  const job = world.role('sync-job');
  const client = world.client({ caller: world.session(job, 'sync'), sdk: 'javaV2' });
  for (let second = 30; second < 60 * world.minutes; second += 30) {
    together(
      world,
      client,
      Array.from({ length: size - 6 }, () => anyRead(world)),
      size,
      1_000 * second,
    );
  }
  for (let n = 0; n < 12; n += 1) {
    const own = world.client({ caller: world.session(world.role(`cron-${n}`)), sdk: 'botocoreStandard' });
    const reads = readsOfRole(`cron-${n}`);
    for (let second = 30; second < 60 * world.minutes; second += 30)
      together(world, own, reads, 3, 1_000 * second + 700);
  }
  return culprits(job.roleArn);
}

function twoEqual(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 6, 0.2 * rate);
  const first = readingApplication(world, 'reporting', 'jsStandard', 0.8 * rate, 20);
  const second = readingApplication(world, 'indexer', 'botocoreStandard', 0.8 * rate, 20);
  return culprits(first.roleArn, second.roleArn);
}

function smallCallerWithoutBackoff(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  const application = readingApplication(world, 'reporting', 'jsStandard', 1.4 * rate, 25);
  const small = world.role('legacy-cron');
  const client = world.client({ caller: world.session(small, 'cron'), sdk: 'immediate' });
  world.start(steadily(world, client, 0.2, anyRead));
  return { found: { callers: [application.roleArn], backoff: [small.roleArn] } };
}

function burstBesideSteadyApplication(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  readingApplication(world, 'catalogue', 'jsStandard', 0.5 * rate, 12);
  smallPrograms(world, 4, 0.1 * rate);
  const scanner = burstingScanner(world, 'scanner', 240, 30, 300_000);
  return { found: { callers: [scanner.roleArn], bursts: [scanner.roleArn] } };
}

/** Forty programs make about the same number of calls. */
function manySmallCallers(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 40, 1.3 * rate);
  return {};
}

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

/** Calls to STS are throttled in one Region. Another application makes as many calls in a Region without throttling. */
function oneRegion(world: World): Truth {
  ordinary(world);
  const rate = limitSts(world, 'us-west-2');
  const asker = world.role('gateway-west');
  const client = world.client({ caller: world.session(asker), sdk: 'jsStandard', region: 'us-west-2' });
  world.start(onDemand(world, client, 1.5 * rate, () => callerIdentity));
  const harmless = world.client({ caller: world.session(world.role('gateway-east')), sdk: 'jsStandard' });
  world.start(onDemand(world, harmless, 2 * rate, () => callerIdentity));
  const small = world.client({ caller: world.session(world.role('small-west')), sdk: 'goV2', region: 'us-west-2' });
  world.start(steadily(world, small, 0.5, () => callerIdentity));
  return culprits(asker.roleArn);
}

/** Only one Terraform run. Its parallel calls may count as a burst or as normal use: both answers are right. */
function terraform(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 6, 0.3 * rate);
  const role = terraformRun(world, 'terraform', 'refresh', 300, 120_000).roleArn;
  return { found: { callers: [role] }, either: { bursts: [role] } };
}

function servicesBesideCulprit(world: World): Truth {
  awsServices(world, 120);
  return overLimit('javaV2', 15, 1.4)(world);
}

function pipelineBesideCulprit(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  pacedReader(world, 'AuditBatch', '/iam-audit/', 'jsStandard', 0.15 * rate);
  return culprits(readingApplication(world, 'reporting', 'botocoreLegacy', 1.5 * rate, 30).roleArn);
}

/** Forty hosts use the keys of one user. Each host makes few calls, and the user makes many. */
function userOnManyHosts(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 6, 0.25 * rate);
  const caller = world.user('inventory-agent');
  for (let n = 0; n < 40; n += 1) {
    const client = world.client({ caller, sdk: 'botocoreStandard' });
    world.start(steadily(world, client, (1.5 * rate) / 40, anyRead));
  }
  return culprits(caller.arn);
}

/** A few throttled calls in an hour of normal work. */
function fewThrottledCalls(world: World): Truth {
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

/** CloudFormation makes the calls of the culprit. */
function viaCloudFormation(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 6, 0.25 * rate);
  const role = world.role('mass-deployment');
  const client = world.client({
    caller: world.session(role, 'AWSCloudFormation'),
    sdk: 'cloudFormation',
    ip: 'cloudformation.amazonaws.com',
    invokedBy: 'cloudformation.amazonaws.com',
  });
  for (let n = 0; n < 20; n += 1) world.start(steadily(world, client, (1.4 * rate) / 20, anyRead));
  return { found: { callers: [role.roleArn] }, either: { bursts: [role.roleArn] } };
}

/** The culprit calls for a minute, then makes no calls for two minutes. */
function waves(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 8, 0.35 * rate);
  const role = world.role('wave-worker');
  for (let n = 0; n < 20; n += 1) {
    world.start(wave(world.client({ caller: world.session(role), sdk: 'goV2' })));
  }
  return { found: { callers: [role.roleArn] }, either: { bursts: [role.roleArn] } };
  function* wave(client: ReturnType<World['client']>): Process {
    while (world.now() < world.endMs) {
      yield 120_000;
      yield* steadily(world, client, (1.8 * rate) / 20, anyRead, Math.min(world.now() + 60_000, world.endMs));
    }
  }
}

/** A third of the calls come from one caller, the others from twelve equal callers: no caller alone is the cause. */
function halfAndHalf(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 12, 0.8 * rate);
  const role = readingApplication(world, 'reporting', 'jsStandard', 0.45 * rate, 10);
  return { either: { callers: [role.roleArn] } };
}

/** An application calls GetRole for its own role at each request. */
function ownRoleAtEachRequest(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 6, 0.25 * rate);
  const role = world.role('web-frontend');
  for (let n = 0; n < 5; n += 1) {
    const client = world.client({ caller: world.session(role), sdk: 'jsStandard' });
    world.start(onDemand(world, client, (1.3 * rate) / 5, () => getRole('web-frontend')));
  }
  return { found: { callers: [role.roleArn] } };
}

/** A program that assumes a role at each request uses up the limit of STS. */
function sessionsUseUpSts(world: World): Truth {
  ordinary(world);
  const rate = limitSts(world);
  const role = world.role('file-service');
  const target = world.role('bucket-access');
  for (let n = 0; n < 3; n += 1) {
    const client = world.client({ caller: world.session(role), sdk: 'jsStandard' });
    world.start(onDemand(world, client, (1.4 * rate) / 3, () => assumeRole({ role: target, sessionName: 'files' })));
  }
  const small = world.client({ caller: world.session(world.role('small-asker')), sdk: 'goV2' });
  world.start(steadily(world, small, 0.8, () => callerIdentity));
  return { found: { callers: [role.roleArn], 'credential-cache': [role.roleArn] } };
}

export const callersScenarios: readonly Scenario[] = [
  { name: 'over-limit-javascript', minutes: 10, build: overLimit('jsStandard', 25, 1.5) },
  { name: 'over-limit-python-legacy', minutes: 10, build: overLimit('botocoreLegacy', 20, 1.5) },
  { name: 'over-limit-java', minutes: 10, build: overLimit('javaV2', 20, 1.5) },
  { name: 'over-limit-adaptive', minutes: 10, build: overLimit('botocoreAdaptive', 20, 2) },
  {
    name: 'over-limit-null-parameters',
    minutes: 10,
    records: { refusedParameters: 'null' },
    build: overLimit('goV2', 25, 1.5),
  },
  {
    name: 'over-limit-old-records',
    minutes: 10,
    records: { eventVersion: '1.05' },
    build: overLimit('jsOld', 25, 1.5),
  },
  { name: 'culprit-never-refused', minutes: 10, build: neverRefused },
  { name: 'two-equal-culprits', minutes: 10, build: twoEqual },
  { name: 'small-caller-without-backoff', minutes: 10, build: smallCallerWithoutBackoff },
  { name: 'burst-beside-steady-application', minutes: 20, build: burstBesideSteadyApplication },
  { name: 'many-small-callers', minutes: 10, build: manySmallCallers },
  { name: 'iam-and-sts-culprits', minutes: 8, build: differentPools },
  { name: 'sts-of-one-region', minutes: 8, build: oneRegion },
  { name: 'terraform-refresh', minutes: 15, build: terraform },
  { name: 'services-beside-culprit', minutes: 8, build: servicesBesideCulprit },
  { name: 'pipeline-beside-culprit', minutes: 10, build: pipelineBesideCulprit },
  { name: 'user-on-many-hosts', minutes: 8, build: userOnManyHosts },
  { name: 'few-throttled-calls', minutes: 60, build: fewThrottledCalls },
  { name: 'culprit-via-cloudformation', minutes: 10, build: viaCloudFormation },
  { name: 'culprit-in-waves', minutes: 15, build: waves },
  { name: 'half-and-half', minutes: 10, build: halfAndHalf },
  { name: 'own-role-at-each-request', minutes: 8, build: ownRoleAtEachRequest },
  { name: 'sessions-use-up-sts', minutes: 8, build: sessionsUseUpSts },
  {
    name: 'deployments-beside-culprit',
    minutes: 10,
    build: (world) => {
      cloudFormationDeployments(world, 3);
      return overLimit('botocoreStandard', 20, 1.5)(world);
    },
  },
];
