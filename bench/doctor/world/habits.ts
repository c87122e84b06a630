import type { Client } from './clients.ts';
import { assumeRole, type SessionRequest } from './requests.ts';
import type { Process } from './timeline.ts';
import type { Request, World } from './world.ts';

type Make = (world: World) => Request;

/** A process that makes one call after the other, with random gaps. @param perSecond calls, if none is throttled */
export function* steadily(world: World, client: Client, perSecond: number, make: Make, untilMs = world.endMs): Process {
  while (world.now() < untilMs) {
    yield exponential(world, 1_000 / perSecond);
    yield* world.call(client, make(world));
  }
}

/** Requests of users, which come at random and are answered side by side. Each makes one call. */
export function* onDemand(
  world: World,
  client: Client | (() => Client),
  perSecond: number,
  make: Make,
  untilMs = world.endMs,
): Process {
  while (world.now() < untilMs) {
    yield exponential(world, 1_000 / perSecond);
    world.start(once(world, typeof client === 'function' ? client() : client, make(world)));
  }
}

export function* once(world: World, client: Client, request: Request): Process {
  yield* world.call(client, request);
}

/** Worker processes that make the calls of a list as fast as they can. */
export function together(
  world: World,
  client: Client,
  requests: readonly Request[],
  workers: number,
  afterMs = 0,
): void {
  let next = 0;
  function* worker(): Process {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      yield* world.call(client, request);
    }
  }
  for (let n = 0; n < workers; n += 1) world.start(worker(), afterMs);
}

/** A process that needs credentials of a role now and then, and keeps them until shortly before their end. */
export function* withCache(world: World, client: Client, session: SessionRequest, needEveryMs: number): Process {
  const lifeMs = 1_000 * (session.durationSeconds ?? 3_600);
  let validUntil = 0;
  while (world.now() < world.endMs) {
    // A cache whose margin is the whole session renews at each use.
    if (world.now() >= validUntil - client.renewsBeforeMs && (yield* world.call(client, assumeRole(session)))) {
      validUntil = world.now() + lifeMs;
    }
    yield exponential(world, needEveryMs);
  }
}

/** A process that requests a session for each use. */
export function* withoutCache(
  world: World,
  client: Client,
  session: SessionRequest | (() => SessionRequest),
  everyMs: number,
): Process {
  while (world.now() < world.endMs) {
    yield* world.call(client, assumeRole(typeof session === 'function' ? session() : session));
    yield exponential(world, everyMs);
  }
}

/** A random time with the given mean, in milliseconds. */
export const exponential = (world: World, meanMs: number): number => -Math.log(1 - world.random()) * meanMs;
