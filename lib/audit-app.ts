import { App } from 'aws-cdk-lib';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { IamAuditStack } from './iam-audit-stack.ts';
import { parseSettings, SETTINGS_KEY } from './settings.ts';

const CdkJson = v.object({ context: v.record(v.string(), v.unknown()) });

/** Feature flags change what is synthesised: every way to build the app loads the same ones. */
function cdkJsonContext(): Record<string, unknown> {
  const path = fileURLToPath(new URL('../cdk.json', import.meta.url));
  return v.parse(CdkJson, JSON.parse(readFileSync(path, 'utf8'))).context;
}

export interface AuditAppOptions {
  /** False: functions without their code, which takes seconds to bundle. */
  readonly bundle?: boolean;
  readonly outdir?: string;
  /** Without it, what the CDK context says. */
  readonly settings?: unknown;
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
export function auditApp({ bundle, outdir, settings, env }: AuditAppOptions = {}): AuditApp {
  const context = {
    ...cdkJsonContext(),
    ...(bundle === false ? { 'aws:cdk:bundling-stacks': [] } : {}),
    ...(settings === undefined ? {} : { [SETTINGS_KEY]: settings }),
  };
  const app = new App({ context, ...(outdir === undefined ? {} : { outdir }) });
  const parsed = parseSettings(app.node.tryGetContext(SETTINGS_KEY));
  const stack = new IamAuditStack(app, parsed.stackName, {
    settings: parsed,
    ...(env === undefined ? {} : { env }),
  });
  return { app, stack };
}
