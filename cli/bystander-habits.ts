import * as v from 'valibot';
import type { TrailFiles } from '../local/emulated-aws/cloudtrail/trail-files.ts';

const MissingModule = v.object({ code: v.picklist(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED']) });

/**
 * What the doctor says about the other application of a demo. DuckDB answers the doctor's questions; without it there is
 * a sentence that says so, because the audit itself does not need it.
 */
export async function bystanderHabits(trail: TrailFiles): Promise<string[]> {
  try {
    const { bystanderHabitsInWords, diagnoseTrail } = await import('./bystander-diagnosis.ts');
    return bystanderHabitsInWords(await diagnoseTrail(trail));
  } catch (error: unknown) {
    if (!isWithoutDuckDb(error)) throw error;
    return [
      'The habit of the other application was not examined, because DuckDB (the package @duckdb/node-api) is not installed for this machine. Install it with npm ci.',
    ];
  }
}

/** DuckDB is missing, or has no library for this machine. */
export const isWithoutDuckDb = (error: unknown): boolean =>
  v.is(MissingModule, error) && error instanceof Error && /duckdb/i.test(error.message);
