import type { CallerAnswer, QuestionId } from '../../contract/doctor/diagnosis.ts';
import { whole } from '../questions/numbers.ts';

/**
 * What the remedy saves. For `callers` these are the throttled calls that the caller accounts for, its own and those of
 * others: its served calls remain.
 */
export const savingInWords = (id: QuestionId, { callsPerHour }: NonNullable<CallerAnswer['saves']>): string =>
  id === 'callers'
    ? `avoids about ${whole(callsPerHour)} throttled calls an hour`
    : `saves about ${whole(callsPerHour)} calls an hour`;
