import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { objects } from '../core/contract/objects.ts';
import { acknowledgeWildcards } from './acknowledgements.ts';
import { trailFolder, type DoctorSettings } from './cloudtrail-table.ts';
import type { ResultsBucket } from './results-bucket.ts';
import type { Settings } from './settings.ts';

export interface DoctorPolicyProps {
  readonly doctor: DoctorSettings;
  readonly results: ResultsBucket;
  readonly settings: Settings;
  readonly workgroupName: string;
  readonly databaseName: string;
  readonly tableNames: readonly string[];
}

/** One statement of a policy that allows queries. */
export interface QueryPermission {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Why some resources of these statements have wildcards. */
export const queryWildcards = 'Keys of log files and of answers are not known before they are written.';

/** A managed policy with the permissions for `doctor --athena`. The stack does not attach it to a principal. */
export class DoctorPolicy extends Construct {
  constructor(scope: Construct, id: string, props: DoctorPolicyProps) {
    super(scope, id);
    const policy = new ManagedPolicy(this, 'Policy', {
      path: props.settings.rolePath,
      description: 'Allows iam-audit doctor --athena.',
    });
    const findsQueries = ['athena:BatchGetNamedQuery', 'athena:ListNamedQueries'];
    for (const { sid, actions, resources } of queryPermissions(this, props, findsQueries)) {
      policy.addStatements(new PolicyStatement({ sid, actions: [...actions], resources: [...resources] }));
      acknowledgeWildcards(policy, resources, queryWildcards);
    }
  }
}

/** What running queries needs. @param more actions on the workgroup */
export function queryPermissions(
  scope: Construct,
  { doctor, results, settings, workgroupName, databaseName, tableNames }: DoctorPolicyProps,
  more: readonly string[],
): QueryPermission[] {
  const stack = Stack.of(scope);
  const glue = (resource: string, resourceName?: string): string =>
    resourceName === undefined
      ? stack.formatArn({ service: 'glue', resource, arnFormat: ArnFormat.NO_RESOURCE_NAME })
      : stack.formatArn({ service: 'glue', resource, resourceName });
  const s3 = (bucket: string, keys = ''): string =>
    `${stack.formatArn({ service: 's3', region: '', account: '', resource: bucket })}${keys}`;
  const permissions: QueryPermission[] = [];
  const allow = (sid: string, resources: string[], ...actions: string[]): void => {
    permissions.push({ sid, actions, resources });
  };

  allow(
    'RunQueries',
    [stack.formatArn({ service: 'athena', resource: 'workgroup', resourceName: workgroupName })],
    ...[
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:StartQueryExecution',
      'athena:StopQueryExecution',
      ...more,
    ].sort(),
  );
  allow(
    'ReadTables',
    [
      glue('catalog'),
      glue('database', databaseName),
      ...tableNames.map((name) => glue('table', `${databaseName}/${name}`)),
    ],
    'glue:GetDatabase',
    'glue:GetPartitions',
    'glue:GetTable',
  );
  allow('FindLogs', [s3(doctor.trailBucket)], 's3:GetBucketLocation', 's3:ListBucket');
  allow('ReadLogs', [s3(doctor.trailBucket, `/${trailFolder(doctor)}*`)], 's3:GetObject');
  allow(
    'FindAnswers',
    [results.bucket.bucketArn],
    's3:GetBucketLocation',
    's3:ListBucket',
    's3:ListBucketMultipartUploads',
  );
  allow(
    'StoreAnswers',
    [results.bucket.arnForObjects(`${objects.doctor}*`)],
    's3:AbortMultipartUpload',
    's3:GetObject',
    's3:ListMultipartUploadParts',
    's3:PutObject',
  );
  if (doctor.trailKeyArn !== undefined) allow('DecryptLogs', [doctor.trailKeyArn], 'kms:Decrypt');
  if (settings.kmsKeyArn !== undefined) {
    allow('EncryptAnswers', [settings.kmsKeyArn], 'kms:Decrypt', 'kms:GenerateDataKey');
  }
  return permissions;
}
