import type { RunSummary } from '../contract/run.ts';

/** Who used the rate up while calls were throttled, one line for each caller; none if the question was not asked. */
export function culpritsInWords({ culprits }: RunSummary): string[] {
  if (culprits === undefined) return [];
  return [
    ...culprits.callers.map(({ caller, diagnosis }) => `Used the rate up: ${caller}. ${diagnosis}`),
    ...(culprits.note === null ? [] : [`Throttled calls: ${culprits.note}`]),
  ];
}
