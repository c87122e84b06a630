/** Outputs of the stack, by which commands find what they work with. */
export const stackOutputs = {
  stateMachine: 'StateMachineArn',
  results: 'ResultsBucketName',
  topic: 'AlarmTopicArn',
} as const;
