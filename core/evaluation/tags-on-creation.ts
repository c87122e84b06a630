/**
 * The action that a request with tags also needs, by action in lower case: the service checks it for what the request creates
 * (Amazon EC2 User Guide, "Grant permission to tag resources during creation"; the guides of the other services).
 */
const taggedBy: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'ec2:CreateTags': ['ec2:RunInstances', 'ec2:RequestSpotInstances', 'ec2:CreateLaunchTemplate'],
    'ecs:TagResource': [
      'ecs:CreateCluster',
      'ecs:CreateService',
      'ecs:RegisterTaskDefinition',
      'ecs:RunTask',
      'ecs:StartTask',
    ],
    'elasticmapreduce:AddTags': ['elasticmapreduce:RunJobFlow'],
    'glue:TagResource': ['glue:CreateDevEndpoint', 'glue:CreateJob', 'glue:CreateSession', 'glue:CreateTrigger'],
    'lambda:TagResource': ['lambda:CreateFunction', 'lambda:CreateEventSourceMapping'],
    'sagemaker:AddTags': [
      'sagemaker:CreateApp',
      'sagemaker:CreateEndpoint',
      'sagemaker:CreateEndpointConfig',
      'sagemaker:CreateHyperParameterTuningJob',
      'sagemaker:CreateModel',
      'sagemaker:CreateNotebookInstance',
      'sagemaker:CreatePipeline',
      'sagemaker:CreateProcessingJob',
      'sagemaker:CreateTrainingJob',
      'sagemaker:CreateTransformJob',
      'sagemaker:CreateUserProfile',
    ],
    'states:TagResource': ['states:CreateStateMachine'],
  }).flatMap(([tags, creates]) => creates.map((action) => [action.toLowerCase(), tags] as const)),
);

/** Null: the request needs no other action for its tags. @param action in lower case */
export const taggingAction = (action: string): string | null => taggedBy.get(action) ?? null;

export const isRequestTag = (key: string): boolean => key === 'aws:tagkeys' || key.startsWith('aws:requesttag/');
