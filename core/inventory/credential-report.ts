import Papa from 'papaparse';
import type { Credentials } from '../contract/evidence.ts';

/** The row of the account's root user. */
const ROOT = '<root_account>';

/** The report is not the table that AWS documents. */
export class CredentialReportUnreadable extends Error {
  override name = 'CredentialReportUnreadable';
}

export interface ReportedUser {
  /** ISO 8601; null where the report does not say. Another user of the same name may have had the ARN before. */
  readonly createdAt: string | null;
  readonly credentials: Credentials;
}

export interface CredentialReport {
  /** ISO 8601: users created later are not in it. */
  readonly generatedAt: string;
  readonly byArn: ReadonlyMap<string, ReportedUser>;
  /** Null where the report has no row of it. */
  readonly root: Credentials | null;
}

/**
 * Reads IAM's credential report (IAM User Guide, "Understanding the report format").
 * @throws CredentialReportUnreadable naming the column that is not there
 */
export function parseCredentialReport(csv: string, generatedAt: string): CredentialReport {
  const { data } = Papa.parse<string[]>(csv, { delimiter: ',', skipEmptyLines: true });
  const [header = [], ...rows] = data;
  const column = (name: string): number => {
    const index = header.indexOf(name);
    if (index < 0) throw new CredentialReportUnreadable(`The credential report has no column ${name}.`);
    return index;
  };
  const columns = {
    arn: column('arn'),
    createdAt: column('user_creation_time'),
    passwordEnabled: column('password_enabled'),
    passwordLastUsed: column('password_last_used'),
    passwordLastChanged: column('password_last_changed'),
    mfaActive: column('mfa_active'),
    keys: [1, 2].map((n) => ({
      active: column(`access_key_${n}_active`),
      lastRotated: column(`access_key_${n}_last_rotated`),
      lastUsed: column(`access_key_${n}_last_used_date`),
    })),
  };
  const byArn = new Map<string, ReportedUser>();
  let root: Credentials | null = null;
  for (const raw of rows) {
    const row = rejoined(raw, header.length);
    // What a torn row does not say is not "no": it is as good as none.
    if (row.length !== header.length) continue;
    const cell = (index: number): string => row[index] ?? '';
    const credentials: Credentials = {
      passwordEnabled: truth(cell(columns.passwordEnabled)),
      passwordLastUsed: time(cell(columns.passwordLastUsed)),
      passwordLastChanged: time(cell(columns.passwordLastChanged)),
      mfaActive: cell(columns.mfaActive).toLowerCase() === 'true',
      accessKeys: columns.keys
        .map(({ active, lastRotated, lastUsed }) => ({
          active: cell(active).toLowerCase() === 'true',
          lastUsed: time(cell(lastUsed)),
          lastRotated: time(cell(lastRotated)),
        }))
        // Nothing is said of a key that was never made; of old ones, and of root's, AWS may not know all.
        .filter(({ active, lastUsed, lastRotated }) => active || lastUsed !== null || lastRotated !== null),
    };
    if (cell(0) === ROOT) root = credentials;
    else byArn.set(cell(columns.arn), { createdAt: time(cell(columns.createdAt)), credentials });
  }
  return { generatedAt, byArn, root };
}

/** User names may hold commas, and AWS does not say that it quotes them: then name and ARN are torn alike. */
function rejoined(row: readonly string[], columns: number): readonly string[] {
  const commas = (row.length - columns) / 2;
  if (!Number.isInteger(commas) || commas <= 0) return row;
  const name = row.slice(0, commas + 1).join(',');
  const arn = row.slice(commas + 1, 2 * commas + 2).join(',');
  return [name, arn, ...row.slice(2 * commas + 2)];
}

/** `N/A`, `no_information` and `not_supported` stand where there is no time. */
function time(cell: string): string | null {
  const parsed = Date.parse(cell);
  return Number.isNaN(parsed) ? null : new Date(parsed).toISOString();
}

/** Of root AWS long said only `not_supported`: that is neither. */
function truth(cell: string): boolean | null {
  switch (cell.toLowerCase()) {
    case 'true':
      return true;
    case 'false':
      return false;
    default:
      return null;
  }
}
