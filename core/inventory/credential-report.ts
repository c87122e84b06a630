import type { Credentials } from '../contract/evidence.ts';

/** The row of the account's root user. */
const ROOT = '<root_account>';

/** The report does not have the columns that AWS documents. */
export class CredentialReportUnreadable extends Error {
  override name = 'CredentialReportUnreadable';
}

export interface ReportedUser {
  /** ISO 8601; null if the report has no time. An earlier user of the same name may have had the same ARN. */
  readonly createdAt: string | null;
  readonly credentials: Credentials;
  /** False if the user has an active certificate or more credentials than the report has columns, or if this is unknown. */
  readonly onlyReportedCredentials: boolean;
}

export interface CredentialReport {
  /** ISO 8601. Users created later are not in the report. */
  readonly generatedAt: string;
  readonly byArn: ReadonlyMap<string, ReportedUser>;
  /** Null if the report has no row for the root user. */
  readonly root: Credentials | null;
}

/**
 * Reads IAM's credential report (IAM User Guide, "Understanding the report format").
 * @throws CredentialReportUnreadable with the name of the missing column
 */
export function parseCredentialReport(csv: string, generatedAt: string): CredentialReport {
  const [first = '', ...rows] = csv.split(/\r?\n/).filter((line) => line !== '');
  const header = first.split(',').map(unquoted);
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
    // Without these columns it is unknown whether a user has further credentials.
    certificates: ['cert_1_active', 'cert_2_active'].map((name) => header.indexOf(name)),
    // Reports of earlier years don't have this column.
    additional: header.indexOf('additional_credentials_info'),
  };
  const byArn = new Map<string, ReportedUser>();
  let root: Credentials | null = null;
  for (const line of rows) {
    const row = cellsOf(line, header.length);
    // An incomplete row must not be read as "no password" or "no key". It is ignored.
    if (row === null) continue;
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
        // A key that was never created has no values. For old keys and root's keys, AWS may know only some values.
        .filter(({ active, lastUsed, lastRotated }) => active || lastUsed !== null || lastRotated !== null),
      activeCertificates: columns.certificates.some((index) => index < 0)
        ? null
        : columns.certificates.filter((index) => truth(cell(index)) === true).length,
    };
    if (cell(0) === ROOT) {
      // A row with more cells than columns has them in the ARN.
      if (!cell(columns.arn).includes(',')) root = credentials;
    } else {
      const onlyReportedCredentials =
        columns.certificates.every((index) => truth(cell(index)) === false) && isNothing(cell(columns.additional));
      byArn.set(cell(columns.arn), { createdAt: time(cell(columns.createdAt)), credentials, onlyReportedCredentials });
    }
  }
  return { generatedAt, byArn, root };
}

/**
 * The report does not quote its cells, and names and paths may have commas and quotation marks. The cells after the name
 * and the ARN have none, and a name has no colon, so that the ARN starts at the first `arn:`. Null: the row is incomplete.
 */
function cellsOf(line: string, columns: number): readonly string[] | null {
  const parts = line.split(',');
  const fixed = columns - 2;
  const [, name, arn] = /^([^:]*?),("?arn:.*)$/.exec(parts.slice(0, -fixed).join(',')) ?? [];
  if (name === undefined || arn === undefined) return null;
  return [name, arn, ...parts.slice(-fixed)].map(unquoted);
}

/** AWS does not document that it never quotes a cell, and a program that stored the report may have done so. */
const unquoted = (cell: string): string => /^"(.*)"$/.exec(cell)?.[1]?.replaceAll('""', '"') ?? cell;

/** The report has `N/A`, `no_information` or `not_supported` if there is no time. */
function time(cell: string): string | null {
  const parsed = Date.parse(cell);
  return Number.isNaN(parsed) ? null : new Date(parsed).toISOString();
}

const isNothing = (cell: string): boolean =>
  ['', '0', 'n/a', 'no_information', 'not_supported'].includes(cell.toLowerCase());

/** For root, older reports have only `not_supported`, which is neither true nor false. */
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
