import type { EscalationPath } from './escalation-path.ts';

/** Automations, workflows and APIs that call other services, and Systems Manager. */
export const automationPaths: readonly EscalationPath[] = [
  {
    id: 'pass-role-scheduler-create-schedule',
    kind: 'new-passrole',
    actions: ['iam:PassRole', 'scheduler:CreateSchedule'],
    passedTo: ['scheduler.amazonaws.com'],
    by: 'creating a schedule',
    reference: 'prowler PassRole+SchedulerCreateSchedule',
  },
  {
    id: 'pass-role-ssm-create-document-start-automation',
    kind: 'new-passrole',
    actions: ['iam:PassRole', 'ssm:CreateDocument', 'ssm:StartAutomationExecution'],
    passedTo: ['ssm.amazonaws.com'],
    by: 'running its own Systems Manager automation',
    reference: 'prowler PassRole+SSMCreateDocument+StartAutomation',
  },
  {
    id: 'pass-role-step-functions-create-state-machine-start-execution',
    kind: 'new-passrole',
    actions: ['iam:PassRole', 'states:CreateStateMachine', 'states:StartExecution'],
    passedTo: ['states.amazonaws.com'],
    by: 'creating a Step Functions state machine and starting it',
    reference: 'prowler PassRole+StepFunctionsCreateStateMachine+StartExecution',
  },
  {
    id: 'ssm-001',
    kind: 'existing-passrole',
    actions: ['ssm:StartSession'],
    passedTo: ['ec2.amazonaws.com'],
    by: 'starting a Systems Manager session on an instance',
    reference: 'pathfinding.cloud ssm-001',
  },
  {
    id: 'ssm-002',
    kind: 'existing-passrole',
    actions: ['ssm:SendCommand'],
    passedTo: ['ec2.amazonaws.com'],
    by: 'sending a Systems Manager command to an instance',
    reference: 'pathfinding.cloud ssm-002',
  },
  {
    id: 'ssm-create-association',
    kind: 'existing-passrole',
    actions: ['ssm:CreateAssociation'],
    passedTo: ['ec2.amazonaws.com'],
    by: 'running a Systems Manager document on an instance by an association',
    reference: 'Systems Manager API Reference, CreateAssociation',
  },
  {
    id: 'ssm-update-association',
    kind: 'existing-passrole',
    actions: ['ssm:UpdateAssociation'],
    passedTo: ['ec2.amazonaws.com'],
    by: 'changing a Systems Manager association to run another document on an instance',
    reference: 'Systems Manager API Reference, UpdateAssociation',
  },
  {
    id: 'step-functions-update-state-machine-start-execution',
    kind: 'existing-passrole',
    actions: ['states:StartExecution', 'states:UpdateStateMachine'],
    passedTo: ['states.amazonaws.com'],
    by: 'changing a Step Functions state machine and starting it',
    reference: 'prowler StepFunctionsUpdateStateMachine+StartExecution',
  },
];
