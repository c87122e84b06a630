import { parseArgs } from 'node:util';

/** Wrong options. The message says which ones are allowed. */
export class UsageError extends Error {}

export interface ChaosOptions {
  readonly seeds: readonly number[];
  readonly workers: number;
}

const RUNS = '500';
const WORKERS = '2';

/** @throws UsageError */
export function readOptions(args: readonly string[]): ChaosOptions {
  const values = parse(args);
  const workers = wholeNumber('workers', values.workers);
  if (values.seed !== undefined) return { seeds: [wholeNumber('seed', values.seed)], workers: 1 };
  const first = wholeNumber('first-seed', values['first-seed']);
  return { seeds: Array.from({ length: wholeNumber('runs', values.runs) }, (_, n) => first + n), workers };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        /** Replays one seed. */
        seed: { type: 'string' },
        runs: { type: 'string', default: RUNS },
        'first-seed': { type: 'string', default: '1' },
        workers: { type: 'string', default: WORKERS },
      },
    }).values;
  } catch (error: unknown) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,7}$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`--${option} must be a whole number above 0, but it is "${text}".`);
}
