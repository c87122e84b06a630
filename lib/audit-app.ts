import { App } from 'aws-cdk-lib';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { IamAuditStack } from './iam-audit-stack.ts';

const CdkJson = v.object({ context: v.record(v.string(), v.unknown()) });

/** Feature flags change what is synthesised: every way to build the app loads the same ones. */
function featureFlags(): Record<string, unknown> {
  const path = fileURLToPath(new URL('../cdk.json', import.meta.url));
  return v.parse(CdkJson, JSON.parse(readFileSync(path, 'utf8'))).context;
}

export interface AuditApp {
  readonly app: App;
  readonly stack: IamAuditStack;
}

/** Builds the app, for `cdk`, for tests and for the workflow on one machine alike. */
export function auditApp(options: { readonly bundle?: boolean; readonly outdir?: string } = {}): AuditApp {
  const context = { ...featureFlags(), ...(options.bundle === false ? { 'aws:cdk:bundling-stacks': [] } : {}) };
  const app = new App({ context, ...(options.outdir === undefined ? {} : { outdir: options.outdir }) });
  return { app, stack: new IamAuditStack(app, 'IamAudit') };
}
