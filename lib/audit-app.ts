import { App, PERMISSIONS_BOUNDARY_CONTEXT_KEY } from 'aws-cdk-lib';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { IamAuditStack } from './iam-audit-stack.ts';
import { parseSettings, SETTINGS_KEY, SettingsError } from './read-settings.ts';

const CdkJson = v.object({ context: v.record(v.string(), v.unknown()) });

/** Feature flags change what is synthesised: every way to build the app loads the same ones. */
function cdkJsonContext(): Record<string, unknown> {
  const path = fileURLToPath(new URL('../cdk.json', import.meta.url));
  return v.parse(CdkJson, JSON.parse(readFileSync(path, 'utf8'))).context;
}

const BoundaryContext = v.union([v.object({ name: v.string() }), v.object({ arn: v.string() })]);

/** CDK takes an object with a name or an ARN, and ignores everything else: the roles would have no boundary. */
function checkBoundary(context: unknown, boundaryArn: string | undefined): void {
  if (context === undefined) return;
  if (!v.is(BoundaryContext, context)) {
    throw new SettingsError(
      `The context ${PERMISSIONS_BOUNDARY_CONTEXT_KEY} was ${JSON.stringify(context)}, which CDK ignores: no role would have the boundary. Use the setting permissionsBoundaryArn, or put { "name": … } or { "arn": … } as an object into the context of cdk.json; -c gives text only.`,
    );
  }
  if (boundaryArn !== undefined) {
    throw new SettingsError(
      `The setting permissionsBoundaryArn and the context ${PERMISSIONS_BOUNDARY_CONTEXT_KEY} both name a permissions boundary: leave one of them out.`,
    );
  }
}

export interface AuditAppOptions {
  /** False: functions without their code, which takes seconds to bundle. */
  readonly bundle?: boolean;
  /** False: without CDK's own validation of the template, which takes seconds. */
  readonly validate?: boolean;
  readonly outdir?: string;
  /** Without it, what the CDK context says. */
  readonly settings?: unknown;
  /** Over the context of cdk.json, as `-c` gives it. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Without it, the template fits any account and Region. */
  readonly env?: { readonly account?: string; readonly region: string };
}

export interface AuditApp {
  readonly app: App;
  readonly stack: IamAuditStack;
}

/**
 * Builds the app, for `cdk`, for tests and for the workflow on one machine alike.
 * @throws SettingsError
 */
export function auditApp({
  bundle,
  validate = true,
  outdir,
  settings,
  context: given,
  env,
}: AuditAppOptions = {}): AuditApp {
  const context = {
    ...cdkJsonContext(),
    ...given,
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
    ...(env === undefined ? {} : { env }),
  });
  return { app, stack };
}
