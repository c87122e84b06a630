import { Finding, type FindingCounts } from '../../contract/finding.ts';
import { objects } from '../../contract/objects.ts';
import type { AccountSummary, RunSummary } from '../../contract/run.ts';
import { countFinding, noFindings } from '../../findings/compare.ts';
import { Exceptions, isExpired, type ReadExceptions } from '../../findings/exceptions.ts';
import { expiredFinding, type ExpiryContext } from '../../findings/expired-exception-findings.ts';
import { findingsTable } from '../../findings/findings-table.ts';
import { Highlights } from '../../report/messages/highlights.ts';
import type { Services } from '../../ports/services.ts';
import { READS_AT_ONCE, type ObjectStore } from '../../ports/store.ts';
import { readObjectLines, unlessDamaged } from '../../ports/stored-objects.ts';
import { mapAhead } from '../../streams/map-ahead.ts';
import type { DamagedAccounts } from '../../objects/damaged-accounts.ts';
import { validLines } from '../../objects/valid-lines.ts';
import { exceptionsOfRun } from '../../objects/stored-exceptions.ts';
import { writeAcrossAccounts } from './across-accounts.ts';
import { expectLines, latestRunId, readRun } from '../../objects/stored-runs.ts';

/** The fields of `run.json` about findings. */
export type RunFindings = Required<Pick<RunSummary, 'findings' | 'previous'>> &
  Pick<RunSummary, 'exceptions' | 'acrossAccounts'>;

export interface WrittenFindings {
  readonly recorded: RunFindings;
  readonly highlights: Highlights;
  /** The last run that finished before this one; null if there is none or it can't be read. */
  readonly before: RunSummary | null;
}

/**
 * Writes the run's findings, as lines and as a table: the findings of its accounts, those that compare accounts, and those
 * about expired exceptions.
 * @param hasTime whether paths from one more account into others can be searched
 * @param damaged collects the accounts whose findings can't be read to the end
 * @throws StoreError
 */
export async function writeRunFindings(
  services: Services,
  run: RunSummary,
  accounts: readonly AccountSummary[],
  damaged: DamagedAccounts,
  hasTime: () => boolean,
): Promise<WrittenFindings> {
  const { store } = services;
  const exceptions = await exceptionsOfRun(store, run.runId);
  const ofAccounts = new Exceptions(exceptions, services.clock.now());
  const across = await writeAcrossAccounts(services, run, accounts, ofAccounts, damaged, hasTime);
  const used = new Set([...accounts.flatMap(({ findings }) => findings?.exceptions ?? []), ...ofAccounts.matched]);
  const latest = await latestRunId(store, services.warn);
  // If SummariseRun is retried, this run is the latest already, and run.json names the one before it.
  const previous = latest === run.runId ? (run.previous ?? null) : latest;
  const before = await unlessDamaged(
    async () => (previous === null ? null : readRun(store, previous)),
    null,
    (damage) => {
      services.warn(`${damage.message} Findings about expired exceptions count as new.`, damage);
    },
  );
  const expired = await expiredFindings(exceptions, {
    now: services.clock.now(),
    previousRunStartedAt: before?.startedAt ?? null,
    ownAccountId: accounts[0]?.accountId ?? '',
    used,
  });
  const counts = noFindings();
  const highlights = new Highlights();
  const counted = (finding: Finding): string => {
    countFinding(counts, finding);
    highlights.add(finding);
    return JSON.stringify(finding);
  };
  const lines = async function* (): AsyncGenerator<string> {
    for await (const finding of findingsOfAccounts(store, run.runId, accounts, damaged)) yield counted(finding);
    if (across !== null) {
      for await (const finding of readObjectLines(store, objects.acrossAccounts(run.runId), Finding)) {
        yield counted(finding);
      }
    }
    for (const finding of expired) yield counted(finding);
  };
  await store.writeLines(objects.findings(run.runId), lines());
  await store.writeLines(objects.findingsTable(run.runId), findingsTable(findingsOfRun(store, run.runId)));
  const recorded = {
    findings: counts,
    previous,
    ...(across === null ? {} : { acrossAccounts: across }),
    ...(exceptions.exceptions.length + exceptions.problems.length === 0
      ? {}
      : { exceptions: exceptionsInSummary(exceptions, used, run, accounts, services.clock.now()) }),
  };
  return { recorded, highlights, before };
}

/** Accounts with at most this many findings are read ahead, so their findings are in memory. */
const MOST_READ_AHEAD = 500;

/** The findings of the accounts, in the order of the accounts. Accounts without findings need no request. */
async function* findingsOfAccounts(
  store: ObjectStore,
  runId: string,
  accounts: readonly AccountSummary[],
  damaged: DamagedAccounts,
): AsyncGenerator<Finding> {
  const open = ({ accountId }: AccountSummary): AsyncGenerator<Finding> =>
    validLines(store, objects.accountFindings(runId, accountId), Finding, damaged.onDamageOf(accountId));
  const withFindings = accounts.filter(({ findings }) => findings === null || totalOf(findings.counts) > 0);
  const ahead = mapAhead(withFindings, READS_AT_ONCE, async (account) => {
    const { accountId, findings } = account;
    // The summaries of earlier versions, and of accounts that failed, don't say whether there are findings.
    if (findings === null) return (await store.exists(objects.accountFindings(runId, accountId))) ? open(account) : [];
    return totalOf(findings.counts) > MOST_READ_AHEAD ? open(account) : collected(open(account));
  });
  for await (const findings of ahead) yield* findings;
}

/** Findings of all states. */
export const totalOf = (counts: FindingCounts): number =>
  counts.new + counts.open + counts.suppressed + counts.resolved;

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** A run's findings; none if they have not been written. @throws StoreError */
export async function* findingsOfRun(store: ObjectStore, runId: string): AsyncGenerator<Finding> {
  const key = objects.findings(runId);
  if (!(await store.exists(key))) return;
  yield* readObjectLines(store, key, Finding);
}

/** A run's findings, and whether all are there, as far as `run.json` says how many there are. @throws StoreError, DamagedObject */
export async function* allFindingsOf(store: ObjectStore, { runId, findings }: RunSummary): AsyncGenerator<Finding> {
  let lines = 0;
  for await (const finding of findingsOfRun(store, runId)) {
    lines += 1;
    yield finding;
  }
  if (findings !== undefined) expectLines(objects.findings(runId), lines, totalOf(findings));
}

async function expiredFindings(
  { exceptions }: ReadExceptions,
  { used, ...context }: Omit<ExpiryContext, 'matchesFinding'> & { readonly used: ReadonlySet<number> },
): Promise<Finding[]> {
  const found = await Promise.all(
    exceptions.map((exception) => expiredFinding(exception, { ...context, matchesFinding: used.has(exception.index) })),
  );
  // An exception that is in the file twice gives one finding.
  return [...new Map(found.flatMap((finding) => (finding === null ? [] : [[finding.id, finding]]))).values()];
}

function exceptionsInSummary(
  { exceptions, problems }: ReadExceptions,
  used: ReadonlySet<number>,
  run: RunSummary,
  accounts: readonly AccountSummary[],
  now: number,
): NonNullable<RunSummary['exceptions']> {
  const named = ({ index, rule, arn, owner }: (typeof exceptions)[number]): string =>
    `exceptions[${index}]: ${rule} on ${arn}, of ${owner}`;
  const valid = exceptions.filter((exception) => !isExpired(exception, now));
  return {
    valid: valid.length,
    problems: [...problems],
    unused: valid.filter(({ index, arn }) => !used.has(index) && auditedAll(arn, run, accounts)).map(named),
    expired: exceptions.filter((exception) => isExpired(exception, now)).map(named),
  };
}

/** Whether the run audited every principal that the pattern can match: only then the exception can be called unused. */
function auditedAll(arn: string, { scope }: RunSummary, accounts: readonly AccountSummary[]): boolean {
  if (scope.principals !== 'all') return false;
  const named = arn.split(':')[4] ?? '*';
  if (/[*?]/.test(named) || named === '') {
    return scope.accounts === 'all' && accounts.every(({ status }) => status !== 'FAILED');
  }
  return accounts.some(({ accountId, status }) => accountId === named && status !== 'FAILED');
}
