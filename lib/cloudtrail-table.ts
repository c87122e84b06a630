import { CfnCondition, Fn, Stack } from 'aws-cdk-lib/core';
import { CfnTable, type CfnDatabase } from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import { ANALYSIS_COLUMN } from '../core/doctor/athena-statements.ts';
import { cloudTrailColumns, DAY_COLUMN } from '../core/doctor/records/cloudtrail-table.ts';
import { recordColumns } from '../core/doctor/records/columns.ts';
import { listedAccounts, type Settings } from './settings.ts';

export type DoctorSettings = NonNullable<Settings['doctor']>;

/** The Region that records the calls to IAM and to the global STS endpoint, in the partition aws. */
const GLOBAL_REGION = 'us-east-1';

const columnsOf = (types: Readonly<Record<string, string>>): { name: string; type: string }[] =>
  Object.entries(types).map(([name, type]) => ({ name, type }));

/** The folder of the trail's bucket that has the logs. */
export const trailFolder = ({ trailPrefix, organizationId }: DoctorSettings): string =>
  `${trailPrefix === undefined ? '' : `${trailPrefix}/`}AWSLogs/${organizationId === undefined ? '' : `${organizationId}/`}`;

export interface TableProps {
  readonly database: CfnDatabase;
  readonly name: string;
}

export interface CloudTrailTableProps extends TableProps {
  readonly settings: Settings;
  readonly doctor: DoctorSettings;
}

/**
 * The trail's logs as a table. Athena computes the partitions of accounts, Regions and days, so none has to be added.
 * AWS recommends this SerDe for CloudTrail: the older CloudTrailSerde lacks the fields of newer records, such as tlsDetails.
 */
export function cloudTrailTable(scope: Construct, id: string, props: CloudTrailTableProps): CfnTable {
  const { database, name, settings, doctor } = props;
  const { account } = Stack.of(scope);
  const location = `s3://${doctor.trailBucket}/${trailFolder(doctor)}`;
  return new CfnTable(scope, id, {
    catalogId: account,
    databaseName: database.ref,
    tableInput: {
      name,
      description: 'CloudTrail logs (iam-audit doctor)',
      tableType: 'EXTERNAL_TABLE',
      partitionKeys: ['account', 'region', DAY_COLUMN].map((key) => ({ name: key, type: 'string' })),
      parameters: {
        EXTERNAL: 'TRUE',
        classification: 'cloudtrail',
        'projection.enabled': 'true',
        'projection.account.type': 'enum',
        'projection.account.values': (doctor.accounts ?? listedAccounts(settings) ?? [account]).join(','),
        'projection.region.type': 'enum',
        'projection.region.values': doctor.regions?.join(',') ?? defaultRegions(scope),
        [`projection.${DAY_COLUMN}.type`]: 'date',
        [`projection.${DAY_COLUMN}.format`]: 'yyyy/MM/dd',
        [`projection.${DAY_COLUMN}.range`]: '2020/01/01,NOW',
        [`projection.${DAY_COLUMN}.interval`]: '1',
        [`projection.${DAY_COLUMN}.interval.unit`]: 'DAYS',
        'storage.location.template': `${location}\${account}/CloudTrail/\${region}/\${${DAY_COLUMN}}`,
      },
      storageDescriptor: {
        columns: columnsOf(cloudTrailColumns),
        location,
        inputFormat: 'com.amazon.emr.cloudtrail.CloudTrailInputFormat',
        outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
        serdeInfo: { serializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' },
      },
    },
  });
}

/** A Region that is named twice would be read twice. */
function defaultRegions(scope: Construct): string {
  const { region } = Stack.of(scope);
  const isGlobal = new CfnCondition(scope, 'IsGlobalRegion', { expression: Fn.conditionEquals(region, GLOBAL_REGION) });
  return Fn.conditionIf(isGlobal.logicalId, GLOBAL_REGION, Fn.join(',', [GLOBAL_REGION, region])).toString();
}

const hiveTypes = { VARCHAR: 'string', BIGINT: 'bigint' } as const;

export interface CollectedTableProps extends TableProps {
  /** S3 URL with a slash at its end. */
  readonly location: string;
}

/** The rows that analyses have collected. A question must name one analysis: then only its folder is read. */
export function collectedTable(
  scope: Construct,
  id: string,
  { database, name, location }: CollectedTableProps,
): CfnTable {
  const types = Object.entries(recordColumns).map(([column, type]) => [column, hiveTypes[type]] as const);
  return new CfnTable(scope, id, {
    catalogId: Stack.of(scope).account,
    databaseName: database.ref,
    tableInput: {
      name,
      description: 'Calls to IAM and STS, collected from CloudTrail logs (iam-audit doctor)',
      tableType: 'EXTERNAL_TABLE',
      partitionKeys: [{ name: ANALYSIS_COLUMN, type: 'string' }],
      parameters: {
        EXTERNAL: 'TRUE',
        classification: 'parquet',
        'projection.enabled': 'true',
        [`projection.${ANALYSIS_COLUMN}.type`]: 'injected',
        'storage.location.template': `${location}\${${ANALYSIS_COLUMN}}/`,
      },
      storageDescriptor: {
        columns: columnsOf(Object.fromEntries(types)),
        location,
        inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
        outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
        serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
      },
    },
  });
}
