/**
 * Measures the access graph of a large account: `npm run bench:access [users] [roles]`. The permissions of every principal
 * are evaluated on this machine, and the paths of every principal are found.
 */
import { scanAccount } from '../../core/scan/scan-account.ts';
import { systemClock } from '../../local/system-clock.ts';
import { markdownTable } from '../pacing/markdown-table.ts';
import { largeAccount } from './large-account.ts';

const [users = 5_000, roles = 5_000] = process.argv.slice(2).map(Number);
const now = systemClock.now();
const account = largeAccount(users, roles, now);
const startedAt = performance.now();
const before = process.cpuUsage();
const { findings } = await scanAccount(account, { now, graceDays: 30, unusedAfterDays: 90 });
const seconds = (performance.now() - startedAt) / 1_000;
const used = process.cpuUsage(before);
const withPaths = findings.filter(({ rule }) => rule === 'escalation-path').length;

const row = [
  `${users} users, ${roles} roles`,
  seconds.toFixed(1),
  ((used.user + used.system) / 1e6).toFixed(1),
  // Node.js gives kilobytes on every platform.
  (process.resourceUsage().maxRSS / 1_024).toFixed(0),
  String(withPaths),
];
const columns = ['account', 'seconds', 'processor seconds', 'peak resident MB', 'principals with paths'];
process.stdout.write(
  `${markdownTable('Evaluation of all permissions, and the paths of all principals', columns, [row])}\n`,
);
