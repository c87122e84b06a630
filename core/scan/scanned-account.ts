import type { AccessedService } from '../contract/evidence.ts';
import type { CredentialReportResult } from '../inventory/read-account.ts';
import type { AccountGroup, AccountPolicy, AccountRole, AccountUser } from '../ports/iam.ts';

/** An account as files describe it. */
export interface ScannedAccount {
  readonly accountId: string;
  readonly users: readonly AccountUser[];
  readonly roles: readonly AccountRole[];
  readonly groups: readonly AccountGroup[];
  readonly policies: readonly AccountPolicy[];
  /** Whether the file says which instance profiles have which roles. */
  readonly knowsInstanceProfiles: boolean;
  /** Service control policies, level by level, JSON texts. Null: not given. */
  readonly serviceControl: readonly (readonly string[])[] | null;
  readonly credentials: CredentialReportResult;
  /** By ARN. A principal without an entry has no last-accessed data. */
  readonly lastAccessed: ReadonlyMap<string, readonly AccessedService[]>;
}

/** A file to read, with its name for messages. */
export interface InputFile {
  readonly name: string;
  readonly text: string;
}

/** A file that can't be scanned. The message names the field, what was wrong and what would be right. */
export class ScanInputError extends Error {
  override name = 'ScanInputError';
}
