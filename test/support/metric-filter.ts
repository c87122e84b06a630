/**
 * Applies a JSON metric filter of CloudWatch Logs to a log line. It supports the operators that the stack uses (Amazon
 * CloudWatch Logs User Guide, "Filter pattern syntax"): `=` and `!=` with `*` as wildcard, `IS TRUE`, `&&`.
 * @returns the metric's value, or null if the line does not match
 */
export function metricValue(pattern: string, value: string, line: string): number | null {
  const body = /^\{ ?(.*?) ?\}$/.exec(pattern)?.[1];
  if (body === undefined) throw new Error(`Not a JSON pattern: ${pattern}`);
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
  if (!body.split('&&').every((condition) => conditionHolds(condition.replace(/^[\s(]+|[\s)]+$/g, ''), fields)))
    return null;
  return value.startsWith('$.') ? Number(fields[value.slice(2)]) : Number(value);
}

function conditionHolds(condition: string, fields: Record<string, unknown>): boolean {
  const isTrue = /^\$\.(\w+) IS TRUE$/.exec(condition);
  if (isTrue !== null) return fields[isTrue[1]!] === true;
  const [, name, operator, text] = /^\$\.([\w.]+) (=|!=) "(.*)"$/.exec(condition) ?? [];
  if (name === undefined || text === undefined) throw new Error(`Unsupported condition: ${condition}`);
  const fieldValue = name
    .split('.')
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], fields);
  if (typeof fieldValue !== 'string') return false;
  const literal = text.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`).test(fieldValue) === (operator === '=');
}
