/**
 * Audits an emulated account of 2,000 principals on 60 days and prints the calls per principal, compared with one call of
 * each kind. It also checks that reused evidence agrees with the account:
 * `npm run bench:calls [-- --days N --seed N --refresh-idle-every-days N --principals N]`. Exits with 1 if the first day
 * or the steady days exceed their bounds, or if evidence differs from the account.
 */
import { parseArgs } from 'node:util';
import { defaultSettings } from '../../core/contract/environment.ts';
import { workflowDefinition } from '../../local/synthesised-definition.ts';
import { auditDays, PACED, type Day } from './audit-days.ts';

const SHARES = { active: 0.03, changed: 0.01, losing: 0.005 };
/** Calls per principal to the three paced operations together. */
const FIRST_DAY_BOUND = 2.5;
const STEADY_MEAN_BOUND = 0.2;
const STEADY_DAY_BOUND = 0.25;

const callsOf = ({ received, principals }: Day): number =>
  PACED.reduce((sum, operation) => sum + received[operation], 0) / principals;
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    principals: { type: 'string', default: '2000' },
    'refresh-idle-every-days': { type: 'string', default: String(defaultSettings.refreshIdleEveryDays) },
  },
});
const refreshIdleEveryDays = Number(values['refresh-idle-every-days']);
/** In the first period the principals are refreshed on separate days for the first time, so those days are not steady. */
const steadyFrom = refreshIdleEveryDays + 2;
await workflowDefinition();
const days: Day[] = [];
const row = (cells: readonly (string | number)[]): void => {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
};
row(['day', ...PACED, 'calls per principal', 'both parts reused', 'complete', 'differences']);
row(['---', ...PACED.map(() => '---'), '---', '---', '---', '---']);
for await (const day of auditDays({
  principals: Number(values.principals),
  days: Number(values.days),
  seed: Number(values.seed),
  shares: SHARES,
  refreshIdleEveryDays,
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
const steady = days.filter(({ day }) => day >= steadyFrom).map(callsOf);
const firstDay = first === undefined ? 0 : callsOf(first);
const figures = [
  { name: 'first day', calls: firstDay, bound: FIRST_DAY_BOUND },
  ...(steady.length === 0 ? [] : [{ name: 'steady day, on average', calls: mean(steady), bound: STEADY_MEAN_BOUND }]),
];
process.stdout.write('\n');
for (const { name, calls, bound } of figures) {
  process.stdout.write(
    `${name}: ${calls.toFixed(3)} calls per principal (one of each kind: ${PACED.length}; bound ${bound})\n`,
  );
}
if (steady.length > 0) {
  process.stdout.write(
    `steady days, lowest and highest: ${Math.min(...steady).toFixed(3)}, ${Math.max(...steady).toFixed(3)} (bound ${STEADY_DAY_BOUND})\n`,
  );
}
const different = days.reduce((sum, day) => sum + day.differences.length, 0);
process.stdout.write(`differences from the account beyond the margins, in ${days.length} days: ${different}\n`);
const incomplete = days.filter(({ status }) => status !== 'COMPLETE').length;
if (incomplete > 0) process.stdout.write(`days that were not COMPLETE: ${incomplete}\n`);
const exceeded = figures.some(({ calls, bound }) => calls > bound) || steady.some((calls) => calls > STEADY_DAY_BOUND);
process.exitCode = exceeded || different > 0 || incomplete > 0 ? 1 : 0;
