import { Aws, CfnCondition, Fn } from 'aws-cdk-lib/core';
import { CfnSecurityGroup, CfnVPCEndpoint } from 'aws-cdk-lib/aws-ec2';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';

type VpcSettings = NonNullable<Settings['vpc']>;

/** The control plane Region of IAM and Organizations. According to AWS, only this Region has VPC endpoints for them. */
const CONTROL_PLANE = 'us-east-1';

/** Attaches the functions to an existing VPC, and makes VPC endpoints in it if the settings require them. */
export class AuditNetwork extends Construct {
  readonly #vpc: VpcSettings | undefined;

  constructor(scope: Construct, id: string, { settings }: { readonly settings: Settings }) {
    super(scope, id);
    this.#vpc = settings.vpc;
    if (settings.vpc?.endpoints === true) this.#makeEndpoints(settings.vpc, settings);
  }

  attach(handler: CfnFunction): void {
    if (this.#vpc === undefined) return;
    const { subnetIds, securityGroupIds } = this.#vpc;
    handler.vpcConfig = { subnetIds, securityGroupIds };
  }

  #makeEndpoints(
    { vpcId, subnetIds, securityGroupIds, routeTableIds = [] }: VpcSettings,
    { stsRegion, securityHub }: Settings,
  ): void {
    new CfnVPCEndpoint(this, 'S3', {
      vpcId,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${Aws.REGION}.s3`,
      routeTableIds,
    });
    const group = new CfnSecurityGroup(this, 'Group', {
      vpcId,
      groupDescription: 'iam-audit: functions reach the VPC endpoints of AWS services',
      securityGroupIngress: securityGroupIds.map((sourceSecurityGroupId) => ({
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        sourceSecurityGroupId,
        description: 'HTTPS from a function of iam-audit',
      })),
    });
    const make = (id: string, serviceName: string): CfnVPCEndpoint =>
      new CfnVPCEndpoint(this, id, {
        vpcId,
        vpcEndpointType: 'Interface',
        serviceName,
        subnetIds,
        securityGroupIds: [group.attrGroupId],
        privateDnsEnabled: true,
      });
    const china = this.#ifEqual('China', Aws.PARTITION, 'aws-cn');
    const regional = Fn.conditionIf(china.logicalId, `cn.com.amazonaws.${Aws.REGION}`, `com.amazonaws.${Aws.REGION}`);
    make('States', `${regional.toString()}.states`);
    make('Lambda', `${regional.toString()}.lambda`);
    // An endpoint in the stack's Region can't serve STS of another Region.
    if (stsRegion === undefined) make('Sts', `${regional.toString()}.sts`);
    if (securityHub) make('SecurityHub', `${regional.toString()}.securityhub`);
    const controlPlane = this.#ifEqual('ControlPlane', Aws.REGION, CONTROL_PLANE);
    make('Iam', 'com.amazonaws.iam').cfnOptions.condition = controlPlane;
    make('Organizations', `com.amazonaws.${CONTROL_PLANE}.organizations`).cfnOptions.condition = controlPlane;
  }

  /** A condition that CloudFormation evaluates at deployment, because the template is the same for every Region. */
  #ifEqual(id: string, actual: string, expected: string): CfnCondition {
    return new CfnCondition(this, id, { expression: Fn.conditionEquals(actual, expected) });
  }
}
