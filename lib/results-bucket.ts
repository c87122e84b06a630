import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledgements.ts';
import { customerKey } from './customer-key.ts';
import type { Settings } from './settings.ts';

/** Evidence outlives the stack; the empty bucket of a first deployment that was rolled back does not. */
const OUTLIVES_THE_STACK = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** Where results go: a bucket that the stack makes, or an existing one, which stays as it is. */
export class ResultsBucket extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, { settings }: { readonly settings: Settings }) {
    super(scope, id);
    const { resultsBucketName } = settings;
    this.bucket =
      resultsBucketName === undefined ? this.#make(settings) : Bucket.fromBucketName(this, 'Bucket', resultsBucketName);
  }

  /** Results say who can do what in every account: nobody reads them who was not given the right to. */
  #make(settings: Settings): Bucket {
    const { retention } = settings;
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
      removalPolicy: OUTLIVES_THE_STACK,
    });
    // Without it, what is left of a deleted stack could be read without TLS.
    bucket.policy?.applyRemovalPolicy(OUTLIVES_THE_STACK);
    acknowledge(bucket, {
      'AwsSolutions-S1':
        'Access logs would need a second bucket; CloudTrail data events record who reads the results, and are the account’s to turn on.',
    });
    return bucket;
  }
}
