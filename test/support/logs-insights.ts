/**
 * Runs a query of CloudWatch Logs Insights on log lines. It has the part of the language that the stack's queries use
 * (Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights query syntax"): `fields`, `filter`, `stats`, `sort`,
 * `limit`; comparisons, `like`, `not like`, `in`, `ispresent`, `and`, `or`, `not`; `count`, `sum`, `min`, `max`, `avg`.
 * Anything else is refused. A line that is not JSON has only `@message`.
 */
export type Row = Record<string, unknown>;

/** @param timestampOf the time of a line, as CloudWatch Logs has it */
export function runInsightsQuery(
  query: string,
  lines: readonly string[],
  timestampOf: (fields: Row) => unknown = (fields) => fields.timestamp,
): Row[] {
  let rows: Row[] = lines.map((line) => {
    const fields = parsedOrEmpty(line);
    return { ...flat(fields), '@message': line, '@timestamp': timestampOf(fields) };
  });
  let shown: string[] | null = null;
  for (const command of split(query, '|')) {
    const [, name = '', rest = ''] = /^(\w+)\s+([^]*)$/.exec(command.trim()) ?? [];
    switch (name) {
      case 'fields':
        shown = split(rest, ',').map(fieldName);
        break;
      case 'filter': {
        const matches = parseFilter(rest);
        rows = rows.filter(matches);
        break;
      }
      case 'stats':
        rows = stats(rest, rows);
        shown = null;
        break;
      case 'sort': {
        const [, field = '', order] = /^([@\w.]+) (asc|desc)$/.exec(rest) ?? refuse(`sort ${rest}`);
        const sign = order === 'desc' ? -1 : 1;
        rows = [...rows].sort((a, b) => sign * compare(a[field], b[field]));
        break;
      }
      case 'limit':
        rows = rows.slice(0, Number(/^\d+$/.exec(rest)?.[0] ?? refuse(`limit ${rest}`)));
        break;
      default:
        refuse(command);
    }
  }
  const names = shown;
  return names === null ? rows : rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
}

/** The names of fields that a query reads from the lines. */
export function fieldsRead(query: string): string[] {
  const made = new Set([...query.matchAll(/ as (\w+)/g)].map(([, name]) => name));
  const words = query
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/ as \w+/g, '')
    .match(/@?[A-Za-z_][\w.]*/g);
  const language = /^(fields|filter|stats|sort|limit|by|and|or|not|like|in|asc|desc|count|sum|min|max|avg|ispresent)$/;
  return [...new Set(words)].filter((word) => !language.test(word) && !made.has(word) && !word.startsWith('@'));
}

function refuse(part: string): never {
  throw new Error(`The query has a part that this evaluator does not have: ${part}`);
}

function parsedOrEmpty(line: string): Row {
  try {
    return JSON.parse(line) as Row;
  } catch {
    return {};
  }
}

const fieldName = (text: string): string => /^@?[\w.]+$/.exec(text.trim())?.[0] ?? refuse(text);

/** Parts between separators that are outside quotation marks, brackets and parentheses. */
function split(text: string, separator: string): string[] {
  const parts = text.match(/(?:"[^"]*"|\([^)]*\)|\[[^\]]*\]|[^"([])/g) ?? [];
  return parts
    .reduce<string[]>(
      (list, part) => (part === separator ? [...list, ''] : [...list.slice(0, -1), list.at(-1)! + part]),
      [''],
    )
    .map((part) => part.trim());
}

/** Nested fields as Logs Insights names them: `details.name`. */
const flat = (fields: Row, prefix = ''): Row =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(flat(value as Row, `${prefix}${name}.`))
        : [[`${prefix}${name}`, value] as const],
    ),
  );

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

const compare = (a: unknown, b: unknown): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : textOf(a).localeCompare(textOf(b));

type Condition = (row: Row) => boolean;

function parseFilter(text: string): Condition {
  const tokens = text.match(/"[^"]*"|!=|<=|>=|[=<>(),[\]]|[@\w.-]+/g) ?? [];
  if (tokens.join('') !== text.replaceAll(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/g, '')) refuse(text);
  let at = 0;
  const take = (expected?: string): string => {
    const token = tokens[at] ?? refuse(`${text} (it ends too early)`);
    if (expected !== undefined && token !== expected) refuse(`${token} instead of ${expected}`);
    at += 1;
    return token;
  };
  const literal = (): unknown => {
    const token = take();
    return token.startsWith('"') ? token.slice(1, -1) : Number.isNaN(Number(token)) ? refuse(token) : Number(token);
  };
  const comparison = (): Condition => {
    const field = fieldName(take());
    const operator = take();
    const negated = operator === 'not';
    const word = negated ? take() : operator;
    if (word === 'like') {
      const part = String(literal());
      return (row) => textOf(row[field]).includes(part) !== negated;
    }
    if (word === 'in') {
      take('[');
      const values = [literal()];
      while (tokens[at] === ',') {
        take();
        values.push(literal());
      }
      take(']');
      return (row) => values.includes(row[field]) !== negated;
    }
    const value = literal();
    const tests: Readonly<Record<string, Condition>> = {
      '=': (row) => row[field] === value,
      '!=': (row) => row[field] !== value,
      '<': (row) => row[field] !== undefined && compare(row[field], value) < 0,
      '>': (row) => row[field] !== undefined && compare(row[field], value) > 0,
      '<=': (row) => row[field] !== undefined && compare(row[field], value) <= 0,
      '>=': (row) => row[field] !== undefined && compare(row[field], value) >= 0,
    };
    return tests[word] ?? refuse(word);
  };
  const term = (): Condition => {
    if (tokens[at] === 'not') {
      take();
      const inner = term();
      return (row) => !inner(row);
    }
    if (tokens[at] === '(') {
      take();
      const inner = either();
      take(')');
      return inner;
    }
    if (tokens[at] === 'ispresent') {
      take();
      take('(');
      const field = fieldName(take());
      take(')');
      return (row) => row[field] !== undefined;
    }
    return comparison();
  };
  const both = (): Condition => {
    let condition = term();
    while (tokens[at] === 'and') {
      take();
      const [left, right] = [condition, term()];
      condition = (row) => left(row) && right(row);
    }
    return condition;
  };
  const either = (): Condition => {
    let condition = both();
    while (tokens[at] === 'or') {
      take();
      const [left, right] = [condition, both()];
      condition = (row) => left(row) || right(row);
    }
    return condition;
  };
  const condition = either();
  if (at !== tokens.length) refuse(tokens.slice(at).join(' '));
  return condition;
}

function stats(text: string, rows: readonly Row[]): Row[] {
  const [aggregates = '', groups = ''] = text.split(/ by /);
  const by = groups === '' ? [] : split(groups, ',').map(fieldName);
  const columns = split(aggregates, ',').map((part) => {
    const [, name = '', field = '', as = ''] =
      /^(count|sum|min|max|avg)\((\*|@?\w+)\) as (\w+)$/.exec(part) ?? refuse(part);
    return { name, field, as };
  });
  const grouped = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(by.map((field) => row[field]));
    grouped.set(key, [...(grouped.get(key) ?? []), row]);
  }
  return [...grouped.values()].map((group) => ({
    ...Object.fromEntries(columns.map(({ name, field, as }) => [as, aggregate(name, field, group)])),
    ...Object.fromEntries(by.map((field) => [field, group[0]?.[field]])),
  }));
}

function aggregate(name: string, field: string, rows: readonly Row[]): unknown {
  if (field === '*') return rows.length;
  const values = rows.map((row) => row[field]).filter((value) => value !== undefined);
  const sorted = [...values].sort(compare);
  const sum = values.reduce<number>((total, value) => total + Number(value), 0);
  switch (name) {
    case 'count':
      return values.length;
    case 'sum':
      return sum;
    case 'avg':
      return sum / values.length;
    case 'min':
      return sorted[0];
    default:
      return sorted.at(-1);
  }
}
