import { exponential, once, steadily, withCache } from '../world/habits.ts';
import { anyRead, assumeRole, callerIdentity, listRoles } from '../world/requests.ts';
import type { Process } from '../world/timeline.ts';
import type { World } from '../world/world.ts';

/** Callers that every account has, and that must never be named: administrators, AWS services, programs without a habit. */
export function ordinary(world: World): void {
  administrators(world, 2);
  awsServices(world, 3);
  steadyIdentityChecks(world, 'health-check');
  const role = world.role('billing-export');
  const target = world.role('billing-reader');
  const client = world.client({ caller: world.session(role), sdk: 'botocoreStandard' });
  world.start(withCache(world, client, { role: target, sessionName: 'billing' }, 30_000));
}

/** People in the console: some reads at a time, every ten minutes or so. */
export function administrators(world: World, count: number): void {
  const role = world.role('AWSReservedSSO_Administrator_0123456789abcdef', {
    path: '/aws-reserved/sso.amazonaws.com/eu-west-1/',
  });
  for (let n = 0; n < count; n += 1) {
    const client = world.client({ caller: world.session(role, `admin-${n}@example.com`), sdk: 'console' });
    world.start(person());
    function* person(): Process {
      while (world.now() < world.endMs) {
        yield exponential(world, 600_000);
        for (let reads = 0; reads < 6; reads += 1) {
          world.start(once(world, client, reads === 0 ? listRoles() : anyRead(world)));
          yield 300;
        }
      }
    }
  }
}

/** EC2, ECS and Lambda assume the roles of instances, tasks and functions. */
export function awsServices(world: World, perMinute: number): void {
  for (const service of ['ec2.amazonaws.com', 'ecs-tasks.amazonaws.com', 'lambda.amazonaws.com']) {
    const client = world.client({ caller: { kind: 'service', service }, sdk: 'noRetries' });
    world.start(calls(service));
    function* calls(name: string): Process {
      while (world.now() < world.endMs) {
        yield exponential(world, 60_000 / perMinute);
        const role = world.role(`${name.split('.')[0] ?? ''}-role-${Math.floor(20 * world.random())}`);
        yield* world.call(client, assumeRole({ role, sessionName: world.hex(32) }));
      }
    }
  }
}

/** A program that calls GetCallerIdentity three times a minute. */
export function steadyIdentityChecks(world: World, name: string): void {
  const client = world.client({ caller: world.session(world.role(name)), sdk: 'goV2' });
  world.start(steadily(world, client, 0.05, () => callerIdentity));
}

/** Small programs that read IAM now and then. @param perSecond calls of all together */
export function smallPrograms(world: World, count: number, perSecond: number): void {
  const names = ['jsStandard', 'botocoreStandard', 'goV2', 'javaV2', 'botocoreLegacy', 'jsOld'] as const;
  for (let n = 0; n < count; n += 1) {
    const client = world.client({
      caller: world.session(world.role(`small-program-${n}`)),
      sdk: names[n % names.length] ?? 'jsStandard',
    });
    world.start(steadily(world, client, perSecond / count, anyRead));
  }
}
