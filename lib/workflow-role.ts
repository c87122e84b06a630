import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import { Policy, PolicyStatement, ServicePrincipal, type Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { FunctionsByName } from '../core/contract/environment.ts';
import { acknowledgeWildcards } from './acknowledgements.ts';
import { auditRole } from './audit-role.ts';
import { queryWildcards } from './query-policy.ts';
import type { DoctorQueries } from './doctor-queries.ts';
import type { ResultsBucket } from './results-bucket.ts';
import type { Settings } from './settings.ts';

export interface WorkflowRoleProps {
  readonly functions: FunctionsByName<IFunction>;
  readonly results: ResultsBucket;
  readonly settings: Settings;
  readonly stateMachineName: string;
  readonly topic: ITopic;
  /** Present if the workflow runs queries. */
  readonly doctor?: DoctorQueries | undefined;
}

/**
 * The state machine's permissions. CDK's own policy would be wider: it would allow reading the whole bucket and
 * invoking every version of the functions.
 */
export class WorkflowRole extends Construct {
  readonly role: Role;
  readonly policy: Policy;

  constructor(scope: Construct, id: string, props: WorkflowRoleProps) {
    super(scope, id);
    const { functions, results, settings, stateMachineName, topic, doctor } = props;
    const stack = Stack.of(this);
    const states = (resource: string, resourceName: string): string =>
      stack.formatArn({ service: 'states', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    this.role = auditRole(this, 'Role', {
      settings,
      name: 'workflow',
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        // Prevents the confused deputy: only this account's state machines may use the role.
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    this.policy = new Policy(this, 'Policy', { roles: [this.role] });
    const allow = (sid: string, reason: string, resources: string[], ...actions: string[]): void => {
      this.policy.addStatements(new PolicyStatement({ sid, actions, resources }));
      acknowledgeWildcards(this.policy, resources, reason);
    };

    allow(
      'InvokeFunctions',
      'One function per state.',
      Object.values(functions).map(({ functionArn }) => functionArn),
      'lambda:InvokeFunction',
    );
    allow(
      'ReadAccounts',
      'The item reader of the Accounts map reads this object of each run.',
      [results.bucket.arnForObjects('runs/*/accounts.jsonl')],
      's3:GetObject',
    );
    allow(
      'StartAccounts',
      'Each account is a child execution of this state machine.',
      [states('stateMachine', stateMachineName)],
      'states:StartExecution',
    );
    allow(
      'FollowAccounts',
      'Names of executions are not known before they start.',
      [states('execution', `${stateMachineName}:*`), states('execution', `${stateMachineName}/*`)],
      'states:DescribeExecution',
      'states:StopExecution',
      'states:RedriveExecution',
    );
    allow('Notify', 'Messages about runs.', [topic.topicArn], 'sns:Publish');
    allow(
      'PublishEvents',
      'Events about runs and new critical findings, on the default event bus of the account.',
      [stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })],
      'events:PutEvents',
    );
    allow(
      'DeliverLogs',
      'These actions deliver vended logs; they have no resource-level permissions (Step Functions Developer Guide, "Logging").',
      ['*'],
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
    );
    allow(
      'Trace',
      'X-Ray has no resource-level permissions for these actions.',
      ['*'],
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
    );
    for (const { sid, resources, actions } of doctor?.permissions ?? []) {
      allow(sid, queryWildcards, [...resources], ...actions);
    }
    if (settings.kmsKeyArn !== undefined) {
      this.#useKey(settings.kmsKeyArn, states('stateMachine', stateMachineName), topic.topicArn);
    }
  }

  /** The encryption contexts are those of the Step Functions Developer Guide ("Data at rest encryption"). */
  #useKey(key: string, stateMachineArn: string, topicArn: string): void {
    const logs = Stack.of(this).formatArn({ service: 'logs', resource: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    const use = (sid: string, actions: string[], context?: Record<string, string>): void => {
      const conditions = context === undefined ? {} : { conditions: { StringEquals: context } };
      this.policy.addStatements(new PolicyStatement({ sid, actions, resources: [key], ...conditions }));
    };
    // The item reader of the Accounts map.
    use('DecryptResults', ['kms:Decrypt']);
    use('EncryptExecutions', ['kms:Decrypt', 'kms:GenerateDataKey'], {
      'kms:EncryptionContext:aws:states:stateMachineArn': stateMachineArn,
    });
    // Messages to the topic.
    use('EncryptMessages', ['kms:Decrypt', 'kms:GenerateDataKey'], {
      'kms:EncryptionContext:aws:sns:topicArn': topicArn,
    });
    use('EncryptLogs', ['kms:GenerateDataKey'], { 'kms:EncryptionContext:SourceArn': logs });
  }
}
