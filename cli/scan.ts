import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ScanAnswer } from '../core/contract/answers/scan.ts';
import { defaultSettings } from '../core/contract/environment.ts';
import { severities, type Finding } from '../core/contract/finding.ts';
import type { DetectedFinding } from '../core/findings/find.ts';
import { searchLimitInWords } from '../core/findings/search-limit.ts';
import { StoreError } from '../core/ports/store.ts';
import { runIdOf } from '../core/run/run-id.ts';
import { scanAccount, scanAcrossAccounts, type ScanResult } from '../core/scan/scan-account.ts';
import { readScanInput } from '../core/scan/scan-input.ts';
import { ScanInputError, type InputFile } from '../core/scan/scanned-account.ts';
import { newFindings, writeScan } from '../core/scan/write-scan.ts';
import { reportPage } from '../report-app/built/page.ts';
import { fileFault } from '../local/file-faults.ts';
import { FolderStore } from '../local/folder-store.ts';
import { systemClock } from '../local/system-clock.ts';
import type { FindingDays } from './commands/finding-days.ts';
import { checkOut } from './check-out.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { printJson, printLine, say } from './output.ts';
import { table } from './table.ts';

export interface ScanOptions extends FindingDays {
  readonly credentialReport: readonly string[];
  readonly scp: readonly string[];
  /** A folder for the results. If undefined, they are only printed. */
  readonly out?: string;
  readonly json: boolean;
}

/** Finds the same as a run, from files and without calls to AWS. */
export async function scan(files: readonly string[], options: ScanOptions): Promise<ExitCode> {
  const now = systemClock.now();
  if (options.out !== undefined) await checkOut(options.out);
  try {
    const { accounts, warnings } = readScanInput(
      {
        files: await readFiles(files),
        credentialReports: await readFiles(options.credentialReport),
        serviceControl: await readFiles(options.scp),
      },
      now,
    );
    const { graceDays = defaultSettings.graceDays, unusedAfterDays = defaultSettings.unusedAfterDays } = options;
    const results: ScanResult[] = [];
    for (const account of accounts) results.push(await scanAccount(account, { now, graceDays, unusedAfterDays }));
    const at = new Date(now).toISOString();
    const across = await scanAcrossAccounts(results);
    const findings = sorted(newFindings([...results.flatMap((result) => result.findings), ...across], at));
    const notes = [...warnings, ...notesOn(results)];
    const runId = options.out === undefined ? null : await writeResults(options.out, results, across, now);
    const answer: ScanAnswer = { schemaVersion: 1, runId, accounts: results.map(accountOf), findings, notes };
    if (options.json) printJson(answer);
    else print(findings, results);
    for (const note of notes) say(note);
    if (runId !== null) say(`The results are run ${runId} in ${options.out ?? ''}: who, can and path read them there.`);
    return warnings.length > 0 || unknownPermissions(results) > 0 ? exitCodes.partial : exitCodes.complete;
  } catch (error: unknown) {
    if (error instanceof ScanInputError) {
      say(error.message);
      return exitCodes.usage;
    }
    if (!(error instanceof StoreError)) throw error;
    say(error.message);
    return exitCodes.failed;
  }
}

const readFiles = (paths: readonly string[]): Promise<InputFile[]> => Promise.all(paths.map(readInput));

/** @throws ScanInputError */
async function readInput(path: string): Promise<InputFile> {
  try {
    return { name: path, text: decoded(await readFile(path === '-' ? '/dev/stdin' : path)) };
  } catch (error: unknown) {
    throw new ScanInputError(`${path}: can't be read: ${fileFault(error)}.`, { cause: error });
  }
}

/** UTF-8, or UTF-16 as Windows PowerShell writes redirected output. */
function decoded(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}

async function writeResults(
  out: string,
  results: readonly ScanResult[],
  across: readonly DetectedFinding[],
  now: number,
): Promise<string> {
  const runId = await runIdOf(`scan-${randomBytes(8).toString('hex')}`, new Date(now).toISOString());
  await writeScan(new FolderStore({ folder: out }), runId, results, across, now, reportPage);
  return runId;
}

const accountOf = ({ accountId, records }: ScanResult): ScanAnswer['accounts'][number] => ({
  accountId,
  users: records.filter(({ type }) => type === 'user').length,
  roles: records.filter(({ type }) => type === 'role').length,
  permissions: { source: 'evaluated' },
});

const sorted = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      compare(a.accountId, b.accountId) ||
      compare(a.principalArn, b.principalArn) ||
      compare(a.rule, b.rule),
  );

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function print(findings: readonly Finding[], results: readonly ScanResult[]): void {
  if (findings.length > 0) {
    const rows = findings.map(({ severity, rule, principalArn, title }) => [severity, rule, principalArn, title]);
    for (const line of table([['SEVERITY', 'RULE', 'PRINCIPAL', 'FINDING'], ...rows]))
      process.stdout.write(`${line}\n`);
  }
  const principals = results.reduce((sum, { records }) => sum + records.length, 0);
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  printLine(
    `${counted(findings.length, 'finding')}${counts.length === 0 ? '' : ` (${counts.join(', ')})`} on ${counted(principals, 'principal')} of ${results.length === 1 ? `account ${results[0]?.accountId ?? ''}` : `${results.length} accounts`}.`,
  );
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

const unknownPermissions = (results: readonly ScanResult[]): number =>
  results.reduce(
    (sum, { records }) => sum + records.filter(({ permissions }) => permissions.status !== 'COMPLETE').length,
    0,
  );

/** What the answer does not consider, because the files do not have it. */
function notesOn(results: readonly ScanResult[]): string[] {
  const accountsWhere = (holds: (result: ScanResult) => boolean): string =>
    results.flatMap((result) => (holds(result) ? [result.accountId] : [])).join(', ');
  const notes = ['Permissions were evaluated on this machine, not simulated by AWS.'];
  const without = accountsWhere(({ credentials }) => credentials.problems.some(({ code }) => code === 'NotGiven'));
  if (without !== '') {
    notes.push(
      `No credential report was given for ${without}: passwords, MFA devices and access keys are not known, and no finding is about them. Give it with --credential-report.`,
    );
  }
  const noUse = accountsWhere(({ records }) => records.some(({ lastAccessed }) => lastAccessed.status !== 'COMPLETE'));
  if (noUse !== '') {
    notes.push(
      `The files have no last-accessed data of some or all principals of ${noUse}: findings about use are missing.`,
    );
  }
  const noScp = accountsWhere(({ serviceControl }) => serviceControl === null);
  if (noScp !== '') notes.push(`Service control policies of ${noScp} are not known. Give them with --scp.`);
  for (const { graph } of results) {
    const limit = searchLimitInWords(graph);
    if (limit !== null) notes.push(limit);
  }
  const unknown = unknownPermissions(results);
  if (unknown > 0) {
    const [example] = results.flatMap(({ records }) =>
      records.flatMap(({ arn, problems }) =>
        problems.flatMap(({ step, message }) => (step === 'permissions' ? [`${arn}: ${message}`] : [])),
      ),
    );
    notes.push(`Permissions of ${counted(unknown, 'principal')} are known only in part. ${example ?? ''}`);
  }
  return notes;
}
