import {
  administratorPaths,
  everything,
  iam,
  ID,
  reads,
  roleOf,
  type Json,
} from '../../support/administrator-paths.ts';
import { allow, trustOf } from '../../support/policy-documents.ts';

const trusts = (name: string, more: Json = {}): Json => trustOf({ Service: `${name}.amazonaws.com` }, undefined, more);
const target = (trust: Json, more: Json = {}): Json => roleOf('target', trust, { inline: everything, ...more });
const pass = allow('iam:PassRole', `${iam}role/target`);

const paths = (trust: Json, ...dev: readonly Json[]): Promise<string[]> =>
  administratorPaths({ dev, roles: [target(trust)] });

describe('a role that is passed to a service', () => {
  test('a hybrid activation, a tested state and a resource of the Cloud Control API need nothing else', async () => {
    expect(await paths(trusts('ssm'), pass, allow('ssm:CreateActivation'))).toEqual([
      'certain, ssm-create-activation role/target',
    ]);
    expect(await paths(trusts('states'), pass, allow('states:TestState'))).toEqual([
      'certain, step-functions-test-state role/target',
    ]);
    expect(await paths(trusts('cloudformation'), pass, allow('cloudformation:CreateResource'))).toEqual([
      'certain, cloudformation-create-resource role/target',
    ]);
  });

  test('not to another service than the role trusts', async () => {
    expect(await paths(trusts('lambda'), pass, allow('ssm:CreateActivation'))).toEqual([]);
    expect(await paths(trusts('iot'), pass, allow('iot:UpdateRoleAlias'))).toEqual([]);
    expect(await paths(trusts('credentials.iot'), pass, allow('iot:UpdateRoleAlias'))).toEqual([
      'possible, iot-update-role-alias role/target',
    ]);
  });

  test('an API that calls AWS services is created and deployed, so one API is not enough', async () => {
    const own = allow('apigateway:POST', 'arn:aws:apigateway:us-east-1::/restapis/a1b2c3/deployments');
    const any = allow('apigateway:POST', 'arn:aws:apigateway:us-east-1::/restapis*');
    expect(await paths(trusts('apigateway'), pass, own)).toEqual([]);
    expect(await paths(trusts('apigateway'), pass, any)).toEqual(['certain, api-gateway-import-rest-api role/target']);
  });

  test('the default role of instances is one setting of Systems Manager', async () => {
    const setting = (name: string): Json =>
      allow('ssm:UpdateServiceSetting', `arn:aws:ssm:us-east-1:${ID}:servicesetting/ssm/${name}`);
    expect(await paths(trusts('ssm'), pass, setting('parameter-store/high-throughput-enabled'))).toEqual([]);
    expect(await paths(trusts('ssm'), pass, setting('managed-instance/default-ec2-instance-management-role'))).toEqual([
      'possible, ssm-default-host-management role/target',
    ]);
  });

  test('nodes of an EKS cluster get a role without an instance profile, instances do not', async () => {
    expect(await paths(trusts('ec2'), pass, allow('eks:CreateNodegroup'))).toEqual([
      'possible, eks-create-nodegroup role/target',
    ]);
    expect(await paths(trusts('ec2'), pass, allow(['ec2:CreateFleet', 'ec2:CreateLaunchTemplate']))).toEqual([]);
  });

  test('a new role that trusts the service is enough', async () => {
    const creates = [
      allow(['iam:CreateRole', 'iam:AttachRolePolicy', 'iam:PassRole'], `${iam}role/new-*`),
      allow('states:TestState'),
    ];
    const denied: Json = { Effect: 'Deny', Action: 'sts:AssumeRole', Resource: '*' };
    expect(await administratorPaths({ dev: [...creates, denied] })).toContainEqual(
      expect.stringContaining('step-functions-test-state'),
    );
  });
});

describe('a role that a service already uses', () => {
  test('a role of an identity pool with a developer provider', async () => {
    const pool = trustOf({ Federated: 'cognito-identity.amazonaws.com' }, 'sts:AssumeRoleWithWebIdentity', {
      Condition: {
        StringEquals: { 'cognito-identity.amazonaws.com:aud': 'us-east-1:0a1b2c3d-0000-0000-0000-000000000000' },
      },
    });
    const token = allow('cognito-identity:GetOpenIdTokenForDeveloperIdentity');
    expect(await paths(pool, token)).toEqual([
      'possible, cognito-get-open-id-token-for-developer-identity role/target',
    ]);
    expect(await paths(trusts('ec2'), token)).toEqual([]);
  });

  test('a role for a trust anchor whose certificate authority is changed, and no other role', async () => {
    const update = allow('rolesanywhere:UpdateTrustAnchor');
    expect(await paths(trusts('rolesanywhere'), update)).toEqual([
      'possible, roles-anywhere-update-trust-anchor role/target',
    ]);
    expect(await paths(trusts('ec2'), update)).toEqual([]);
  });

  test('a role that gives nothing is no gain', async () => {
    const roles = [roleOf('target', trusts('athena'), { inline: reads })];
    const dev = [allow(['athena:StartSession', 'athena:StartCalculationExecution'])];
    expect(await administratorPaths({ dev, roles })).toEqual([]);
    expect(await administratorPaths({ dev, roles: [target(trusts('athena'))] })).toEqual([
      'possible, athena-start-calculation-execution role/target',
    ]);
  });

  test('a command on an instance in a maintenance window', async () => {
    const dev = [allow(['ssm:CreateMaintenanceWindow', 'ssm:RegisterTaskWithMaintenanceWindow'])];
    const roles = [target(trusts('ec2'), { instanceProfiles: ['target'] })];
    expect(await administratorPaths({ dev, roles })).toEqual(['possible, ssm-create-maintenance-window role/target']);
  });
});

test('a permission set that is assigned, and its users', async () => {
  const roles = [
    roleOf('set', trustOf({ Federated: `${iam}saml-provider/AWSSSO` }, 'sts:AssumeRoleWithSAML'), {
      path: '/aws-reserved/sso.amazonaws.com/',
    }),
  ];
  const by = (action: string): Promise<string[]> => administratorPaths({ dev: [allow(action)], roles });
  expect(await by('sso:CreateAccountAssignment')).toEqual([
    expect.stringContaining('possible, sso-create-account-assignment'),
  ]);
  expect(await by('sso-directory:UpdatePassword')).toEqual([
    expect.stringContaining('possible, sso-directory-update-password'),
  ]);
});

describe('an EMR cluster has two roles', () => {
  const run = allow('elasticmapreduce:RunJobFlow');
  const emr = trusts('elasticmapreduce');
  const passes = (name: string, to?: string): Json =>
    allow(
      'iam:PassRole',
      `${iam}role/${name}`,
      to === undefined ? {} : { Condition: { StringEquals: { 'iam:PassedToService': `${to}.amazonaws.com` } } },
    );
  const boss = target(trusts('ec2'), { instanceProfiles: ['target'] });
  const cluster = (service: Json, ...dev: readonly Json[]): Promise<string[]> =>
    administratorPaths({ dev: [run, ...dev], roles: [boss, roleOf('service', service)] });
  const found = ['certain, pass-role-emr-run-job-flow role/target'];

  test('of the instances, and of the service, and both are passed', async () => {
    expect(await cluster(emr, passes('target'), passes('service'))).toEqual(found);
    expect(await cluster(emr, passes('target', 'ec2'), passes('service', 'elasticmapreduce'))).toEqual(found);
    expect(await cluster(emr, passes('target'))).toEqual([]);
    expect(await cluster(emr, passes('target', 'ec2'), passes('service', 'ec2'))).toEqual([]);
    expect(await cluster(trusts('lambda'), passes('*'))).toEqual([]);
  });

  test('one role may be both', async () => {
    const both = trustOf({ Service: ['ec2.amazonaws.com', 'elasticmapreduce.amazonaws.com'] });
    const roles = [target(both, { instanceProfiles: ['target'] })];
    expect(await administratorPaths({ dev: [run, passes('target')], roles })).toEqual(found);
  });

  test('the conditions on the second role count', async () => {
    const vpc = { Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } };
    const conditional = allow('iam:PassRole', `${iam}role/service`, vpc);
    expect(await cluster(emr, passes('target'), conditional)).toEqual([
      'conditional, pass-role-emr-run-job-flow role/target',
    ]);
  });

  test('a role whose trust policy is changed needs an existing role of the service, if it is not passed to EMR', async () => {
    const retrusts = allow('iam:UpdateAssumeRolePolicy', `${iam}role/target`);
    const denied = { Effect: 'Deny', Action: 'sts:*', Resource: '*' };
    const roles = (service: Json): readonly Json[] => [
      target(trusts('x'), { instanceProfiles: ['target'] }),
      roleOf('service', service),
    ];
    const dev = [run, retrusts, denied, passes('target', 'ec2'), passes('service', 'elasticmapreduce')];
    expect(await administratorPaths({ dev, roles: roles(emr) })).toHaveLength(1);
    expect(await administratorPaths({ dev, roles: roles(trusts('x')) })).toEqual([]);
  });
});
