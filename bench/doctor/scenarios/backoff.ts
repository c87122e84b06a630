import { readingApplication } from '../populations/fleets.ts';
import { ordinary, smallPrograms } from '../populations/ordinary.ts';
import { terraformRun } from '../populations/tools.ts';
import type { SdkName } from '../world/clients.ts';
import { onDemand, steadily, together } from '../world/habits.ts';
import { accountSummary, anyRead, getRole } from '../world/requests.ts';
import type { World } from '../world/world.ts';
import { limitIam, type Scenario, type Truth } from './scenario.ts';

/** One application with backoff uses up the rate of IAM. @returns the rate, and the ARN of the application */
function throttledPool(world: World): { readonly rate: number; readonly culprit: string } {
  ordinary(world);
  const rate = limitIam(world);
  const { roleArn } = readingApplication(world, 'reporting', 'jsStandard', 1.4 * rate, 25);
  return { rate, culprit: roleArn };
}

/** A program that makes few calls, and retries throttled ones as the given client does. @returns the ARN of its role */
function retrying(world: World, sdk: SdkName, perSecond: number, processes = 1): string {
  const role = world.role(`retrying-${sdk}`);
  for (let n = 0; n < processes; n += 1) {
    const client = world.client({ caller: world.session(role), sdk });
    world.start(steadily(world, client, perSecond / processes, anyRead));
  }
  return role.roleArn;
}

/** Programs without backoff. They make few calls, so only the application is the cause. */
const withoutBackoff = (sdk: SdkName, perSecond: number, processes = 1): Scenario['build'] =>
  function build(world): Truth {
    const { culprit } = throttledPool(world);
    const own = retrying(world, sdk, perSecond, processes);
    return { found: { callers: [culprit], backoff: [own] } };
  };

/** Programs with the backoff of SDKs. */
const withBackoff = (...names: readonly SdkName[]): Scenario['build'] =>
  function build(world): Truth {
    const { rate, culprit } = throttledPool(world);
    for (const sdk of names) retrying(world, sdk, (0.35 * rate) / names.length, 6);
    return { found: { callers: [culprit] } };
  };

/** Twenty worker processes of one host, with one key, call GetRole for the same few roles. Each waits before its retries. */
function parallelWorkers(world: World): Truth {
  const { rate, culprit } = throttledPool(world);
  const client = world.client({ caller: world.session(world.role('worker-host')), sdk: 'jsStandard' });
  for (let n = 0; n < 20; n += 1) {
    world.start(steadily(world, client, (0.3 * rate) / 20, () => getRole(`queue-${Math.floor(5 * world.random())}`)));
  }
  return { found: { callers: [culprit] } };
}

/** A web application without retries. Its users send requests at random times, for few roles. */
function requestsOfUsers(world: World): Truth {
  const { culprit } = throttledPool(world);
  const role = world.role('web-frontend');
  const client = world.client({ caller: world.session(role), sdk: 'noRetries' });
  world.start(onDemand(world, client, 3, () => getRole(`tenant-${Math.floor(8 * world.random())}`)));
  return { found: { callers: [culprit] }, either: { backoff: [role.roleArn] } };
}

/** A loop without backoff. The records of throttled calls have no parameters, so retries cannot be detected. */
function withoutBackoffAndParameters(world: World): Truth {
  const { culprit } = throttledPool(world);
  retrying(world, 'loop100ms', 0.3);
  return { found: { callers: [culprit] }, unknown: ['backoff'] };
}

/** Thirty processes that retry throttled calls at once. They also use the rate up. */
function culpritWithoutBackoff(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  smallPrograms(world, 6, 0.3 * rate);
  const own = retrying(world, 'loop100ms', 0.9 * rate, 30);
  return { found: { callers: [own], backoff: [own] } };
}

/** Two programs without backoff, and one with the standard mode of another SDK. */
function twoWithoutBackoff(world: World): Truth {
  const { culprit, rate } = throttledPool(world);
  retrying(world, 'goV2', 0.1 * rate, 3);
  const first = retrying(world, 'immediate', 0.3);
  const second = retrying(world, 'loop100ms', 0.3);
  return { found: { callers: [culprit], backoff: [first, second] } };
}

/** Six threads of one program call an operation without parameters. */
const threadsWithoutParameters = (sdk: SdkName, perSecond: number, hasBackoff: boolean): Scenario['build'] =>
  function build(world): Truth {
    const { culprit } = throttledPool(world);
    const role = world.role('quota-watcher');
    const client = world.client({ caller: world.session(role), sdk });
    for (let n = 0; n < 6; n += 1) world.start(steadily(world, client, perSecond / 6, () => accountSummary));
    return { found: { callers: [culprit], ...(hasBackoff ? {} : { backoff: [role.roleArn] }) } };
  };

/** Workers of one host with one key, which start at the same time, and call an operation without parameters first. */
function workersThatStartTogether(world: World): Truth {
  const { culprit } = throttledPool(world);
  for (const sdk of ['botocoreLegacy', 'jsOld'] as const) {
    const client = world.client({ caller: world.session(world.role(`workers-${sdk}`)), sdk });
    for (let minute = 0; minute < world.minutes; minute += 1) {
      together(
        world,
        client,
        Array.from({ length: 4 }, () => accountSummary),
        4,
        60_000 * (minute + world.random()),
      );
    }
  }
  return { found: { callers: [culprit] } };
}

function slowFixedSleep(world: World): Truth {
  const { culprit } = throttledPool(world);
  const own = retrying(world, 'fixedTwoSeconds', 0.4, 3);
  return { found: { callers: [culprit] }, either: { backoff: [own] } };
}

/** Terraform waits long before retries, and retries the calls of many resources at the same time. */
function terraformWaits(world: World): Truth {
  const { culprit } = throttledPool(world);
  const role = terraformRun(world, 'terraform', 'refresh', 60, 60_000);
  return { found: { callers: [culprit] }, either: { bursts: [role.roleArn] } };
}

/** Jobs whose scheduler starts them at whole seconds. Each call waits before its retries as the SDK does. */
function startsAtWholeSeconds(world: World): Truth {
  ordinary(world);
  const rate = limitIam(world);
  for (const sdk of ['javaV2', 'jsOld'] as const) {
    const client = world.client({ caller: world.session(world.role(`scheduled-${sdk}`)), sdk });
    const starts = sdk === 'javaV2' ? 10 : 20;
    for (let second = starts; second < 60 * world.minutes; second += 30) {
      const requests = Array.from({ length: Math.ceil(6 * rate) }, () => anyRead(world));
      together(world, client, requests, requests.length, 1_000 * second);
    }
  }
  return { either: { callers: roles(), bursts: roles() } };
  function roles(): string[] {
    return ['javaV2', 'jsOld'].map((sdk) => world.role(`scheduled-${sdk}`).roleArn);
  }
}

/** Three processes call an operation without parameters all the time, and never wait: each is one thread, which no log shows. */
function callsWithoutPause(world: World): Truth {
  ordinary(world);
  limitIam(world);
  const role = world.role('quota-loop');
  for (let n = 0; n < 3; n += 1) {
    const client = world.client({ caller: world.session(role), sdk: 'immediate' });
    world.start(steadily(world, client, 1_000, () => accountSummary));
  }
  return { found: { callers: [role.roleArn] }, unknown: ['backoff'] };
}

export const backoffScenarios: readonly Scenario[] = [
  { name: 'loop-of-100-ms', minutes: 10, build: withoutBackoff('loop100ms', 0.4) },
  { name: 'immediate-loop', minutes: 10, build: withoutBackoff('immediate', 0.3) },
  { name: 'threads-without-parameters', minutes: 15, build: threadsWithoutParameters('immediate', 0.7, false) },
  {
    name: 'threads-with-backoff-without-parameters',
    minutes: 15,
    build: threadsWithoutParameters('jsOld', 0.5, true),
  },
  { name: 'workers-start-together', minutes: 30, build: workersThatStartTogether },
  { name: 'fixed-second', minutes: 15, build: withoutBackoff('fixedSecond', 1.2, 4) },
  { name: 'fixed-two-seconds', minutes: 12, build: slowFixedSleep },
  { name: 'standard-mode', minutes: 10, build: withBackoff('jsStandard', 'botocoreStandard', 'goV2', 'cli') },
  { name: 'legacy-modes', minutes: 10, build: withBackoff('jsOld', 'botocoreLegacy', 'javaV2', 'botocoreOld') },
  { name: 'old-javascript', minutes: 12, build: withBackoff('jsOld') },
  { name: 'adaptive-mode', minutes: 10, build: withBackoff('botocoreAdaptive') },
  { name: 'careful-handmade', minutes: 10, build: withBackoff('careful') },
  { name: 'no-retries', minutes: 10, build: withBackoff('noRetries') },
  { name: 'parallel-workers-with-backoff', minutes: 10, build: parallelWorkers },
  { name: 'requests-of-users', minutes: 10, build: requestsOfUsers },
  {
    name: 'loop-null-parameters',
    minutes: 10,
    records: { refusedParameters: 'null' },
    build: withoutBackoffAndParameters,
  },
  { name: 'culprit-without-backoff', minutes: 8, build: culpritWithoutBackoff },
  { name: 'short-waits-of-javascript-v2', minutes: 10, build: withoutBackoff('javascriptV2', 1.5, 6) },
  { name: 'short-waits-of-php', minutes: 10, build: withoutBackoff('php', 1.5, 6) },
  { name: 'starts-at-whole-seconds', minutes: 20, build: startsAtWholeSeconds },
  { name: 'calls-without-pause', minutes: 10, build: callsWithoutPause },
  { name: 'two-without-backoff', minutes: 10, build: twoWithoutBackoff },
  { name: 'terraform-waits', minutes: 10, build: terraformWaits },
];
