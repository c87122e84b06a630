const pattern = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** RFC 3339 with an uppercase T and Z, as a Wait takes it (Step Functions Developer Guide, "Wait workflow state"). */
export function isTimestamp(text: string): boolean {
  const day = pattern.exec(text)?.[1];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  // Date.parse takes February 30 for March 1.
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/** As Step Functions writes it: without a fraction that is zero (Developer Guide, "Context object"). */
export const timestamp = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
