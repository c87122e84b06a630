/**
 * Actions whose use AWS does not report at all, not even as use of their service. `iam:PassRole` is checked during
 * another action, and `rds-db:connect` is a connection to a database.
 */
const NEVER_REPORTED = new Set(['iam:passrole', 'rds-db:connect']);

/** Actions that are called without IAM credentials, so AWS does not report them for a principal. */
const CALLED_WITHOUT_CREDENTIALS = new Set([
  'sts:assumerolewithsaml',
  'sts:assumerolewithwebidentity',
  'cognito-identity:getcredentialsforidentity',
  'cognito-identity:getid',
  'cognito-identity:getopenidtoken',
  'cognito-idp:getuserattributeverificationcode',
]);

/**
 * Actions on data, and actions of STS, by service. AWS reports the management actions of some services one by one, and
 * of these actions only that the service was used ("IAM action last accessed information services and actions", and
 * "Logging data events" in the CloudTrail User Guide). A star stands for any end of a name. An action that a report does
 * list is judged by the report.
 */
const UNTRACKED: Readonly<Record<string, readonly string[]>> = {
  airflow: ['CreateCliToken', 'CreateWebLoginToken'],
  appsync: ['GraphQL'],
  bedrock: [
    'ApplyGuardrail',
    'CallWithBearerToken',
    'Converse*',
    'InvokeAgent',
    'InvokeFlow',
    'InvokeModel',
    'InvokeModelWithResponseStream',
    'Retrieve',
    'RetrieveAndGenerate',
  ],
  cassandra: ['Modify', 'Select'],
  'cloudtrail-data': ['PutAuditEvents'],
  cloudwatch: ['GetMetricData', 'GetMetricStatistics', 'PutMetricData'],
  codecommit: ['GitPull', 'GitPush'],
  dynamodb: [
    ...[
      'BatchGetItem',
      'BatchWriteItem',
      'ConditionCheckItem',
      'DeleteItem',
      'DescribeStream',
      'GetItem',
      'GetRecords',
    ],
    ...[
      'GetShardIterator',
      'PartiQLDelete',
      'PartiQLInsert',
      'PartiQLSelect',
      'PartiQLUpdate',
      'PutItem',
      'Query',
      'Scan',
      'UpdateItem',
    ],
  ],
  ebs: [
    'CompleteSnapshot',
    'GetSnapshotBlock',
    'ListChangedBlocks',
    'ListSnapshotBlocks',
    'PutSnapshotBlock',
    'StartSnapshot',
  ],
  ecr: ['BatchCheckLayerAvailability', 'BatchGetImage', 'GetAuthorizationToken', 'GetDownloadUrlForLayer'],
  elasticfilesystem: ['ClientMount', 'ClientRootAccess', 'ClientWrite'],
  elasticache: ['Connect'],
  events: ['PutEvents'],
  'execute-api': ['*'],
  firehose: ['PutRecord', 'PutRecordBatch'],
  iam: ['PassRole'],
  iot: [
    'Connect',
    'DeleteThingShadow',
    'GetThingShadow',
    'Publish',
    'Receive',
    'RetainPublish',
    'Subscribe',
    'UpdateThingShadow',
  ],
  'kafka-cluster': ['*'],
  kinesis: ['GetRecords', 'GetShardIterator', 'PutRecord', 'PutRecords', 'SubscribeToShard'],
  kms: [
    ...[
      'Decrypt',
      'DeriveSharedSecret',
      'Encrypt',
      'GenerateDataKey',
      'GenerateDataKeyPair',
      'GenerateDataKeyPairWithoutPlaintext',
      'GenerateDataKeyWithoutPlaintext',
      'GenerateMac',
      'GenerateRandom',
      'ReEncryptFrom',
      'ReEncryptTo',
    ],
    ...['Sign', 'Verify', 'VerifyMac'],
  ],
  lambda: ['InvokeAsync', 'InvokeFunction', 'InvokeFunctionUrl'],
  logs: ['FilterLogEvents', 'GetLogEvents', 'PutLogEvents'],
  'rds-data': ['*'],
  'rds-db': ['connect'],
  s3: [
    ...[
      'AbortMultipartUpload',
      'BypassGovernanceRetention',
      'DeleteObject*',
      'GetDataAccess',
      'GetObject*',
      'ListBucket',
    ],
    ...['ListBucketMultipartUploads', 'ListBucketVersions', 'ListMultipartUploadParts', 'PutObject*', 'Replicate*'],
    ...['ObjectOwnerOverrideToBucketOwner', 'RestoreObject'],
  ],
  's3-object-lambda': ['*'],
  s3express: ['CreateSession'],
  sagemaker: ['InvokeEndpoint', 'InvokeEndpointAsync', 'InvokeEndpointWithResponseStream'],
  secretsmanager: ['BatchGetSecretValue', 'GetSecretValue'],
  sns: ['Publish'],
  sqs: [
    'ChangeMessageVisibility',
    'DeleteMessage',
    'GetQueueAttributes',
    'GetQueueUrl',
    'ReceiveMessage',
    'SendMessage',
  ],
  ssm: ['GetParameter', 'GetParameters', 'GetParametersByPath'],
  sts: [
    ...['AssumeRole', 'AssumeRoot', 'DecodeAuthorizationMessage', 'GetAccessKeyInfo', 'GetCallerIdentity'],
    ...[
      'GetFederationToken',
      'GetServiceBearerToken',
      'GetSessionToken',
      'SetContext',
      'SetSourceIdentity',
      'TagSession',
    ],
  ],
  timestream: ['Select', 'WriteRecords'],
  xray: ['PutTelemetryRecords', 'PutTraceSegments'],
};

/** S3's actions behind the names with a star, which keep a recommended policy short. */
const OBJECT_ACTIONS = (
  'GetObject GetObjectAcl GetObjectAnnotation GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent GetObjectVersion GetObjectVersionAcl GetObjectVersionAnnotation GetObjectVersionAnnotationForReplication GetObjectVersionAttributes GetObjectVersionForReplication GetObjectVersionTagging GetObjectVersionTorrent ' +
  'DeleteObject DeleteObjectAnnotation DeleteObjectTagging DeleteObjectVersion DeleteObjectVersionAnnotation DeleteObjectVersionTagging ' +
  'PutObject PutObjectAcl PutObjectAnnotation PutObjectLegalHold PutObjectRetention PutObjectTagging PutObjectVersionAcl PutObjectVersionAnnotation PutObjectVersionTagging ' +
  'ReplicateDelete ReplicateObject ReplicateObjectAnnotation ReplicateTags'
).split(' ');

/** The known names behind a name with a star. */
export const namesBeginning = (namespace: string, name: string): readonly string[] =>
  namespace === 's3' ? OBJECT_ACTIONS.filter((one) => one.startsWith(name.slice(0, -1))) : [];

/** Whether AWS never reports the action, not even as use of its service. @param action `service:Action` */
export const isNeverReported = (action: string): boolean =>
  NEVER_REPORTED.has(action.toLowerCase()) || CALLED_WITHOUT_CREDENTIALS.has(action.toLowerCase());

/** The actions of a service that work only with IAM permissions and that AWS never reports. */
export const neverReportedIn = (namespace: string): readonly string[] =>
  namesIn(namespace).filter((name) => NEVER_REPORTED.has(`${namespace}:${name}`.toLowerCase()));

/** Names of a service's actions that reports by action leave out; a star at the end stands for any end. */
export const namesIn = (namespace: string): readonly string[] =>
  (Object.hasOwn(UNTRACKED, namespace) ? UNTRACKED[namespace] : null) ?? [];

/** The services that have actions that AWS never reports. */
export const servicesNeverReported: readonly string[] = Object.keys(UNTRACKED).filter(
  (namespace) => neverReportedIn(namespace).length > 0,
);

/** Whether reports by action leave out an action. @param name without wildcards */
export function isUntracked(namespace: string, name: string): boolean {
  const lower = name.toLowerCase();
  return namesIn(namespace).some((one) => {
    const listed = one.toLowerCase();
    return listed.endsWith('*') ? lower.startsWith(listed.slice(0, -1)) : lower === listed;
  });
}
