import { auditApp } from '../lib/audit-app.ts';
import { SettingsError } from '../lib/read-settings.ts';

try {
  auditApp();
} catch (error: unknown) {
  // What somebody mistyped wants a sentence, not a stack trace.
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
