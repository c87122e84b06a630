import type { SdkName } from '../world/clients.ts';
import { exponential, once, together } from '../world/habits.ts';
import { assumeRole, assumeRoleWithWebIdentity, getRole, listRoles, readsOfRole, write } from '../world/requests.ts';
import type { Process } from '../world/timeline.ts';
import type { Request, Role, World } from '../world/world.ts';

const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

/** All reads of an account with that many roles. */
export const wholeAccount = (roles: number): Request[] => [
  ...names('page', Math.ceil(roles / 100)).map((marker) => listRoles(marker)),
  ...names('role', roles).flatMap(readsOfRole),
];

/** A security scanner that reads the whole account as fast as it can. @returns its role */
export function burstingScanner(world: World, name: string, roles: number, workers: number, afterMs: number): Role {
  const role = world.role(name, { path: '/security/' });
  const client = world.client({ caller: world.session(role, 'scan'), sdk: 'scanner' });
  together(world, client, wholeAccount(roles), workers, afterMs);
  return role;
}

/** A client that reads the whole account again and again at a steady pace. On a throttled call it waits. @returns its role */
export function pacedReader(world: World, name: string, path: string, sdk: SdkName, perSecond: number): Role {
  const role = world.role(name, { path });
  const client = world.client({ caller: world.session(role, name), sdk });
  world.start(reads());
  return role;
  function* reads(): Process {
    while (world.now() < world.endMs) {
      for (const request of wholeAccount(300)) {
        const startedAt = world.now();
        if (!(yield* world.call(client, request))) yield 2_000;
        yield Math.max(0, 1_000 / perSecond - (world.now() - startedAt));
      }
    }
  }
}

/** Terraform reads or creates all its roles, ten at a time. @returns the role it runs as */
export function terraformRun(
  world: World,
  name: string,
  kind: 'create' | 'refresh',
  roles: number,
  afterMs: number,
): Role {
  const role = world.role(name, { path: '/ci/' });
  const client = world.client({ caller: world.session(role, 'terraform'), sdk: 'terraform' });
  const policyDocument = '{"Version":"2012-10-17","Statement":[]}';
  const requests = names('service', roles).flatMap((roleName) => [
    ...(kind === 'create'
      ? [
          write('CreateRole', { roleName, assumeRolePolicyDocument: policyDocument }),
          write('PutRolePolicy', { roleName, policyName: 'own', policyDocument }),
          write('AttachRolePolicy', { roleName, policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }),
        ]
      : []),
    ...readsOfRole(roleName),
  ]);
  together(world, client, requests, 10, afterMs);
  return role;
}

/** CloudFormation deploys a stack with two roles on behalf of a pipeline's role. @returns that role */
export function cloudFormationDeployments(world: World, everyMinutes: number): Role {
  const role = world.role('deploy-pipeline');
  world.start(deployments());
  return role;
  function* deployments(): Process {
    while (world.now() < world.endMs) {
      yield exponential(world, 60_000 * everyMinutes);
      const client = world.client({
        caller: world.session(role, 'AWSCloudFormation'),
        sdk: 'cloudFormation',
        ip: 'cloudformation.amazonaws.com',
        invokedBy: 'cloudformation.amazonaws.com',
      });
      for (const roleName of ['web', 'worker']) {
        yield* world.call(client, getRole(roleName));
        yield* world.call(client, write('PutRolePolicy', { roleName, policyName: 'own', policyDocument: '{}' }));
      }
    }
  }
}

/** Jobs of GitHub Actions with OIDC: each exchanges its token once. */
export function githubJobs(world: World, perHour: number): void {
  const providerArn = 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com';
  const role = world.role('github-deploy');
  world.start(jobs());
  function* jobs(): Process {
    while (world.now() < world.endMs) {
      yield exponential(world, 3_600_000 / perHour);
      const subject = `repo:example/service-${Math.floor(8 * world.random())}:ref:refs/heads/main`;
      const caller = { kind: 'webIdentity', providerArn, audience: 'sts.amazonaws.com', subject } as const;
      const client = world.client({ caller, sdk: 'github', ip: `20.55.${Math.floor(250 * world.random())}.9` });
      world.start(once(world, client, assumeRoleWithWebIdentity(role, 'GitHubActions')));
    }
  }
}

/** Short CI jobs behind one NAT address with the keys of one user: each assumes the deployment role once. @returns the user's ARN */
export function jobsWithUserKeys(world: World, perHour: number): string {
  const caller = world.user('ci-runner');
  const client = world.client({ caller, sdk: 'cli', ip: '198.51.100.20' });
  const role = world.role('deploy');
  world.start(jobs());
  return caller.arn;
  function* jobs(): Process {
    while (world.now() < world.endMs) {
      yield exponential(world, 3_600_000 / perHour);
      world.start(
        once(world, client, assumeRole({ role, sessionName: `build-${10_000 + Math.floor(89_999 * world.random())}` })),
      );
    }
  }
}
