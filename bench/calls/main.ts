/**
 * Audits an emulated account of 2,000 principals day after day and prints how many calls a principal takes, beside one of
 * each kind, and whether what is carried is true: `npm run bench:calls [-- --days N --seed N]`. Ends with 1 where the first
 * day or any steady one breaks its bound, or carried data differs from the account.
 */
import { parseArgs } from 'node:util';
import { workflowDefinition } from '../../local/synthesised-definition.ts';
import { auditDays, PACED, type Day } from './days.ts';

const PRINCIPALS = 2_000;
const SHARES = { active: 0.03, changed: 0.01, losing: 0.005 };
/** Calls a principal to the three paced operations together. */
const FIRST_DAY_BOUND = 2.5;
const STEADY_DAY_BOUND = 0.5;
/** By then everybody was asked again on a day of its own: the first week is no steady one. */
const STEADY_FROM = 9;

const callsOf = ({ received, principals }: Day): number =>
  PACED.reduce((sum, operation) => sum + received[operation], 0) / principals;
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

const { values } = parseArgs({
  options: { days: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } },
});
await workflowDefinition();
const days: Day[] = [];
const row = (cells: readonly (string | number)[]): void => {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
};
row(['day', ...PACED, 'calls a principal', 'both parts carried', 'complete', 'differences']);
row(['---', ...PACED.map(() => '---'), '---', '---', '---', '---']);
for await (const day of auditDays({
  principals: PRINCIPALS,
  days: Number(values.days),
  seed: Number(values.seed),
  shares: SHARES,
})) {
  days.push(day);
  const { received, carriedForward, complete, principals } = day;
  row([
    day.day,
    ...PACED.map((operation) => received[operation]),
    callsOf(day).toFixed(3),
    carriedForward,
    `${complete} of ${principals}`,
    day.differences.length,
  ]);
  for (const difference of day.differences.slice(0, 5)) process.stderr.write(`day ${day.day}: ${difference}\n`);
}

const [first] = days;
const steady = days.filter(({ day }) => day >= STEADY_FROM).map(callsOf);
const firstDay = first === undefined ? 0 : callsOf(first);
const figures = [
  { name: 'first day', calls: firstDay, bound: FIRST_DAY_BOUND },
  ...(steady.length === 0 ? [] : [{ name: 'steady day, on average', calls: mean(steady), bound: STEADY_DAY_BOUND }]),
];
process.stdout.write('\n');
for (const { name, calls, bound } of figures) {
  process.stdout.write(
    `${name}: ${calls.toFixed(3)} calls a principal (one of each kind: ${PACED.length}; bound ${bound})\n`,
  );
}
if (steady.length > 0) {
  process.stdout.write(
    `steady days, least and most: ${Math.min(...steady).toFixed(3)}, ${Math.max(...steady).toFixed(3)}\n`,
  );
}
const different = days.reduce((sum, day) => sum + day.differences.length, 0);
process.stdout.write(`differences from the account that no margin covers, in ${days.length} days: ${different}\n`);
const incomplete = days.filter(({ status }) => status !== 'COMPLETE').length;
if (incomplete > 0) process.stdout.write(`days that were not COMPLETE: ${incomplete}\n`);
const broken = firstDay > FIRST_DAY_BOUND || steady.some((calls) => calls > STEADY_DAY_BOUND);
process.exitCode = broken || different > 0 || incomplete > 0 ? 1 : 0;
