import { CfnOutput, Stack, Tags, type StackProps } from 'aws-cdk-lib/core';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { STACK_MARK, stackOutputs } from '../core/contract/stack-outputs.ts';
import { AuditAlarms } from './audit-alarms.ts';
import { AuditDashboard } from './audit-dashboard.ts';
import { AuditMetrics } from './audit-metrics.ts';
import { AuditFunctions } from './audit-functions.ts';
import { AuditSchedule } from './audit-schedule.ts';
import { AuditTopic } from './audit-topic.ts';
import { AuditWorkflow } from './audit-workflow.ts';
import { DoctorQueries } from './doctor-queries.ts';
import { LogQueries } from './log-queries.ts';
import { MemberRoleDeployment } from './member-role-deployment.ts';
import { ResultsBucket } from './results-bucket.ts';
import type { Settings } from './settings.ts';
import { TableQueries } from './table-queries.ts';

export interface IamAuditStackProps extends StackProps {
  readonly settings: Settings;
  /** The template of the member role, if the stack deploys this role. */
  readonly memberRoleTemplate?: string;
}

/** The whole audit in one stack: results bucket, functions, workflow, schedule and alarms. */
export class IamAuditStack extends Stack {
  readonly functions: AuditFunctions;
  readonly workflow: AuditWorkflow;

  constructor(scope: Construct, id: string, { settings, memberRoleTemplate, ...props }: IamAuditStackProps) {
    const { tags, permissionsBoundaryArn } = settings;
    super(scope, id, { description: `Audits IAM users and roles every day ${STACK_MARK}.`, tags, ...props });
    for (const [key, value] of Object.entries(tags)) Tags.of(this).add(key, value);
    if (permissionsBoundaryArn !== undefined) {
      const boundary = ManagedPolicy.fromManagedPolicyArn(this, 'Boundary', permissionsBoundaryArn);
      PermissionsBoundary.of(this).apply(boundary);
    }
    const stateMachineName = settings.stackName;
    const results = new ResultsBucket(this, 'Results', { settings });
    this.functions = new AuditFunctions(this, 'Functions', { results, settings, stateMachineName });
    const functions = this.functions.byName;
    const { topic } = new AuditTopic(this, 'Notifications', { settings });
    const doctor =
      settings.doctor === undefined
        ? undefined
        : new DoctorQueries(this, 'Doctor', { doctor: settings.doctor, results, settings });
    this.workflow = new AuditWorkflow(this, 'Workflow', {
      functions,
      results,
      settings,
      stateMachineName,
      topic,
      doctor,
    });
    const { stateMachine } = this.workflow;
    const { notStarted } = new AuditSchedule(this, 'Schedule', { stateMachine, settings });
    const metrics = new AuditMetrics(this, 'Metrics', {
      stateMachineName,
      workflowLogs: this.workflow.logGroup,
      summaryLogs: functions['summarise-run'].logGroup,
    });
    new AuditAlarms(this, 'Alarms', { metrics, notStarted, settings, topic });
    const tables = settings.tables.athena ? new TableQueries(this, 'Tables', { results, settings }) : null;
    new LogQueries(this, 'LogQueries', {
      stackName: stateMachineName,
      functions: Object.values(functions).map(({ logGroup }) => logGroup),
      workflow: this.workflow.logGroup,
    });
    if (settings.dashboard) new AuditDashboard(this, 'Dashboard', { metrics, settings });
    if (memberRoleTemplate !== undefined) {
      new MemberRoleDeployment(this, 'MemberRole', { settings, templateBody: memberRoleTemplate });
    }

    new CfnOutput(this, stackOutputs.stateMachine, { value: stateMachine.stateMachineArn });
    new CfnOutput(this, stackOutputs.results, { value: results.bucket.bucketName });
    new CfnOutput(this, stackOutputs.topic, { value: topic.topicArn });
    if (doctor !== undefined) new CfnOutput(this, stackOutputs.doctorWorkgroup, { value: doctor.workgroupName });
    if (tables !== null) new CfnOutput(this, stackOutputs.tablesWorkgroup, { value: tables.workgroupName });
  }
}
