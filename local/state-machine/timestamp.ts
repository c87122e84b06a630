const pattern = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Whether text is a timestamp of a Wait: RFC 3339 with uppercase T and Z (Step Functions Developer Guide, "Wait
 * workflow state").
 */
export function isTimestamp(text: string): boolean {
  const day = pattern.exec(text)?.[1];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  // Date.parse reads February 30 as March 2.
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/** A time in Step Functions' format, which omits a fraction of zero (Developer Guide, "Context object"). */
export const timestamp = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
