import { join } from 'node:path';
import type { AuditSettings } from '../../core/ports/services.ts';
import { TrailFiles } from '../../local/emulated-aws/cloudtrail/trail-files.ts';
import type { EmulatedAwsSettings } from '../../local/emulated-aws/settings.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { VirtualAudit } from './virtual-audit.ts';

const started: VirtualAudit[] = [];

afterEach(async () => {
  for (const audit of started.splice(0)) await audit.close();
});

export interface LoggedAudit {
  readonly audit: VirtualAudit;
  /** For the rows of the logs. */
  readonly rowsFolder: string;
  /** Writes the calls until now as CloudTrail's log files. @returns their folder and their keys */
  readonly writeLogs: () => Promise<{ readonly logs: string; readonly keys: readonly string[] }>;
}

/** An audit in virtual time whose calls CloudTrail records. It is closed after the test. */
export async function startLoggedAudit(
  emulated: Partial<EmulatedAwsSettings> & Pick<EmulatedAwsSettings, 'accounts'>,
  {
    settings = {},
    organizationId,
  }: { readonly settings?: Partial<AuditSettings>; readonly organizationId?: string } = {},
): Promise<LoggedAudit> {
  const folder = temporaryFolder('logged');
  const logs = join(folder, 'logs');
  const trail = new TrailFiles({ random: seededRandom(1), organizationId });
  const audit = await VirtualAudit.start({ cloudTrail: trail.add, ...emulated }, settings);
  started.push(audit);
  return { audit, rowsFolder: join(folder, 'rows'), writeLogs: async () => ({ logs, keys: await trail.write(logs) }) };
}
