import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { objects } from '../core/contract/objects.ts';
import { acknowledge } from './acknowledgements.ts';
import { customerKey } from './customer-key.ts';
import type { Settings } from './settings.ts';

/** The bucket is kept when the stack is deleted. If the first deployment is rolled back, the empty bucket is deleted. */
const KEEP_AFTER_STACK = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** Answers are read at once. The rows and answers of queries are kept for this time, to be examined again. */
const ANSWER_DAYS = 7;

/** The bucket for results: a new one, or an existing one, which the stack does not change. */
export class ResultsBucket extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, { settings }: { readonly settings: Settings }) {
    super(scope, id);
    const { resultsBucketName } = settings;
    this.bucket =
      resultsBucketName === undefined ? this.#make(settings) : Bucket.fromBucketName(this, 'Bucket', resultsBucketName);
  }

  /** A private bucket, because the results list the permissions of every principal. */
  #make(settings: Settings): Bucket {
    const { retention, doctor, tables } = settings;
    const encryptionKey = customerKey(this, settings);
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      ...(encryptionKey === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : {
            encryption: BucketEncryption.KMS,
            encryptionKey,
            // One request to KMS per bucket and hour, instead of one per object.
            bucketKeyEnabled: true,
          }),
      lifecycleRules: [
        { id: 'Runs', prefix: 'runs/', expiration: Duration.days(retention.runDays) },
        { id: 'Tables', prefix: 'tables/', expiration: Duration.days(retention.tableDays) },
        ...(doctor === undefined
          ? []
          : [{ id: 'Doctor', prefix: objects.doctor, expiration: Duration.days(ANSWER_DAYS) }]),
        ...(tables.athena
          ? [{ id: 'Answers', prefix: objects.tableAnswers, expiration: Duration.days(ANSWER_DAYS) }]
          : []),
        { id: 'OldVersions', noncurrentVersionExpiration: Duration.days(retention.oldVersionDays) },
        // A function that stops during an upload can't abort the upload.
        { id: 'BrokenUploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        { id: 'DeleteMarkers', expiredObjectDeleteMarker: true },
      ],
      removalPolicy: KEEP_AFTER_STACK,
    });
    // Otherwise the kept bucket of a deleted stack would accept requests without TLS.
    bucket.policy?.applyRemovalPolicy(KEEP_AFTER_STACK);
    acknowledge(bucket, {
      'AwsSolutions-S1':
        'Access logs would need a second bucket. The account can record reads of the results with CloudTrail data events.',
    });
    return bucket;
  }
}
