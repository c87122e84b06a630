import { awsServices, ordinary, smallPrograms } from '../populations/ordinary.ts';
import { readingApplication } from '../populations/fleets.ts';
import { burstingScanner, cloudFormationDeployments, pacedReader, terraformRun } from '../populations/tools.ts';
import type { SdkName } from '../world/clients.ts';
import { onDemand, steadily, together } from '../world/habits.ts';
import { anyRead, getRole, readsOfRole } from '../world/requests.ts';
import type { Process } from '../world/timeline.ts';
import type { World } from '../world/world.ts';
import { limitIam, type Scenario, type Truth } from './scenario.ts';

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
  { name: 'terraform-refresh', minutes: 15, build: terraform },
  { name: 'services-beside-culprit', minutes: 8, build: servicesBesideCulprit },
  { name: 'pipeline-beside-culprit', minutes: 10, build: pipelineBesideCulprit },
  { name: 'user-on-many-hosts', minutes: 8, build: userOnManyHosts },
  { name: 'culprit-via-cloudformation', minutes: 10, build: viaCloudFormation },
  { name: 'culprit-in-waves', minutes: 15, build: waves },
  { name: 'own-role-at-each-request', minutes: 8, build: ownRoleAtEachRequest },
  {
    name: 'deployments-beside-culprit',
    minutes: 10,
    build: (world) => {
      cloudFormationDeployments(world, 3);
      return overLimit('botocoreStandard', 20, 1.5)(world);
    },
  },
];
