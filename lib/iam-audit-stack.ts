import { ArnFormat, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { AuditFunctions } from './audit-functions.ts';
import { AuditWorkflow } from './audit-workflow.ts';

/** The whole audit in one stack: where results go, the functions, and the workflow that calls them. */
export class IamAuditStack extends Stack {
  readonly functions: AuditFunctions;
  readonly workflow: AuditWorkflow;
  readonly results: Bucket;

  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    this.results = new Bucket(this, 'Results', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.functions = new AuditFunctions(this, 'Functions', { results: this.results });
    this.workflow = new AuditWorkflow(this, 'Workflow', { functions: this.functions.byName, results: this.results });
    // By name, not by reference: the machine's definition refers to the function.
    this.functions.byName['plan-run'].addToRolePolicy(
      new PolicyStatement({
        actions: ['states:DescribeExecution'],
        resources: [
          this.formatArn({
            service: 'states',
            resource: 'execution',
            resourceName: '*',
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ],
      }),
    );
  }
}
