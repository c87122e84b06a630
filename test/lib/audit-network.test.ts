import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  resourcesOf,
  resourcesOfType,
  statementsOf,
  templateOf,
  VPC,
  VPC_WITH_ENDPOINTS,
} from '../support/template.ts';

const ENI = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];
const without = templateOf();
const inVpc = templateOf({ vpc: VPC });
const withEndpoints = templateOf({ vpc: VPC_WITH_ENDPOINTS });
const ec2 = (of = inVpc): string[] =>
  resourcesOf(of).flatMap(([, { Type }]) => (Type.startsWith('AWS::EC2::') ? [Type] : []));

test('every function is attached to the subnets and security groups of the settings', () => {
  const functions = resourcesOfType('AWS::Lambda::Function', inVpc);
  expect(functions).toHaveLength(5);
  for (const { Properties } of functions) {
    expect(Properties.VpcConfig).toEqual({ SubnetIds: VPC.subnetIds, SecurityGroupIds: VPC.securityGroupIds });
  }
});

test('Lambda may create network interfaces with every function’s role, but the function’s code may not', () => {
  const of = (template: typeof inVpc) =>
    resourcesOfType('AWS::IAM::Policy', template).flatMap(({ Properties }) =>
      statementsOf(Properties.PolicyDocument).filter(({ Action }) => JSON.stringify(Action).includes('ec2:')),
    );
  const statements = of(inVpc);
  expect(statements).toHaveLength(10);
  for (const statement of statements.filter(({ Effect }) => Effect === 'Allow')) {
    expect(statement).toMatchObject({ Action: ENI, Resource: '*' });
  }
  const denied = statements.filter(({ Effect }) => Effect === 'Deny');
  expect(denied).toHaveLength(5);
  for (const statement of denied) {
    expect(statement).toMatchObject({
      Action: ENI,
      Resource: '*',
      Condition: {
        ArnLike: { 'lambda:SourceFunctionArn': { 'Fn::Join': ['', expect.arrayContaining([':function:*'])] } },
      },
    });
  }
  expect(of(without)).toEqual([]);
});

test('without vpc.endpoints the stack creates nothing in the VPC', () => {
  expect(ec2()).toEqual([]);
  expect(ec2(without)).toEqual([]);
});

describe('endpoints', () => {
  const endpointsOf = (template: typeof inVpc): [string, string, string | undefined][] =>
    resourcesOfType('AWS::EC2::VPCEndpoint', template).map(({ Properties, Condition }) => [
      String(Properties.VpcEndpointType),
      JSON.stringify(Properties.ServiceName).replace(
        /.*(com.amazonaws[^"]*|\.s3|\.states|\.lambda|\.sts|\.securityhub)"[\]}]*$/,
        '$1',
      ),
      Condition?.replace(/[0-9A-F]{8}$/, ''),
    ]);

  test('are those that the functions need; IAM and Organizations only in the Region of their control plane', () => {
    expect(endpointsOf(withEndpoints)).toEqual([
      ['Gateway', '.s3', undefined],
      ['Interface', '.states', undefined],
      ['Interface', '.lambda', undefined],
      ['Interface', '.sts', undefined],
      ['Interface', 'com.amazonaws.iam', 'FunctionsNetworkControlPlane'],
      ['Interface', 'com.amazonaws.us-east-1.organizations', 'FunctionsNetworkControlPlane'],
    ]);
    const conditions = withEndpoints.toJSON() as { Conditions: object };
    expect(Object.values(conditions.Conditions)).toEqual(
      expect.arrayContaining([
        { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
        { 'Fn::Equals': [{ Ref: 'AWS::Partition' }, 'aws-cn'] },
      ]),
    );
  });

  test('are in the table of docs/deploy.md, with their services', () => {
    const page = readFileSync(join(__dirname, '../../docs/deploy.md'), 'utf8');
    const table = [...page.matchAll(/^\| [^|]+ \| [^|]+ \| `(com\.amazonaws\.[^`]+)`/gm)].map(
      ([, service = '']) => service,
    );
    const all = templateOf({ vpc: VPC_WITH_ENDPOINTS, securityHub: true });
    const made = endpointsOf(all).map(([, service]) =>
      service.startsWith('.') ? `com.amazonaws.REGION${service}` : service,
    );
    expect(table.sort()).toEqual(made.sort());
  });

  test('there is none for STS if stsRegion is another Region', () => {
    const services = endpointsOf(templateOf({ vpc: VPC_WITH_ENDPOINTS, stsRegion: 'us-east-1' })).map(
      ([, service]) => service,
    );
    expect(services).not.toContain('.sts');
    expect(services).toContain('.states');
  });

  test('accept only HTTPS from the functions', () => {
    const [group, ...others] = resourcesOfType('AWS::EC2::SecurityGroup', withEndpoints);
    expect(others).toEqual([]);
    expect(group!.Properties.SecurityGroupIngress).toEqual([
      expect.objectContaining({
        FromPort: 443,
        ToPort: 443,
        IpProtocol: 'tcp',
        SourceSecurityGroupId: VPC.securityGroupIds[0],
      }),
    ]);
  });
});
