/** Outputs of the stack, by which commands find what they work with. */
export const stackOutputs = {
  stateMachine: 'StateMachineArn',
  results: 'ResultsBucketName',
  topic: 'AlarmTopicArn',
} as const;

/** In the description of every stack of ours: outputs of the same names may be others' too. */
export const STACK_MARK = '(iam-audit)';
