import type { EmulatedAccount, EmulatedUser } from '../account.ts';
import { ServiceError } from '../service-error.ts';
import { iso, type Operation } from './operation.ts';

/** How long AWS takes to generate a report, and how long it returns the same report. */
const MAKING_MS = 2_000;
const KEPT_MS = 4 * 3_600_000;

export const generateCredentialReport: Operation = ({ account, credentialReports, clock }) => {
  const job = credentialReports.get(account.accountId);
  if (job === undefined || clock.now() - job.startedAt > KEPT_MS) {
    const rows = [columns, rootRow(account), ...[...account.users.values()].map(userRow)];
    credentialReports.set(account.accountId, {
      startedAt: clock.now(),
      // IAM quotes no cell, also not one with a comma.
      csv: rows.map((row) => row.join(',')).join('\n'),
    });
    return { State: 'STARTED', Description: 'No report exists. Starting a new report generation task' };
  }
  return { State: clock.now() - job.startedAt < MAKING_MS ? 'INPROGRESS' : 'COMPLETE' };
};

export const getCredentialReport: Operation = ({ account, credentialReports, clock }) => {
  const job = credentialReports.get(account.accountId);
  if (job === undefined) throw new ServiceError(410, 'ReportNotPresent', 'No report exists.');
  const { startedAt, csv } = job;
  if (clock.now() - startedAt < MAKING_MS)
    throw new ServiceError(404, 'ReportInProgress', 'Report generation in progress.');
  if (clock.now() - startedAt > KEPT_MS)
    throw new ServiceError(410, 'ReportExpired', 'The report is older than four hours.');
  return {
    Content: Buffer.from(csv).toString('base64'),
    ReportFormat: 'text/csv',
    GeneratedTime: iso(startedAt + MAKING_MS),
  };
};

const keyColumns = (n: number): string[] =>
  ['active', 'last_rotated', 'last_used_date', 'last_used_region', 'last_used_service'].map(
    (name) => `access_key_${n}_${name}`,
  );

const columns = [
  ...['user', 'arn', 'user_creation_time', 'password_enabled', 'password_last_used', 'password_last_changed'],
  ...['password_next_rotation', 'mfa_active', ...keyColumns(1), ...keyColumns(2)],
  ...['cert_1_active', 'cert_1_last_rotated', 'cert_2_active', 'cert_2_last_rotated'],
];

const noKey = ['false', 'N/A', 'N/A', 'N/A', 'N/A'];
const noCertificates = ['false', 'N/A', 'false', 'N/A'];
const oneCertificate = (createdAt: number): string[] => ['true', iso(createdAt), 'false', 'N/A'];
const time = (ms: number | null): string => (ms === null ? 'no_information' : iso(ms));

function keyCells(key: EmulatedUser['accessKeys'][number] | undefined): string[] {
  if (key === undefined) return noKey;
  const used = key.lastUsed;
  const use = used === null ? ['N/A', 'N/A', 'N/A'] : [iso(used.at), used.region, used.service];
  return [String(key.active), iso(key.lastRotated), ...use];
}

function userRow(user: EmulatedUser): string[] {
  const { password } = user;
  const passwordCells =
    password === null
      ? ['false', 'N/A', 'N/A', 'N/A']
      : ['true', time(password.lastUsed), iso(password.lastChanged), 'N/A'];
  const keys = [...keyCells(user.accessKeys[0]), ...keyCells(user.accessKeys[1])];
  return [
    user.name,
    user.arn,
    iso(user.createdAt),
    ...passwordCells,
    String(user.mfaActive),
    ...keys,
    ...(user.certificateActive === true ? oneCertificate(user.createdAt) : noCertificates),
  ];
}

function rootRow({ accountId, root }: EmulatedAccount): string[] {
  const password = ['not_supported', time(root.passwordLastUsed), 'not_supported', 'not_supported'];
  const key = root.accessKeyActive ? ['true', iso(root.createdAt), 'N/A', 'N/A', 'N/A'] : noKey;
  return [
    '<root_account>',
    `arn:aws:iam::${accountId}:root`,
    iso(root.createdAt),
    ...password,
    String(root.mfaActive),
    ...key,
    ...noKey,
    ...noCertificates,
  ];
}
