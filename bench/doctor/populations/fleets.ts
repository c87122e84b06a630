import type { SdkName } from '../world/clients.ts';
import { exponential, withCache, withoutCache } from '../world/habits.ts';
import { anyRead, assumeRole, assumeRoleWithWebIdentity, type SessionRequest } from '../world/requests.ts';
import type { Process } from '../world/timeline.ts';
import type { Role, World } from '../world/world.ts';

export interface FleetOptions {
  readonly role: Role;
  readonly target: Role;
  readonly count: number;
  readonly sdk: SdkName;
  readonly needEveryMs?: number;
  readonly durationSeconds?: number;
  readonly endpoint?: 'regional' | 'global';
  /** True: all instances have one access key, as worker processes of one host or containers of one task role do. */
  readonly sharesKey?: boolean;
  readonly sharesAddress?: boolean;
}

/** Instances or worker processes that each cache their session. */
export function cachingFleet(world: World, options: FleetOptions): void {
  fleet(world, options, (client, session, needEveryMs) => withCache(world, client, session, needEveryMs));
}

/** Instances or worker processes that each request a session for each use. */
export function fleetWithoutCache(world: World, options: FleetOptions): void {
  fleet(world, options, (client, session, needEveryMs) => withoutCache(world, client, session, needEveryMs));
}

function fleet(
  world: World,
  { role, target, count, sdk, needEveryMs = 60_000, durationSeconds, endpoint, sharesKey, sharesAddress }: FleetOptions,
  work: (client: ReturnType<World['client']>, session: SessionRequest, needEveryMs: number) => Process,
): void {
  const shared = world.session(role);
  const address = world.ip();
  const session: SessionRequest = {
    role: target,
    sessionName: role.roleArn.split('/').at(-1) ?? 'session',
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
  };
  for (let n = 0; n < count; n += 1) {
    const client = world.client({
      caller: sharesKey === true ? shared : world.session(role),
      sdk,
      endpoint,
      ...(sharesAddress === true ? { ip: address } : {}),
    });
    world.start(work(client, session, needEveryMs), world.draw(0, 120_000));
  }
}

/** Lambda functions that start cold: each start assumes the role once, and keeps the session for its short life. */
export function coldStarts(world: World, role: Role, target: Role, perMinute: number, sharesKey: boolean): void {
  const shared = world.session(role, 'function');
  world.start(starts());
  function* starts(): Process {
    while (world.now() < world.endMs) {
      yield exponential(world, 60_000 / perMinute);
      const client = world.client({ caller: sharesKey ? shared : world.session(role, 'function'), sdk: 'jsStandard' });
      world.start(one(client));
    }
  }
  function* one(client: ReturnType<World['client']>): Process {
    yield* world.call(client, assumeRole({ role: target, sessionName: 'function' }));
  }
}

/** Pods with web identity behind one NAT address. The SDK exchanges their tokens once an hour. */
export function webIdentityPods(world: World, count: number): void {
  const providerArn = 'arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF';
  const ip = world.ip();
  const role = world.role('eks-orders');
  for (let n = 0; n < count; n += 1) {
    const subject = 'system:serviceaccount:orders:orders';
    const caller = { kind: 'webIdentity', providerArn, audience: 'sts.amazonaws.com', subject } as const;
    const client = world.client({ caller, sdk: n % 2 === 0 ? 'goV2' : 'botocoreStandard', ip });
    world.start(pod(client), world.draw(0, 900_000));
  }
  function* pod(client: ReturnType<World['client']>): Process {
    while (world.now() < world.endMs) {
      yield* world.call(client, assumeRoleWithWebIdentity(role, `botocore-session-${Math.floor(world.now() / 1000)}`));
      yield 2_700_000;
    }
  }
}

/** A web application that reads IAM for its users. @returns its role */
export function readingApplication(
  world: World,
  name: string,
  sdk: SdkName,
  perSecond: number,
  processes: number,
): Role {
  const role = world.role(name, { path: '/apps/' });
  for (let n = 0; n < processes; n += 1) {
    const client = world.client({ caller: world.session(role), sdk });
    world.start(closedLoop(client));
  }
  function* closedLoop(client: ReturnType<World['client']>): Process {
    while (world.now() < world.endMs) {
      yield exponential(world, (1_000 * processes) / perSecond);
      yield* world.call(client, anyRead(world));
    }
  }
  return role;
}
