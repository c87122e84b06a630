import { auditApp } from '../lib/audit-app.ts';
import { SettingsError } from '../lib/read-settings.ts';

try {
  auditApp();
} catch (error: unknown) {
  // For a wrong setting the message is enough; a stack trace would hide it.
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
