interface Service {
  readonly namespace: string;
  readonly name: string;
  /** Actions with last-accessed data of their own; empty where AWS tracks the service only as a whole. */
  readonly tracked: readonly string[];
}

const untracked = (namespace: string, name: string): Service => ({ namespace, name, tracked: [] });

/** Services as service last accessed names them. */
export const services: readonly Service[] = [
  {
    namespace: 'cloudformation',
    name: 'AWS CloudFormation',
    tracked: ['CreateStack', 'DescribeStacks', 'UpdateStack', 'DeleteStack'],
  },
  { namespace: 'dynamodb', name: 'Amazon DynamoDB', tracked: ['CreateTable', 'DescribeTable', 'ListTables'] },
  {
    namespace: 'ec2',
    name: 'Amazon EC2',
    tracked: ['DescribeInstances', 'RunInstances', 'StartInstances', 'StopInstances', 'TerminateInstances'],
  },
  {
    namespace: 'iam',
    name: 'AWS Identity and Access Management',
    tracked: ['CreateRole', 'GetRole', 'GetUser', 'ListRoles', 'ListUsers'],
  },
  {
    namespace: 'lambda',
    name: 'AWS Lambda',
    tracked: ['CreateFunction', 'GetFunction', 'ListFunctions', 'UpdateFunctionCode'],
  },
  {
    namespace: 's3',
    name: 'Amazon S3',
    tracked: ['CreateBucket', 'GetBucketPolicy', 'ListAllMyBuckets', 'PutBucketPolicy'],
  },
  untracked('athena', 'Amazon Athena'),
  untracked('cloudtrail', 'AWS CloudTrail'),
  untracked('cloudwatch', 'Amazon CloudWatch'),
  untracked('codebuild', 'AWS CodeBuild'),
  untracked('ecr', 'Amazon Elastic Container Registry'),
  untracked('ecs', 'Amazon Elastic Container Service'),
  untracked('glue', 'AWS Glue'),
  untracked('kms', 'AWS Key Management Service'),
  untracked('logs', 'Amazon CloudWatch Logs'),
  untracked('rds', 'Amazon RDS'),
  untracked('secretsmanager', 'AWS Secrets Manager'),
  untracked('sns', 'Amazon SNS'),
  untracked('sqs', 'Amazon SQS'),
  untracked('ssm', 'AWS Systems Manager'),
  untracked('sts', 'AWS Security Token Service'),
];
