import { sha256Hex } from '../streams/sha256.ts';

/**
 * A run's ID: the start time of its execution, and six characters of a hash of the execution's name. IDs sort by time.
 * An ID is the same on every retry, and is valid as a session name and as part of a path.
 * @param startedAt ISO 8601
 */
export async function runIdOf(executionName: string, startedAt: string): Promise<string> {
  return `${runTimeOf(startedAt)}-${(await sha256Hex(executionName)).slice(0, 6)}`;
}

/** The part of a run's id that says when its execution started. @param startedAt ISO 8601 */
export const runTimeOf = (startedAt: string): string =>
  new Date(startedAt)
    .toISOString()
    .replace(/\.\d{3}Z$/, 'Z')
    .replace(/[-:]/g, '');
