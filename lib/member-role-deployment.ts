import { Aws, CfnOutput, CfnStackSet, Stack, Stage, PERMISSIONS_BOUNDARY_CONTEXT_KEY } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { memberRoleIn } from './member-role.ts';
import { HUB_ACCOUNT_PARAMETER, MemberRoleStack } from './member-role-stack.ts';
import type { Settings } from './settings.ts';

/** The largest template body of a StackSet in bytes (CloudFormation API Reference, CreateStackSet). */
const MAX_TEMPLATE_BYTES = 51_200;

export interface MemberRoleDeploymentProps {
  readonly settings: Settings;
  /** The template of the member role: the result of `memberRoleTemplateBody`. */
  readonly templateBody: string;
}

/**
 * Deploys the member role to the organization with a service-managed StackSet, and to the hub's own account with the hub's
 * stack. If the hub is the management account, StackSets never reach it. If it is a delegated administrator, the StackSet
 * excludes it, because whether the targets contain the hub is not known here.
 */
export class MemberRoleDeployment extends Construct {
  constructor(scope: Construct, id: string, { settings, templateBody }: MemberRoleDeploymentProps) {
    super(scope, id);
    const { memberRole: group, stackName, stsRegion } = settings;
    if (group === undefined) throw new Error('MemberRoleDeployment needs the settings memberRole.');
    const { callAs, excludedAccounts = [], targets = [] } = group;
    memberRoleIn(this, 'HubRole', { settings, hubAccountId: Aws.ACCOUNT_ID });
    const delegated = callAs === 'DELEGATED_ADMIN';
    const excluded = delegated ? [Aws.ACCOUNT_ID, ...excludedAccounts] : [...excludedAccounts];
    new CfnStackSet(this, 'StackSet', {
      stackSetName: `${stackName}-member-role`,
      description: 'The role that iam-audit assumes in each account of the organization.',
      permissionModel: 'SERVICE_MANAGED',
      callAs,
      capabilities: ['CAPABILITY_NAMED_IAM'],
      // An account that leaves the organization loses the role. The role would not trust the hub any more.
      autoDeployment: { enabled: true, retainStacksOnAccountRemoval: false },
      // CDK does not convert the names inside this property.
      managedExecution: { Active: true },
      // One account that refuses the role must not stop the others. A run names each account without the role.
      operationPreferences: {
        failureTolerancePercentage: 100,
        maxConcurrentPercentage: 25,
        concurrencyMode: 'SOFT_FAILURE_TOLERANCE',
        regionConcurrencyType: 'PARALLEL',
      },
      parameters: [{ parameterKey: HUB_ACCOUNT_PARAMETER, parameterValue: Aws.ACCOUNT_ID }],
      stackInstancesGroup: [
        {
          deploymentTargets: {
            organizationalUnitIds: [...targets],
            ...(excluded.length === 0 ? {} : { accountFilterType: 'DIFFERENCE', accounts: excluded }),
          },
          // IAM is global, so one Region is enough. Every audited account must have activated this one for STS anyway.
          regions: [stsRegion ?? Stack.of(this).region],
        },
      ],
      templateBody,
    });
    if (delegated) {
      new CfnOutput(Stack.of(this), 'ManagementAccountWithoutRole', {
        value: `StackSets never deploy to the management account. It has no role ${settings.memberRoleName ?? ''} until you create it there: docs/organization.md`,
      });
    }
  }
}

/**
 * Synthesises the stack of the audited accounts in a stage of its own. Commands without a stack's name, such as
 * `cdk deploy`, do not select stacks of stages.
 */
export function memberRoleTemplateBody(scope: Construct, settings: Settings): string {
  const stage = new Stage(scope, 'Member');
  // A boundary of this context is a policy of the hub's account.
  stage.node.setContext(PERMISSIONS_BOUNDARY_CONTEXT_KEY, null);
  const stack = new MemberRoleStack(stage, 'MemberRole', { settings });
  const body = JSON.stringify(stage.synth().getStackArtifact(stack.artifactId).template);
  if (body.length > MAX_TEMPLATE_BYTES) {
    throw new Error(`The template of the member role has ${body.length} bytes; StackSets allow ${MAX_TEMPLATE_BYTES}.`);
  }
  return body;
}
