import { cachingFleet } from '../populations/fleets.ts';
import { administrators, ordinary } from '../populations/ordinary.ts';
import { cloudFormationDeployments, terraformRun } from '../populations/tools.ts';
import type { ClientOptions, SdkName } from '../world/clients.ts';
import { exponential, onDemand, steadily } from '../world/habits.ts';
import { callerIdentity, write } from '../world/requests.ts';
import type { Process } from '../world/timeline.ts';
import type { Request, World } from '../world/world.ts';
import { limitSts, type Scenario, type Truth } from './scenario.ts';

/** A program that changes IAM while it works. */
const writer = (
  name: string,
  sdk: SdkName,
  everyMs: number,
  requests: (world: World) => readonly Request[],
): Scenario['build'] =>
  function build(world): Truth {
    ordinary(world);
    const role = world.role(name);
    const client = world.client({ caller: world.session(role), sdk });
    world.start(work());
    return { found: { 'policy-writes': [role.roleArn] } };
    function* work(): Process {
      while (world.now() < world.endMs) {
        yield exponential(world, everyMs);
        for (const request of requests(world)) yield* world.call(client, request);
      }
    }
  };

const policyArn = 'arn:aws:iam::111122223333:policy/tenants';
const newVersion = (): Request[] => [
  write('DeletePolicyVersion', { policyArn, versionId: 'v1' }),
  write('CreatePolicyVersion', { policyArn, policyDocument: '{}', setAsDefault: true }),
];
const putOnRole = (roleName: string) => (): Request[] => [
  write('PutRolePolicy', { roleName, policyName: 'own', policyDocument: '{}' }),
];
const toggle = (): Request[] => [
  write('AttachRolePolicy', { roleName: 'break-glass', policyArn }),
  write('DetachRolePolicy', { roleName: 'break-glass', policyArn }),
];

const quietWriter = (...[name, sdk, everyMs, requests]: Parameters<typeof writer>): Scenario['build'] =>
  function build(world): Truth {
    writer(name, sdk, everyMs, requests)(world);
    return {};
  };

/** Each customer gets a policy of its own, once. */
function policyForEachCustomer(world: World): Truth {
  let customer = 0;
  const build = writer('onboarding', 'jsStandard', 120_000, () => [
    write('CreatePolicy', { policyName: `customer-${(customer += 1)}`, policyDocument: '{}' }),
    write('AttachRolePolicy', { roleName: `customer-${customer}`, policyArn: `${policyArn}-${customer}` }),
  ]);
  return { either: build(world).found };
}

/** A policy, or a role with a policy, is made for each request and deleted after it. */
function policyForEachRequest(world: World): Request[] {
  const policyName = `request-${world.hex(12)}`;
  return [
    write('CreatePolicy', { policyName, policyDocument: '{}' }),
    write('DeletePolicy', { policyArn: `arn:aws:iam::111122223333:policy/${policyName}` }),
  ];
}

function roleForEachRequest(world: World): Request[] {
  const roleName = `request-${world.hex(12)}`;
  return [
    write('CreateRole', { roleName, assumeRolePolicyDocument: '{}' }),
    ...putOnRole(roleName)(),
    write('DeleteRolePolicy', { roleName, policyName: 'own' }),
    write('DeleteRole', { roleName }),
  ];
}

/** Twenty roles with a few calls each to the global endpoint. */
function manySmallGlobalCallers(world: World): Truth {
  ordinary(world);
  const roles = Array.from({ length: 20 }, (_, n) => world.role(`old-cron-${n}`));
  for (const role of roles) {
    const client = world.client({ caller: world.session(role), sdk: 'botocoreOld', endpoint: 'global' });
    world.start(cron(client), world.draw(0, 500_000));
  }
  return { found: { 'sts-endpoint': roles.map(({ roleArn }) => roleArn) } };
  function* cron(client: ReturnType<World['client']>): Process {
    while (world.now() < world.endMs) {
      yield* world.call(client, callerIdentity);
      yield 600_000;
    }
  }
}

/** AWS services change their own roles, and Identity Center those of its permission sets. */
function servicesWrite(world: World): Truth {
  ordinary(world);
  const role = world.role('AWSServiceRoleForSSO', { path: '/aws-service-role/sso.amazonaws.com/' });
  const client = world.client({
    caller: world.session(role, 'AWS-SSO'),
    sdk: 'noRetries',
    ip: 'sso.amazonaws.com',
    invokedBy: 'sso.amazonaws.com',
  });
  world.start(steadily(world, client, 0.02, () => putOnRole('AWSReservedSSO_ReadOnly_0123')()[0] ?? callerIdentity));
  return {};
}

/** One client of STS among callers of Regional endpoints. */
const endpointCaller = (options: Partial<ClientOptions>, isFound: boolean, perSecond = 0.05): Scenario['build'] =>
  function build(world): Truth {
    ordinary(world);
    cachingFleet(world, {
      role: world.role('orders'),
      target: world.role('shared-data'),
      count: 10,
      sdk: 'jsStandard',
    });
    const role = world.role('old-service');
    const client = world.client({ caller: world.session(role), sdk: 'botocoreOld', ...options });
    world.start(onDemand(world, client, perSecond, () => callerIdentity));
    return isFound ? { found: { 'sts-endpoint': [role.roleArn] } } : {};
  };

/** The pool of the global endpoint is used up; Regional callers are served. */
function globalPool(world: World): Truth {
  ordinary(world);
  const rate = limitSts(world, 'global');
  const role = world.role('old-service');
  for (let n = 0; n < 4; n += 1) {
    const client = world.client({ caller: world.session(role), sdk: 'botocoreOld', endpoint: 'global' });
    world.start(onDemand(world, client, (1.4 * rate) / 4, () => callerIdentity));
  }
  const regional = world.client({ caller: world.session(world.role('gateway')), sdk: 'goV2' });
  world.start(onDemand(world, regional, 2 * rate, () => callerIdentity));
  return { found: { 'sts-endpoint': [role.roleArn], callers: [role.roleArn] } };
}

export const policyScenarios: readonly Scenario[] = [
  { name: 'new-version-of-one-policy', minutes: 240, build: writer('tenant-admin', 'jsStandard', 90_000, newVersion) },
  {
    name: 'policy-of-one-role',
    minutes: 360,
    build: writer('job-runner', 'botocoreStandard', 300_000, putOnRole('jobs')),
  },
  { name: 'attach-and-detach', minutes: 180, build: writer('access-broker', 'goV2', 240_000, toggle) },
  {
    name: 'controller-in-kubernetes',
    minutes: 1_440,
    build: writer('ack-controller', 'goV2', 900_000, putOnRole('pods')),
  },
  { name: 'policy-of-role-in-one-hour', minutes: 60, build: writer('job-runner', 'javaV2', 60_000, putOnRole('jobs')) },
  {
    name: 'policy-for-each-request',
    minutes: 180,
    build: writer('report-service', 'jsStandard', 120_000, policyForEachRequest),
  },
  {
    name: 'role-for-each-request',
    minutes: 180,
    build: writer('job-service', 'botocoreStandard', 120_000, roleForEachRequest),
  },
  {
    name: 'program-with-agent-of-terraform',
    minutes: 1_440,
    build: writer('job-runner', 'terraform', 900_000, putOnRole('jobs')),
  },
  { name: 'policy-for-each-customer', minutes: 360, build: policyForEachCustomer },
  {
    name: 'terraform-creates-120-roles',
    minutes: 60,
    build: (world) => {
      ordinary(world);
      const role = terraformRun(world, 'terraform', 'create', 120, 300_000);
      return { either: { bursts: [role.roleArn] } };
    },
  },
  {
    name: 'administrators-edit',
    minutes: 480,
    build: (world) => {
      administrators(world, 4);
      return quietWriter('AWSReservedSSO_Power_01', 'console', 7_200_000, putOnRole('app'))(world);
    },
  },
  {
    name: 'terraform-deploys-all-day',
    minutes: 1_440,
    build: quietWriter('ci-deploy', 'terraformV5', 2_700_000, (world) => [
      ...putOnRole('web')(),
      ...putOnRole('worker')(),
      ...toggleTags(world),
    ]),
  },
  {
    name: 'cloudformation-deploys-all-day',
    minutes: 1_440,
    build: (world) => {
      ordinary(world);
      cloudFormationDeployments(world, 40);
      return {};
    },
  },
  {
    name: 'script-deploys-all-day',
    minutes: 1_440,
    build: (world) => ({ either: writer('ci-script', 'cli', 2_700_000, putOnRole('web'))(world).found }),
  },
  { name: 'services-write', minutes: 240, build: servicesWrite },
];

const toggleTags = (world: World): Request[] => [
  write('TagRole', { roleName: 'web', tags: [{ key: 'commit', value: world.hex(8) }] }),
];

export const endpointScenarios: readonly Scenario[] = [
  { name: 'old-sdk-global-endpoint', minutes: 60, build: endpointCaller({ endpoint: 'global' }, true) },
  {
    name: 'java-configured-global',
    minutes: 60,
    build: endpointCaller({ endpoint: 'global', sdk: 'javaV2', region: 'ap-southeast-2' }, true),
  },
  {
    name: 'global-endpoint-older-records',
    minutes: 60,
    records: { eventVersion: '1.08' },
    build: endpointCaller({ endpoint: 'global' }, true),
  },
  { name: 'regional-us-east-1', minutes: 60, build: endpointCaller({ region: 'us-east-1' }, false, 0.2) },
  {
    name: 'regional-us-east-1-older-records',
    minutes: 60,
    records: { eventVersion: '1.08' },
    build: endpointCaller({ region: 'us-east-1' }, false, 0.2),
  },
  {
    name: 'vpc-endpoint',
    minutes: 60,
    build: endpointCaller(
      { hostHeader: 'vpce-0123456789abcdef0-abcdefgh.sts.eu-west-1.vpce.amazonaws.com' },
      false,
      0.2,
    ),
  },
  { name: 'few-global-calls', minutes: 60, build: endpointCaller({ endpoint: 'global', sdk: 'cli' }, false, 0.0012) },
  {
    name: 'host-name-with-port',
    minutes: 60,
    records: { eventVersion: '1.08' },
    build: endpointCaller({ endpoint: 'global', hostHeader: 'STS.amazonaws.com:443' }, true),
  },
  { name: 'many-callers-of-global-endpoint', minutes: 60, build: manySmallGlobalCallers },
  { name: 'global-pool-used-up', minutes: 8, build: globalPool },
];
