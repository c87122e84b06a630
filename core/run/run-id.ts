import { sha256Hex } from '../streams/sha256.ts';

/**
 * A run's id: when its execution started, and six characters of a hash of the execution's name. Sortable, the same
 * on every retry, and valid as a session name and as a part of a path.
 * @param startedAt ISO 8601
 */
export async function runIdOf(executionName: string, startedAt: string): Promise<string> {
  const time = new Date(startedAt)
    .toISOString()
    .replace(/\.\d{3}Z$/, 'Z')
    .replace(/[-:]/g, '');
  return `${time}-${(await sha256Hex(executionName)).slice(0, 6)}`;
}
