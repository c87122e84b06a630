/** YYYY-MM-DD: the day in UTC on which a run started, from its ID: the same on every retry. */
export const dateOfRun = (runId: string): string => runId.replace(/^(\d{4})(\d{2})(\d{2})T.*$/, '$1-$2-$3');
