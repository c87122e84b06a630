import { AwsFault } from '../ports/aws-fault.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { FindingImporter, RefusedFinding } from '../ports/services.ts';
import { retryThrottled } from '../pacing/retry-throttled.ts';
import { asffFinding } from './asff.ts';
import { runTime, type ExportedRun } from './exported-run.ts';

/** BatchImportFindings accepts 100 findings, and 10 requests a second in each account and Region (Security Hub quotas). */
const FINDINGS_PER_CALL = 100;
const MS_BETWEEN_CALLS = 125;
const BACKOFF = { firstMs: 1_000, longestMs: 30_000, leastMs: 1_000, requests: 8 } as const;

/** The refused findings whose reasons are kept, so that memory does not grow with their number. */
const MOST_REFUSALS = 10;

export interface PushResult {
  readonly imported: number;
  readonly refused: number;
  /** The first refused findings. */
  readonly refusals: readonly RefusedFinding[];
  /** Findings of other accounts: Security Hub takes them only from these accounts. */
  readonly ofOtherAccounts: number;
  /** Number of findings that are done, from the first one. Null: all are done. */
  readonly next: number | null;
}

/** Where a push begins, and when it stops. */
export interface PushPart {
  /** Number of findings that an earlier part has done. They are not counted again. Default: 0. */
  readonly from?: number;
  /** Whether there is time for one more call. The first call is always sent. Default: always. */
  readonly hasTime?: () => boolean;
}

/**
 * Imports the findings of a run into Security Hub, resolved ones as archived. IDs are stable, so an import updates what is there.
 * A batch that is refused as a whole is counted, and the others follow.
 * @throws AwsFault if Security Hub refuses the caller, or throttles to the end
 */
export async function pushFindings(
  { run, findings }: ExportedRun,
  target: { readonly accountId: string; readonly region: string },
  importer: FindingImporter,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  { from = 0, hasTime = () => true }: PushPart = {},
): Promise<PushResult> {
  const time = runTime(run);
  const refusals: RefusedFinding[] = [];
  const counts = { imported: 0, refused: 0, ofOtherAccounts: 0 };
  let batch: Record<string, unknown>[] = [];
  let isFirst = true;
  const send = async (): Promise<void> => {
    if (batch.length === 0) return;
    if (!isFirst) await clock.sleep(MS_BETWEEN_CALLS);
    isFirst = false;
    const sent = batch;
    batch = [];
    const problems = await importBatch(sent);
    refusals.push(...problems.slice(0, MOST_REFUSALS - refusals.length));
    counts.refused += problems.length;
    counts.imported += sent.length - problems.length;
  };
  const importBatch = async (sent: Record<string, unknown>[]): Promise<readonly RefusedFinding[]> => {
    try {
      return await retryThrottled(() => importer.importFindings(sent), {
        name: 'securityhub:BatchImportFindings',
        backoff: BACKOFF,
        clock,
        random,
      });
    } catch (error: unknown) {
      // The input of this batch was refused. Any other error would also meet the next batch.
      if (!(error instanceof AwsFault) || error.kind !== 'refused') throw error;
      return sent.map(({ Id }) => ({ id: String(Id), code: error.code, message: error.message }));
    }
  };
  let done = 0;
  for await (const finding of findings) {
    done += 1;
    if (done <= from) continue;
    if (finding.accountId !== target.accountId) {
      counts.ofOtherAccounts += 1;
      continue;
    }
    batch.push(asffFinding(finding, time, target.region));
    if (batch.length < FINDINGS_PER_CALL) continue;
    await send();
    if (!hasTime()) return { ...counts, refusals, next: done };
  }
  await send();
  return { ...counts, refusals, next: null };
}
