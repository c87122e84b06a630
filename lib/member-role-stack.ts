import { BootstraplessSynthesizer, CfnOutput, CfnParameter, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { TEMPLATE_DESCRIPTION } from '../core/member-role/cloudformation.ts';
import { memberRoleIn } from './member-role.ts';
import type { Settings } from './settings.ts';

/** The parameter for the account that runs the audit. A StackSet in that account knows it only at deployment. */
export const HUB_ACCOUNT_PARAMETER = 'HubAccountId';

export interface MemberRoleStackProps {
  readonly settings: Settings;
}

/**
 * The stack of an audited account: only the member role. Its template has no rule about `cdk bootstrap` and no metadata,
 * because StackSets deploy it to accounts without CDK.
 */
export class MemberRoleStack extends Stack {
  constructor(scope: Construct, id: string, { settings }: MemberRoleStackProps) {
    super(scope, id, {
      stackName: `${settings.stackName}-member-role`,
      description: TEMPLATE_DESCRIPTION,
      analyticsReporting: false,
      // Sets generateBootstrapVersionRule to false, and needs no bootstrap bucket.
      synthesizer: new BootstraplessSynthesizer(),
    });
    const hub = new CfnParameter(this, HUB_ACCOUNT_PARAMETER, {
      description: 'ID of the account that runs the audit',
      allowedPattern: '^[0-9]{12}$',
      constraintDescription: 'must be an account ID of 12 digits',
    });
    const role = memberRoleIn(this, 'MemberRole', { settings, hubAccountId: hub.valueAsString });
    new CfnOutput(this, 'MemberRoleArn', {
      value: role.attrArn,
      description: 'ARN of the role that iam-audit assumes',
    });
  }
}
