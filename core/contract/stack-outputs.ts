/** Outputs of the stack. Commands use them to find the deployment's resources. */
export const stackOutputs = {
  stateMachine: 'StateMachineArn',
  results: 'ResultsBucketName',
  topic: 'AlarmTopicArn',
  /** Only with the setting `doctor.trailBucket`. */
  doctorWorkgroup: 'DoctorWorkgroupName',
  /** Only with the setting `tables.athena`. */
  tablesWorkgroup: 'TablesWorkgroupName',
} as const;

/** Part of every iam-audit stack's description. It distinguishes them from other stacks with equal output names. */
export const STACK_MARK = '(iam-audit)';
