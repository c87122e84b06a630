import { statSync } from 'node:fs';
import { join } from 'node:path';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import * as v from 'valibot';
import { environmentNames, handlerNames, type HandlerName } from '../../core/contract/environment.ts';
import { auditApp } from '../../lib/audit-app.ts';

/** A Lambda function with the properties that it has in the synthesised template. */
export interface DeployedFunction {
  readonly name: HandlerName;
  /** Folder of the bundle, with the content that Lambda would unpack. */
  readonly folder: string;
  readonly bundleBytes: number;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /** Environment variables. A reference is replaced by its logical ID. */
  readonly environment: Readonly<Record<string, string>>;
}

const FunctionProperties = v.object({
  Code: v.object({ S3Key: v.pipe(v.string(), v.endsWith('.zip')) }),
  Environment: v.object({ Variables: v.record(v.string(), v.union([v.string(), v.object({ Ref: v.string() })])) }),
  Handler: v.literal('index.handler'),
  MemorySize: v.number(),
  Timeout: v.number(),
});
const Template = v.object({ Resources: v.record(v.string(), v.looseObject({ Properties: v.optional(v.unknown()) })) });

/** Settings with which the stack has every function. */
const withAllFunctions = {
  doctor: { trailBucket: 'trail' },
  securityHub: true,
  accounts: 'organization',
  memberRoleName: 'member',
};
/** Variables that only these settings add. */
const ofSettings: readonly string[] = [environmentNames.accounts, environmentNames.memberRoleName];

/** Synthesises the stack with its bundles into `outdir`, which takes seconds. @returns all functions by handler */
export function deployedFunctions(outdir: string): ReadonlyMap<HandlerName, DeployedFunction> {
  const { app, stack } = auditApp({ outdir, validate: false, settings: withAllFunctions });
  const template = v.parse(Template, app.synth().getStackByName(stack.stackName).template);
  return new Map(
    handlerNames.map((name) => {
      const resource = v.parse(v.instance(CfnFunction), stack.functions.byName[name]?.node.defaultChild);
      const id = v.parse(v.string(), stack.resolve(resource.logicalId));
      const properties = v.parse(FunctionProperties, template.Resources[id]?.Properties);
      const folder = join(outdir, `asset.${properties.Code.S3Key.replace(/\.zip$/, '')}`);
      const environment = Object.entries(properties.Environment.Variables)
        .filter(([key]) => !ofSettings.includes(key))
        .map(([key, value]) => [key, typeof value === 'string' ? value : value.Ref] as const);
      return [
        name,
        {
          name,
          folder,
          bundleBytes: statSync(join(folder, 'index.mjs')).size,
          memoryMegabytes: properties.MemorySize,
          timeoutSeconds: properties.Timeout,
          environment: Object.fromEntries(environment),
        },
      ] as const;
    }),
  );
}
