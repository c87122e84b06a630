import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledgements.ts';
import type { Settings } from './settings.ts';

/** Where results go. They say who can do what in every account: nobody reads them who was not given the right to. */
export class ResultsBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { settings }: { readonly settings: Settings }) {
    super(scope, id);
    const { retention, kmsKeyArn } = settings;
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      ...(kmsKeyArn === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : {
            encryption: BucketEncryption.KMS,
            encryptionKey: Key.fromKeyArn(this, 'Key', kmsKeyArn),
            // One key request a bucket and hour instead of one an object.
            bucketKeyEnabled: true,
          }),
      lifecycleRules: [
        { id: 'Runs', prefix: 'runs/', expiration: Duration.days(retention.runDays) },
        { id: 'Tables', prefix: 'tables/', expiration: Duration.days(retention.tableDays) },
        { id: 'OldVersions', noncurrentVersionExpiration: Duration.days(retention.oldVersionDays) },
        // A function that dies in the middle of an upload can't abort it.
        { id: 'BrokenUploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        { id: 'DeleteMarkers', expiredObjectDeleteMarker: true },
      ],
      // Evidence outlives the stack: who removes it does so on purpose.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(this.bucket, {
      'AwsSolutions-S1':
        'Access logs would need a second bucket; CloudTrail data events record who reads the results, and are the account’s to turn on.',
    });
  }
}
