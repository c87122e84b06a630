import { Duration } from 'aws-cdk-lib';
import { Architecture, Runtime, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { fileURLToPath } from 'node:url';
import { defaultSettings, environmentNames, type HandlerName } from '../core/contract/environment.ts';
import { iamReads } from '../core/contract/permissions.ts';

/** Lambda's maximum: a batch stops by itself when its time runs out. */
const TIMEOUT = Duration.minutes(15);

/** Reading reports wants a full vCPU's share; the others wait for AWS most of their time. */
const memoryMegabytes: Readonly<Record<HandlerName, number>> = {
  'plan-run': 512,
  'inventory-account': 1024,
  'audit-batch': 1024,
  'summarise-account': 1024,
  'summarise-run': 1024,
};

const readsIam: readonly HandlerName[] = ['inventory-account', 'audit-batch'];

/** CommonJS dependencies in an ESM bundle still call require. */
const requireBanner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** One function per state of the workflow. */
export class AuditFunctions extends Construct {
  readonly byName: Readonly<Record<HandlerName, IFunction>>;

  constructor(scope: Construct, id: string, { results }: { readonly results: Bucket }) {
    super(scope, id);
    const make = (name: HandlerName): IFunction => {
      const handler = new NodejsFunction(this, name, {
        entry: fileURLToPath(new URL(`../lambda/${name}.ts`, import.meta.url)),
        handler: 'handler',
        runtime: Runtime.NODEJS_24_X,
        architecture: Architecture.ARM_64,
        memorySize: memoryMegabytes[name],
        timeout: TIMEOUT,
        environment: {
          [environmentNames.resultsBucket]: results.bucketName,
          [environmentNames.accountsAtOnce]: String(defaultSettings.accountsAtOnce),
          [environmentNames.principalsPerBatch]: String(defaultSettings.principalsPerBatch),
          [environmentNames.rateShare]: String(defaultSettings.rateShare),
        },
        bundling: {
          format: OutputFormat.ESM,
          target: 'node24',
          minify: true,
          sourceMap: true,
          mainFields: ['module', 'main'],
          banner: requireBanner,
          // The runtime's own SDK lags behind the one that was tested.
          bundleAwsSDK: true,
        },
      });
      results.grantRead(handler);
      results.grantPut(handler);
      if (readsIam.includes(name)) {
        // These reads know no resources: "*" is the only one that IAM accepts for them.
        handler.addToRolePolicy(new PolicyStatement({ actions: [...iamReads], resources: ['*'] }));
      }
      return handler;
    };
    this.byName = {
      'plan-run': make('plan-run'),
      'inventory-account': make('inventory-account'),
      'audit-batch': make('audit-batch'),
      'summarise-account': make('summarise-account'),
      'summarise-run': make('summarise-run'),
    };
  }
}
