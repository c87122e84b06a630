import { Stack } from 'aws-cdk-lib/core';
import { CfnNamedQuery } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { objects } from '../core/contract/objects.ts';
import type { ColumnType } from '../core/contract/tables/columns.ts';
import { DATE_COLUMN, tableNames, tables, type TableName } from '../core/contract/tables/tables.ts';
import { tableQueries } from '../questions/table-queries.ts';
import { QueryPolicy } from './query-policy.ts';
import { queryWorkgroup } from './query-workgroup.ts';
import type { ResultsBucket } from './results-bucket.ts';
import type { Settings } from './settings.ts';

export interface TableQueriesProps {
  readonly results: ResultsBucket;
  readonly settings: Settings;
}

const hiveTypes: Readonly<Record<ColumnType, string>> = {
  text: 'string',
  count: 'bigint',
  number: 'double',
  flag: 'boolean',
  time: 'timestamp',
};

/**
 * The tables in Athena: a database, a workgroup with a limit, and each question as a named query of the workgroup. The runs
 * write the tables' files; nothing here runs until someone asks a question.
 */
export class TableQueries extends Construct {
  readonly workgroupName: string;

  constructor(scope: Construct, id: string, { results, settings }: TableQueriesProps) {
    super(scope, id);
    const databaseName = `${settings.stackName.toLowerCase().replaceAll('-', '_')}_tables`;
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Stack.of(this).account,
      databaseInput: { name: databaseName, description: 'History of all runs (iam-audit)' },
    });
    for (const name of tableNames) this.#makeTable(name, database, results, settings);
    const workgroup = queryWorkgroup(this, 'Workgroup', {
      name: `${settings.stackName}-tables`,
      description: 'Questions about the tables of iam-audit',
      scanLimitGigabytes: settings.tables.scanLimitGigabytes,
      answers: objects.tableAnswers,
      results,
      settings,
    });
    this.workgroupName = workgroup.ref;
    for (const { name, question, sql } of tableQueries()) {
      new CfnNamedQuery(this, `Query-${name}`, {
        name,
        description: question,
        database: database.ref,
        workGroup: workgroup.ref,
        queryString: sql,
      });
    }
    new QueryPolicy(this, 'Access', {
      description: 'Allows queries of the tables of iam-audit with Athena.',
      access: {
        data: { bucketName: results.bucket.bucketName, prefix: objects.tables, keyArn: undefined },
        answers: objects.tableAnswers,
        results,
        settings,
        workgroupName: workgroup.name,
        databaseName,
        tableNames,
      },
    });
  }

  /**
   * Athena computes the folders of the days, so none has to be added. Accounts are no partitions: their IDs are not known in
   * advance (`enum`), and `injected` would refuse a query without an account. Athena reads the folders below that of a day.
   */
  #makeTable(name: TableName, database: CfnDatabase, { bucket }: ResultsBucket, { retention }: Settings): void {
    const { rows, columns } = tables[name];
    const location = `s3://${bucket.bucketName}/${objects.tableOf(name)}`;
    new CfnTable(this, `Table-${name}`, {
      catalogId: Stack.of(this).account,
      databaseName: database.ref,
      tableInput: {
        name,
        description: `A row is ${rows} (iam-audit)`,
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: [{ name: DATE_COLUMN, type: 'string', comment: 'YYYY-MM-DD: day of the run in UTC.' }],
        parameters: {
          EXTERNAL: 'TRUE',
          classification: 'parquet',
          'projection.enabled': 'true',
          [`projection.${DATE_COLUMN}.type`]: 'date',
          [`projection.${DATE_COLUMN}.format`]: 'yyyy-MM-dd',
          [`projection.${DATE_COLUMN}.range`]: `NOW-${retention.tableDays}DAYS,NOW`,
          [`projection.${DATE_COLUMN}.interval`]: '1',
          [`projection.${DATE_COLUMN}.interval.unit`]: 'DAYS',
          'storage.location.template': `${location}${DATE_COLUMN}=\${${DATE_COLUMN}}/`,
        },
        storageDescriptor: {
          columns: Object.entries(columns).map(([column, { type, meaning }]) => ({
            name: column,
            type: hiveTypes[type],
            comment: meaning,
          })),
          location,
          inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        },
      },
    });
  }
}
