import type { CallerAnswer, DoctorSource, QuestionId } from '../../contract/doctor/diagnosis.ts';
import { whole } from '../questions/numbers.ts';

/**
 * What the remedy saves. For `callers` these are the throttled calls that the caller accounts for, its own and those of
 * others: its served calls remain.
 * @param source the logs: if they cover less than an hour, the number is the one of their calls, and nothing is extrapolated
 */
export const savingInWords = (
  id: QuestionId,
  { callsPerHour }: NonNullable<CallerAnswer['saves']>,
  source: Pick<DoctorSource, 'from' | 'to'>,
): string =>
  id === 'callers'
    ? `avoids about ${whole(callsPerHour)} throttled calls ${timeInWords(source)}`
    : `saves about ${whole(callsPerHour)} calls ${timeInWords(source)}`;

function timeInWords({ from, to }: Pick<DoctorSource, 'from' | 'to'>): string {
  const minutes = Math.max(1, Math.round((Date.parse(to) - Date.parse(from)) / 60_000));
  if (!(minutes < 60)) return 'an hour';
  return minutes === 1 ? 'in the minute of these logs' : `in the ${minutes} minutes of these logs`;
}
