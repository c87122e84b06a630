/** One field of a cron expression of EventBridge Scheduler: its name, its numbers, and the names that stand for numbers. */
interface CronField {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
  /** What only this field takes, besides numbers, ranges, steps and lists. */
  readonly special?: RegExp;
}

const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const DAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');

/** EventBridge Scheduler User Guide, "Cron-based schedules". */
const FIELDS: readonly CronField[] = [
  { name: 'minutes', least: 0, most: 59 },
  { name: 'hours', least: 0, most: 23 },
  { name: 'day of month', least: 1, most: 31, special: /^(\?|L|LW|([1-9]|[12]\d|3[01])W)$/ },
  { name: 'month', least: 1, most: 12, names: MONTHS },
  {
    name: 'day of week',
    least: 1,
    most: 7,
    names: DAYS,
    special: /^(\?|L|[1-7]L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5])$/,
  },
  { name: 'year', least: 1970, most: 2199 },
];

const EXAMPLES = 'such as "cron(0 4 * * ? *)" or "rate(1 day)"';

/** What is wrong with an expression of EventBridge Scheduler, beginning with "must"; null where nothing is. */
export function scheduleExpressionProblem(expression: string): string | null {
  const rate = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate !== null) {
    return (rate[1] === '1') === (rate[3] === '')
      ? null
      : `must say "1 ${rate[2] ?? ''}" or "2 ${rate[2] ?? ''}s", ${EXAMPLES}`;
  }
  if (/^at\(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\)$/.test(expression)) return null;
  const cron = /^cron\((.*)\)$/.exec(expression)?.[1];
  if (cron === undefined) return `must be an expression of EventBridge Scheduler ${EXAMPLES}`;
  const parts = cron.split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return `must have six fields (${FIELDS.map(({ name }) => name).join(', ')}), ${EXAMPLES}`;
  }
  const wrong = FIELDS.find((field, place) => !isField(parts[place] ?? '', field));
  if (wrong !== undefined) {
    return `must have a valid ${wrong.name} (${wrong.least} to ${wrong.most}, * or a list, range or step), ${EXAMPLES}`;
  }
  const open = [parts[2], parts[4]].filter((part) => part === '?').length;
  return open === 1 ? null : `must have "?" as day of month or as day of week, and not as both, ${EXAMPLES}`;
}

function isField(part: string, { least, most, names = [], special }: CronField): boolean {
  const numberOf = (text: string): number => {
    const place = names.indexOf(text.toUpperCase());
    return place >= 0 ? place + 1 : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  };
  const isIn = (text: string): boolean => numberOf(text) >= least && numberOf(text) <= most;
  if (special?.test(part.toUpperCase()) === true) return true;
  return part.split(',').every((item) => {
    const [, range = '', step] = /^([^/]*)(?:\/(\d+))?$/.exec(item) ?? [];
    if (step !== undefined && Number(step) < 1) return false;
    if (range === '*') return true;
    const [from = '', to] = range.split('-');
    return isIn(from) && (to === undefined || isIn(to));
  });
}

const ZONES: ReadonlyMap<string, string> = new Map(
  [...Intl.supportedValuesOf('timeZone'), 'UTC'].map((zone) => [zone.toLowerCase(), zone]),
);

/** Node takes time zones in any case, EventBridge Scheduler as the IANA database writes them. */
export function timeZoneProblem(zone: string): string | null {
  const written = ZONES.get(zone.toLowerCase());
  return written === undefined || written === zone ? null : `must be written as "${written}"`;
}
