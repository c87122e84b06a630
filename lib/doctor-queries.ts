import { Stack } from 'aws-cdk-lib/core';
import { CfnNamedQuery } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { objects } from '../core/contract/objects.ts';
import { COLLECT } from '../core/doctor/athena-statements.ts';
import { onOneLine } from '../core/doctor/query-text.ts';
import { athenaStatements } from '../questions/athena-statements.ts';
import { cloudTrailTable, collectedTable, trailFolder, type DoctorSettings } from './cloudtrail-table.ts';
import { QueryPolicy, queryPermissions, type QueryAccess, type QueryPermission } from './query-policy.ts';
import { queryWorkgroup } from './query-workgroup.ts';
import type { ResultsBucket } from './results-bucket.ts';
import type { Settings } from './settings.ts';

export interface DoctorQueriesProps {
  readonly doctor: DoctorSettings;
  readonly results: ResultsBucket;
  readonly settings: Settings;
}

const TRAIL_TABLE = 'cloudtrail';
const RECORDS_TABLE = 'records';

/**
 * What `doctor --athena` uses: the trail's logs as a table, a workgroup, and each question as a named query. The queries
 * belong to the workgroup; the command finds them by their names.
 */
export class DoctorQueries extends Construct {
  readonly workgroupName: string;
  /** Statements on one line, as tools that check state machines expect text, with the place of the analysis ID still open (`ANALYSIS` of core/doctor/athena-statements.ts). */
  readonly statements: { readonly collect: string; readonly callers: string };
  /** What a role needs to run the statements. */
  readonly permissions: readonly QueryPermission[];

  constructor(scope: Construct, id: string, { doctor, results, settings }: DoctorQueriesProps) {
    super(scope, id);
    const databaseName = `${settings.stackName.toLowerCase().replaceAll('-', '_')}_doctor`;
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Stack.of(this).account,
      databaseInput: { name: databaseName, description: 'CloudTrail logs for iam-audit doctor' },
    });
    const location = `s3://${results.bucket.bucketName}/${objects.doctorRows}`;
    cloudTrailTable(this, 'CloudTrail', { database, name: TRAIL_TABLE, settings, doctor });
    collectedTable(this, 'Records', { database, name: RECORDS_TABLE, location });
    const workgroup = queryWorkgroup(this, 'Workgroup', {
      name: `${settings.stackName}-doctor`,
      description: 'Questions of iam-audit doctor',
      scanLimitGigabytes: doctor.scanLimitGigabytes,
      answers: objects.doctorAnswers,
      results,
      settings,
    });
    this.workgroupName = workgroup.ref;
    const { collect, questions } = athenaStatements({
      trailTable: `"${databaseName}"."${TRAIL_TABLE}"`,
      recordsTable: `"${databaseName}"."${RECORDS_TABLE}"`,
      location,
    });
    for (const [name, queryString] of [[COLLECT, collect] as const, ...questions]) {
      new CfnNamedQuery(this, `Query-${name}`, {
        name,
        description: `iam-audit doctor: ${name}. Replace {{analysis}} by the ID of an analysis.`,
        database: database.ref,
        workGroup: workgroup.ref,
        queryString,
      });
    }
    this.statements = { collect: onOneLine(collect), callers: onOneLine(questions.get('callers') ?? '') };
    const access: QueryAccess = {
      data: { bucketName: doctor.trailBucket, prefix: trailFolder(doctor), keyArn: doctor.trailKeyArn },
      answers: objects.doctor,
      results,
      settings,
      workgroupName: workgroup.name,
      databaseName,
      tableNames: [TRAIL_TABLE, RECORDS_TABLE],
    };
    new QueryPolicy(this, 'Access', { access, description: 'Allows iam-audit doctor --athena.' });
    const catalog = Stack.of(this).formatArn({
      service: 'athena',
      resource: 'datacatalog',
      resourceName: 'AwsDataCatalog',
    });
    this.permissions = [
      ...queryPermissions(this, access, []),
      // Step Functions Developer Guide, "Run Athena queries": without it, the query does not start.
      { sid: 'FindCatalog', actions: ['athena:GetDataCatalog'], resources: [catalog] },
    ];
  }
}
