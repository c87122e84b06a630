/**
 * Measures what `iam-audit estimate --principals` assumes about an account: the shares of the generated accounts, with the
 * seeds 1 to 5: `npm run measure:typical-account`. The figures are constants of core/estimate/typical-account.ts.
 */
import { SdkAccountAccess } from '../aws/account-access.ts';
import { defaultSettings } from '../core/contract/environment.ts';
import { OverlayStore } from '../core/estimate/overlay-store.ts';
import { plan } from '../core/estimate/plan.ts';
import { countPrincipals } from '../core/estimate/planned-work.ts';
import { canBeRemoved, managedBy } from '../core/inventory/managed-by.ts';
import { DAY_MS } from '../core/ports/clock.ts';
import { localAccounts, type Services } from '../core/ports/services.ts';
import { Emulation } from '../local/emulated-aws/emulation.ts';
import {
  addAuditRole,
  addOperator,
  AUDIT_ROLE,
  generateAccount,
  OPERATOR,
} from '../local/emulated-aws/generate/account.ts';
import { inProcess } from '../local/emulated-aws/in-process.ts';
import { seededRandom } from '../local/seeded-random.ts';
import { VirtualClock } from '../local/virtual-clock.ts';
import { hashInVirtualTime } from '../local/virtual-store.ts';

const HUB = '111122223333';
const NOW = Date.parse('2026-11-23T04:00:00Z');
const SEEDS = [1, 2, 3, 4, 5];
/** The same share as in the demo and in `bench:scale`. */
const USERS = 0.3;

async function measure(principals: number, seed: number): Promise<number[]> {
  const clock = new VirtualClock(NOW);
  const endHashing = hashInVirtualTime(clock);
  const users = Math.floor(principals * USERS);
  const account = generateAccount({ seed, accountId: HUB, users, roles: principals - users - 2, now: NOW });
  addAuditRole(account, HUB, NOW);
  addOperator(account, NOW);
  const emulation = new Emulation({ accounts: [account], clock, random: seededRandom(seed), limit: null });
  const credentials = emulation.issueUser(HUB, OPERATOR);
  const store = new OverlayStore(null, { hidden: new Set(), discards: () => false });
  const services: Services = {
    store,
    clock,
    random: seededRandom(seed),
    access: new SdkAccountAccess(
      {
        credentials: () => Promise.resolve(credentials),
        memberRole: { roleName: AUDIT_ROLE, externalId: null },
        region: 'us-east-1',
        endpoint: 'http://emulated.invalid',
        ...inProcess(emulation, clock),
      },
      clock,
    ),
    executions: { isRunning: () => Promise.resolve(false) },
    settings: { ...defaultSettings, ...localAccounts },
    warn: (message) => {
      process.stderr.write(`${message}\n`);
    },
  };
  const planned = await plan({ accountIds: [HUB] }, services, store, null);
  endHashing();
  const all = planned.accounts.flatMap((one) => one.principals);
  const share = (matching: (one: (typeof all)[number]) => boolean): number => all.filter(matching).length / all.length;
  const { simulations } = countPrincipals(all);
  // The generated accounts also have users that used services without a password or key, which no inventory shows.
  const recommendations = [...account.users.values(), ...account.roles.values()].filter((principal) => {
    const uses = [...principal.activity.values()].map(({ lastAuthenticated }) => lastAuthenticated);
    const managed = managedBy({ type: account.roles.has(principal.name) ? 'role' : 'user', ...principal });
    const createdAt = new Date(principal.createdAt).toISOString();
    const isUsed = Math.max(0, ...uses) > NOW - defaultSettings.unusedAfterDays * DAY_MS;
    return isUsed && canBeRemoved({ managedBy: managed, createdAt }, defaultSettings.graceDays, NOW);
  }).length;
  return [
    all.length,
    simulations,
    share(({ work }) => work.actions.length > 0 && work.group === null),
    share(({ work }) => work.actions.length === 0),
    share(({ lasting }) => !lasting),
    share(({ use }) => use === 'daily'),
    share(({ use }) => use === 'unproven'),
    recommendations / all.length,
    planned.accounts[0]?.inventory.calls['iam:GetAccountAuthorizationDetails']?.sent ?? 0,
  ];
}

const columns = [
  'principals',
  'simulations',
  'simulated alone, share',
  'ruled out, share',
  'depend on the time, share',
  'used within two days, share',
  'not provably idle, share',
  'recommendations, share',
  'pages of the inventory',
];
process.stdout.write(`| ${columns.join(' | ')} |\n|${' --- |'.repeat(columns.length)}\n`);
for (const principals of [30, 60, 100, 300, 1_000, 10_000]) {
  const rows: number[][] = [];
  for (const seed of SEEDS) rows.push(await measure(principals, seed));
  const means = columns.map((_, n) => rows.reduce((sum, row) => sum + (row[n] ?? 0), 0) / rows.length);
  process.stdout.write(`| ${means.map((mean) => String(Math.round(mean * 1000) / 1000)).join(' | ')} |\n`);
}
