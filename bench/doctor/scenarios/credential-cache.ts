import { cachingFleet, coldStarts, fleetWithoutCache, webIdentityPods } from '../populations/fleets.ts';
import { ordinary } from '../populations/ordinary.ts';
import { githubJobs, jobsWithUserKeys } from '../populations/tools.ts';
import { exponential, onDemand, withCache, withoutCache } from '../world/habits.ts';
import { assumeRole, getSessionToken } from '../world/requests.ts';
import type { Process } from '../world/timeline.ts';
import type { World } from '../world/world.ts';
import type { Scenario, Truth } from './scenario.ts';

const wasteful = (...callers: readonly string[]): Truth => ({ found: { 'credential-cache': callers } });
const quiet: Truth = {};

/** Runs only what the scenario is about, and the ordinary programs of an account. */
const beside = (build: Scenario['build']): Scenario['build'] =>
  function beside(world) {
    ordinary(world);
    return build(world);
  };

function oneProgram(everyMs: number, makeName: (world: World) => string): Scenario['build'] {
  return beside((world) => {
    const role = world.role('file-service', { path: '/apps/' });
    const client = world.client({ caller: world.session(role), sdk: 'jsStandard' });
    const target = world.role('bucket-access');
    world.start(withoutCache(world, client, () => ({ role: target, sessionName: makeName(world) }), everyMs));
    return wasteful(role.roleArn);
  });
}

const fleetOf = (count: number, everyMs: number): Scenario['build'] =>
  beside((world) => {
    const role = world.role('orders');
    fleetWithoutCache(world, {
      role,
      target: world.role('shared-data'),
      count,
      sdk: 'botocoreStandard',
      needEveryMs: everyMs,
    });
    return wasteful(role.roleArn);
  });

/** Sessions of 900 s with a cache that renews 15 minutes before the end: each use requests one. */
function botocoreWith900Seconds(world: World): Truth {
  const role = world.role('metrics');
  const target = world.role('metrics-writer');
  cachingFleet(world, { role, target, count: 4, sdk: 'botocoreStandard', needEveryMs: 20_000, durationSeconds: 900 });
  return { ...wasteful(role.roleArn), either: { 'session-duration': [role.roleArn] } };
}

/** A script that calls GetSessionToken before each command. */
function sessionTokens(world: World): Truth {
  const caller = world.user('backup-script');
  const client = world.client({ caller, sdk: 'cli' });
  world.start(script());
  return wasteful(caller.arn);
  function* script(): Process {
    while (world.now() < world.endMs) {
      yield* world.call(client, getSessionToken(43_200));
      yield exponential(world, 25_000);
    }
  }
}

/** A hub reads fifty accounts every few minutes, and assumes each role anew. */
const hub = (caches: boolean): Scenario['build'] =>
  beside((world) => {
    const role = world.role('inventory-hub');
    const client = world.client({ caller: world.session(role, 'hub'), sdk: 'botocoreStandard' });
    const targets = Array.from({ length: 50 }, (_, n) =>
      world.role('inventory', { accountId: String(500_000_000_000 + n) }),
    );
    if (caches) {
      for (const target of targets)
        world.start(withCache(world, client, { role: target, sessionName: 'inventory' }, 300_000));
      return quiet;
    }
    world.start(rounds());
    return wasteful(role.roleArn);
    function* rounds(): Process {
      while (world.now() < world.endMs) {
        for (const target of targets) yield* world.call(client, assumeRole({ role: target, sessionName: 'inventory' }));
        yield 300_000;
      }
    }
  });

/** A service with a session policy for each of 200 tenants. */
const tenants = (caches: boolean): Scenario['build'] =>
  beside((world) => {
    const role = world.role('tenant-gateway');
    const target = world.role('tenant-data');
    const client = world.client({ caller: world.session(role), sdk: 'javaV2' });
    for (let n = 0; n < (caches ? 200 : 40); n += 1) {
      const session = {
        role: target,
        sessionName: `tenant-${n}`,
        policy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/${n}/*"}]}`,
      };
      const work = caches ? withCache(world, client, session, 120_000) : withoutCache(world, client, session, 240_000);
      world.start(work, world.draw(0, 240_000));
    }
    return caches ? quiet : wasteful(role.roleArn);
  });

/** A broker opens one session for each person who signs in. @param name of a person */
function people(count: number, signInsPerHour: number, name: (n: number) => string): Scenario['build'] {
  return beside((world) => {
    const broker = world.client({ caller: world.session(world.role('login-broker')), sdk: 'javaV2' });
    const target = world.role('employee');
    for (let n = 0; n < count; n += 1) world.start(person(n));
    return quiet;
    function* person(n: number): Process {
      yield world.draw(0, 3_600_000 / signInsPerHour);
      while (world.now() < world.endMs) {
        yield* world.call(broker, assumeRole({ role: target, sessionName: name(n), durationSeconds: 3_600 }));
        yield (3_600_000 / signInsPerHour) * world.draw(0.8, 1.4);
      }
    }
  });
}

const fleet = (options: { sharesKey?: boolean; sharesAddress?: boolean; count: number }): Scenario['build'] =>
  beside((world) => {
    const role = world.role('orders');
    cachingFleet(world, { role, target: world.role('shared-data'), sdk: 'jsStandard', ...options });
    return quiet;
  });

/** Two fleets of one deployment take over from each other twice an hour. Each new instance needs a session. */
function blueGreen(world: World): Truth {
  const role = world.role('storefront');
  const target = world.role('storefront-data');
  const caller = world.session(role);
  world.start(deployments());
  return quiet;
  function* deployments(): Process {
    while (world.now() < world.endMs) {
      for (let n = 0; n < 12; n += 1) {
        const client = world.client({ caller, sdk: 'goV2' });
        world.start(instance(client), world.draw(0, 30_000));
      }
      yield 1_800_000;
    }
  }
  function* instance(client: ReturnType<World['client']>): Process {
    yield* world.call(client, assumeRole({ role: target, sessionName: 'storefront' }));
  }
}

/** The request ID is a session tag, so that no session can be used twice as it is. */
function tagForEachRequest(world: World): Truth {
  const role = world.role('traced-service');
  const client = world.client({ caller: world.session(role), sdk: 'jsStandard' });
  const target = world.role('traced-data');
  const request = () =>
    assumeRole({ role: target, sessionName: 'traced', tags: [{ key: 'request', value: world.hex(12) }] });
  world.start(onDemand(world, client, 0.1, request));
  return { either: { 'credential-cache': [role.roleArn] } };
}

/** A program that writes a new user agent into each request. */
function changesItsAgent(world: World): Truth {
  const role = world.role('file-service');
  const client = world.client({ caller: world.session(role), sdk: 'jsStandard' });
  world.start(requests());
  return wasteful(role.roleArn);
  function* requests(): Process {
    while (world.now() < world.endMs) {
      const session = { role: world.role('bucket-access'), sessionName: 'files' };
      yield* world.call({ ...client, userAgent: `file-service/${world.hex(8)}` }, assumeRole(session));
      yield exponential(world, 10_000);
    }
  }
}

/** A broker gives each of many people a session. Nothing but the form of the names shows that they are people. */
function hundredsOfPeople(world: World): Truth {
  const client = world.client({ caller: world.session(world.role('access-broker')), sdk: 'javaV2' });
  const letters = (count: number): string =>
    Array.from({ length: count }, () => String.fromCharCode(97 + Math.floor(26 * world.random()))).join('');
  const session = () => ({ role: world.role('developer'), sessionName: `${letters(5)}.${letters(7)}@example.com` });
  world.start(withoutCache(world, client, session, 8_000));
  return { unknown: ['credential-cache'] };
}

export const credentialCacheScenarios: readonly Scenario[] = [
  { name: 'no-cache-fixed-name', minutes: 120, build: oneProgram(10_000, () => 'files') },
  { name: 'no-cache-generated-names', minutes: 120, build: oneProgram(10_000, (world) => `req-${world.hex(12)}`) },
  { name: 'no-cache-numbered-names', minutes: 120, build: oneProgram(12_000, (world) => `${Math.floor(world.now())}`) },
  { name: 'no-cache-ten-minutes', minutes: 10, build: oneProgram(4_000, () => 'files') },
  {
    name: 'no-cache-slow',
    minutes: 240,
    build: (world) => ({ either: oneProgram(130_000, () => 'files')(world).found }),
  },
  { name: 'no-cache-fleet', minutes: 90, build: fleetOf(20, 60_000) },
  { name: 'no-cache-large-fleet', minutes: 60, build: fleetOf(60, 120_000) },
  { name: 'botocore-900-seconds', minutes: 90, build: beside(botocoreWith900Seconds) },
  { name: 'session-token-for-each-command', minutes: 90, build: beside(sessionTokens) },
  { name: 'hub-without-cache', minutes: 60, build: hub(false) },
  { name: 'hub-with-cache', minutes: 180, build: hub(true) },
  { name: 'tenants-without-cache', minutes: 60, build: tenants(false) },
  { name: 'tenants-with-cache', minutes: 120, build: tenants(true) },
  {
    name: 'people-by-name',
    minutes: 480,
    build: people(80, 0.5, (n) => `anna.example-${n % 7}${String.fromCharCode(97 + (n % 26))}${n}@example.com`),
  },
  { name: 'hundreds-of-people-an-hour', minutes: 120, build: hundredsOfPeople },
  { name: 'people-by-employee-number', minutes: 480, build: people(80, 0.5, (n) => `E${104_000 + 37 * n}`) },
  { name: 'people-by-number-one-hour', minutes: 60, build: people(90, 1, (n) => `${204_000 + 41 * n}`) },
  { name: 'fleet-with-own-caches', minutes: 180, build: fleet({ count: 60 }) },
  { name: 'workers-of-one-host', minutes: 180, build: fleet({ count: 16, sharesKey: true, sharesAddress: true }) },
  { name: 'containers-with-one-key', minutes: 180, build: fleet({ count: 40, sharesKey: true }) },
  {
    name: 'cold-starts-own-keys',
    minutes: 60,
    build: beside((world) => (coldStarts(world, world.role('fn'), world.role('fn-data'), 5, false), quiet)),
  },
  {
    name: 'cold-starts-one-key',
    minutes: 60,
    build: beside((world) => (coldStarts(world, world.role('fn'), world.role('fn-data'), 5, true), quiet)),
  },
  { name: 'github-jobs', minutes: 240, build: beside((world) => (githubJobs(world, 60), quiet)) },
  { name: 'jobs-with-user-keys', minutes: 240, build: beside((world) => (jobsWithUserKeys(world, 30), quiet)) },
  {
    name: 'many-jobs-with-user-keys',
    minutes: 180,
    build: beside((world) => ({ either: { 'credential-cache': [jobsWithUserKeys(world, 120)] } })),
  },
  { name: 'web-identity-pods', minutes: 180, build: beside((world) => (webIdentityPods(world, 80), quiet)) },
  {
    name: 'web-identity-only',
    minutes: 60,
    build: (world) => (webIdentityPods(world, 200), { unknown: ['credential-cache'] }),
  },
  { name: 'no-cache-changing-agent', minutes: 90, build: beside(changesItsAgent) },
  { name: 'blue-green', minutes: 180, build: beside(blueGreen) },
  { name: 'tag-for-each-request', minutes: 90, build: beside(tagForEachRequest) },
  {
    name: 'no-cache-null-parameters-old-records',
    minutes: 90,
    records: { refusedParameters: 'null', eventVersion: '1.05' },
    build: oneProgram(8_000, () => 'files'),
  },
];
