import { sha256Hex } from '../streams/sha256.ts';

/**
 * A run's id: when its execution started, and six characters of a hash of the execution's name. Sortable, the same
 * on every retry, and valid as a session name and as a part of a path.
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
