import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import {
  CustomerManagedEncryptionConfiguration,
  DefinitionBody,
  LogLevel,
  QueryLanguage,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { FunctionsByName } from '../core/contract/environment.ts';
import { logRetention } from './audit-functions.ts';
import { customerKey } from './customer-key.ts';
import { functionTasks } from './function-tasks.ts';
import type { DoctorQueries } from './doctor-queries.ts';
import type { ResultsBucket } from './results-bucket.ts';
import { runStates } from './run-states.ts';
import { accountsOf, type Settings } from './settings.ts';
import { WorkflowRole } from './workflow-role.ts';

/** A run that is spread over a day and needs many retries ends within two days. */
const TIMEOUT = Duration.days(2);

export interface AuditWorkflowProps {
  readonly functions: FunctionsByName<IFunction>;
  readonly results: ResultsBucket;
  readonly settings: Settings;
  readonly stateMachineName: string;
  readonly topic: ITopic;
  /** Present with the setting `doctor`. */
  readonly doctor?: DoctorQueries | undefined;
}

/** The state machine of the audit, with its log group and its role. */
export class AuditWorkflow extends Construct {
  readonly stateMachine: StateMachine;
  /** The log group of the state machine's executions. */
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: AuditWorkflowProps) {
    super(scope, id);
    const { functions, results, settings, stateMachineName, topic, doctor } = props;
    const task = functionTasks(this, functions);
    const definition = runStates(this, {
      task,
      resultsBucket: results.bucket,
      topic,
      doctor,
      ofOrganization: accountsOf(settings) === 'organization',
      securityHub: settings.securityHub,
    });
    const key = customerKey(this, settings);
    this.logGroup = new LogGroup(this, 'Logs', {
      ...(key === undefined ? {} : { encryptionKey: key }),
      // With this prefix the log group does not count towards the size limit of CloudWatch Logs resource policies.
      logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
      retention: logRetention(settings),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new WorkflowRole(this, 'Role', { functions, results, settings, stateMachineName, topic, doctor });
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName,
      role: role.role.withoutPolicyUpdates(),
      logs: { destination: this.logGroup, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
      ...(key === undefined ? {} : { encryptionConfiguration: new CustomerManagedEncryptionConfiguration(key) }),
      stateMachineType: StateMachineType.STANDARD,
      queryLanguage: QueryLanguage.JSONATA,
      definitionBody: DefinitionBody.fromChainable(definition),
      timeout: TIMEOUT,
      comment: 'Audits IAM users and roles: what each can do, and what each has used.',
    });
    this.stateMachine.node.addDependency(role.policy);
    // CDK's own policy for the Distributed Map is not attached to the role, because the role takes no updates.
    this.stateMachine.node.tryRemoveChild('DistributedMapPolicy');
  }
}
