import { Stack } from 'aws-cdk-lib/core';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { Construct } from 'constructs';
import type { ResultsBucket } from './results-bucket.ts';
import type { Settings } from './settings.ts';

/** Athena counts a gigabyte in this way. */
const GIGABYTE = 1_000_000_000;

export interface QueryWorkgroupProps {
  readonly name: string;
  readonly description: string;
  readonly scanLimitGigabytes: number;
  readonly results: ResultsBucket;
  /** Prefix of the keys of the answers in the results bucket. */
  readonly answers: string;
  readonly settings: Settings;
}

/** Callers can't change its settings, so every query is limited, and its answer is encrypted. */
export function queryWorkgroup(
  scope: Construct,
  id: string,
  { name, description, scanLimitGigabytes, results, answers, settings }: QueryWorkgroupProps,
): CfnWorkGroup {
  return new CfnWorkGroup(scope, id, {
    name,
    description,
    // The named queries belong to the workgroup. Without this it can't be deleted.
    recursiveDeleteOption: true,
    workGroupConfiguration: {
      enforceWorkGroupConfiguration: true,
      publishCloudWatchMetricsEnabled: true,
      bytesScannedCutoffPerQuery: scanLimitGigabytes * GIGABYTE,
      engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
      resultConfiguration: {
        outputLocation: `s3://${results.bucket.bucketName}/${answers}`,
        expectedBucketOwner: Stack.of(scope).account,
        encryptionConfiguration:
          settings.kmsKeyArn === undefined
            ? { encryptionOption: 'SSE_S3' }
            : { encryptionOption: 'SSE_KMS', kmsKey: settings.kmsKeyArn },
      },
    },
  });
}
