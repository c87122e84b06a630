import { App, PERMISSIONS_BOUNDARY_CONTEXT_KEY } from 'aws-cdk-lib/core';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { IamAuditStack } from './iam-audit-stack.ts';
import { memberRoleTemplateBody } from './member-role-deployment.ts';
import { parseSettings, SETTINGS_KEY, SettingsError } from './read-settings.ts';

const CdkJson = v.object({ context: v.record(v.string(), v.unknown()) });

/** The context of cdk.json. It contains feature flags that change the template, so every way to build the app loads it. */
function cdkJsonContext(): Record<string, unknown> {
  const path = fileURLToPath(new URL('../cdk.json', import.meta.url));
  return v.parse(CdkJson, JSON.parse(readFileSync(path, 'utf8'))).context;
}

const BoundaryContext = v.union([v.object({ name: v.string() }), v.object({ arn: v.string() })]);

/** CDK accepts an object with a name or an ARN. It ignores anything else, and the roles would have no boundary. */
function checkBoundary(context: unknown, boundaryArn: string | undefined): void {
  if (context === undefined) return;
  if (!v.is(BoundaryContext, context)) {
    throw new SettingsError(
      `The context ${PERMISSIONS_BOUNDARY_CONTEXT_KEY} is ${JSON.stringify(context)}. CDK ignores this value, so no role would have the boundary. Use the setting permissionsBoundaryArn, or put the object { "name": … } or { "arn": … } into the context of cdk.json (-c can pass text only).`,
    );
  }
  if (boundaryArn !== undefined) {
    throw new SettingsError(
      `The setting permissionsBoundaryArn and the context ${PERMISSIONS_BOUNDARY_CONTEXT_KEY} both set a permissions boundary. Remove one of them.`,
    );
  }
}

export interface AuditAppOptions {
  /** If false, the functions' code is not bundled. Bundling takes seconds. */
  readonly bundle?: boolean;
  /** If false, CDK does not validate the template. The validation takes seconds. */
  readonly validate?: boolean;
  readonly outdir?: string;
  /** Settings instead of those of the CDK context. */
  readonly settings?: unknown;
  /** Overrides the context of cdk.json, like `-c`. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** If undefined, the template can be deployed to any account and Region. */
  readonly env?: { readonly account?: string; readonly region: string };
}

export interface AuditApp {
  readonly app: App;
  readonly stack: IamAuditStack;
}

/**
 * Builds the app. `cdk`, the tests and the workflow on one machine all use this function.
 * @throws SettingsError
 */
export function auditApp({
  bundle,
  validate = true,
  outdir,
  settings,
  context: overrides,
  env,
}: AuditAppOptions = {}): AuditApp {
  const context = {
    ...cdkJsonContext(),
    ...overrides,
    ...(bundle === false ? { 'aws:cdk:bundling-stacks': [] } : {}),
    ...(settings === undefined ? {} : { [SETTINGS_KEY]: settings }),
  };
  const app = new App({
    context,
    builtinCloudFormationValidation: validate,
    ...(outdir === undefined ? {} : { outdir }),
  });
  const parsed = parseSettings(app.node.tryGetContext(SETTINGS_KEY));
  checkBoundary(app.node.tryGetContext(PERMISSIONS_BOUNDARY_CONTEXT_KEY), parsed.permissionsBoundaryArn);
  const stack = new IamAuditStack(app, parsed.stackName, {
    settings: parsed,
    ...(parsed.memberRole?.deploy === true ? { memberRoleTemplate: memberRoleTemplateBody(app, parsed) } : {}),
    ...(env === undefined ? {} : { env }),
  });
  return { app, stack };
}
