import type { RunNeeds } from '../../core/contract/answers/estimate.ts';
import type { ExecutionInput } from '../../core/contract/execution-input.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { estimateRun } from '../../core/estimate/estimate-run.ts';
import { estimateTypical } from '../../core/estimate/estimate-typical.ts';
import { DAY_MS } from '../../core/ports/clock.ts';
import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import { addAuditRole, addOperator, generateAccount } from '../../local/emulated-aws/generate/account.ts';
import { placeInOrganization } from '../../local/emulated-aws/generate/organization.ts';
import { rehearsalTools } from '../../local/rehearsal-tools.ts';
import { inProcessServices } from '../support/in-process-services.ts';
import { auditableAccount, HUB, START, VirtualAudit, withOwnPolicies } from '../support/virtual-audit.ts';

jest.setTimeout(120_000);

/** The bound of each figure. */
const WITHIN = 0.15;
/** Operations with fewer calls have no bound: one call more would exceed it. */
const LEAST_CALLS = 20;
/** A credential report is kept for four hours. The run that follows an estimate later needs a new one, as the estimate did. */
const LATER_MS = DAY_MS / 4;

let audited: VirtualAudit | null = null;
afterEach(async () => {
  await audited?.close();
  audited = null;
});

const start = async (
  accounts: readonly EmulatedAccount[],
  rate: number,
  organization = false,
): Promise<VirtualAudit> => {
  audited = await VirtualAudit.start(
    {
      accounts,
      limit: { rate, size: rate },
      latencyMs: [80, 300],
      ...(organization ? { organization: placeInOrganization(accounts) } : {}),
    },
    { principalsPerBatch: 1_000, accountsAtOnce: 20 },
  );
  return audited;
};

/** By name: how far the estimate is from what the run needed, as a share, for each figure with a bound. */
function deviations(estimated: RunNeeds, run: RunSummary): Record<string, number> {
  const minutes = (Date.parse(run.finishedAt!) - Date.parse(run.startedAt)) / 60_000;
  const figures: [string, number, number][] = [
    ...Object.entries(run.calls).flatMap(([operation, { sent }]): [string, number, number][] =>
      sent < LEAST_CALLS ? [] : [[operation, estimated.calls[operation] ?? 0, sent]],
    ),
    ['minutes', estimated.minutes, minutes],
    ['dollars', estimated.cost.total, run.cost.total],
  ];
  return Object.fromEntries(figures.map(([name, estimate, needed]) => [name, estimate / needed - 1]));
}

function expectClose(name: string, estimated: RunNeeds, run: RunSummary): void {
  const all = deviations(estimated, run);
  if (process.env.SHOW_DEVIATIONS !== undefined) {
    const shown = Object.entries(all).map(([figure, share]) => `${figure} ${(100 * share).toFixed(1)} %`);
    process.stderr.write(`${name}: ${shown.join(', ')}\n`);
  }
  expect(Object.entries(all).filter(([, share]) => Math.abs(share) > WITHIN)).toEqual([]);
  expect(Object.keys(all).length).toBeGreaterThan(2);
}

/** Estimates a run, then runs it. @param rate the option `--rate` @returns what the estimate assumes */
async function estimateAndRun(
  name: string,
  audit: VirtualAudit,
  input: ExecutionInput,
  rate: number | null = null,
): Promise<readonly string[]> {
  const { total, assumptions } = await estimateRun(input, inProcessServices(audit), rehearsalTools, rate);
  await audit.clock.sleep(LATER_MS);
  await audit.run(input, undefined, inProcessServices(audit));
  const run = await audit.lastRun();
  expect(run.status).toBe('COMPLETE');
  expectClose(name, total.today, run);
  await audit.clock.sleep(DAY_MS - LATER_MS);
  return assumptions;
}

const isOfOrganization = (assumption: string): boolean =>
  assumption.includes('services that the organization uses are asked for once in 7 days');

test('an account in which no principals share decisions: the first day, and the next days with carried evidence', async () => {
  const audit = await start([withOwnPolicies(auditableAccount(HUB, 400))], 20);
  const input = { accountIds: [HUB] };
  await estimateAndRun('own policies', audit, input);
  await estimateAndRun('own policies, second day', audit, input);
  await estimateAndRun('own policies, third day', audit, input);
});

test('an account in which principals share decisions: the first day, the next day, and a full run', async () => {
  const audit = await start([auditableAccount(HUB, 300)], 20);
  const input = { accountIds: [HUB] };
  await estimateAndRun('shared policies', audit, input);
  await estimateAndRun('shared policies, second day', audit, input);
  await estimateAndRun('shared policies, full', audit, { ...input, full: true });
});

test('another limit: the given rate on the first day, and the one that this day measured', async () => {
  const audit = await start([withOwnPolicies(auditableAccount(HUB, 200))], 5);
  const input = { accountIds: [HUB] };
  await estimateAndRun('5 calls a second', audit, input, 5);
  await estimateAndRun('5 calls a second, full, remembered', audit, { ...input, full: true });
});

test('three accounts at once', async () => {
  const ids = [0, 1, 2].map((n) => String(Number(HUB) + n));
  const audit = await start(
    ids.map((accountId, n) => auditableAccount(accountId, 150, n + 1)),
    20,
  );
  const assumptions = await estimateAndRun('three accounts', audit, { accountIds: ids });
  expect(assumptions.some(isOfOrganization)).toBe(false);
  await estimateAndRun('three accounts, second day', audit, { accountIds: ids });
});

test('an organization with service control policies', async () => {
  const ids = [0, 1, 2, 3].map((n) => String(Number(HUB) + n));
  const audit = await start(
    ids.map((accountId, n) => auditableAccount(accountId, 60, n + 1)),
    20,
    true,
  );
  const assumptions = await estimateAndRun('organization', audit, { accounts: 'organization' });
  expect(assumptions.some(isOfOrganization)).toBe(true);
  await estimateAndRun('organization, second day', audit, { accounts: 'organization' });
});

test('a run that is spread over half an hour', async () => {
  const audit = await start([auditableAccount(HUB, 120)], 20);
  await estimateAndRun('spread', audit, { accountIds: [HUB], spreadOverMinutes: 30 });
});

/** Accounts as `measure:typical-account` generates them. */
function measuredAccount(accountId: string, principals: number, seed: number): EmulatedAccount {
  const users = Math.floor(0.3 * principals);
  const account = generateAccount({ seed, accountId, users, roles: principals - users - 2, now: START });
  addAuditRole(account, HUB, START);
  addOperator(account, START);
  return account;
}

test.each([
  [200, 20],
  [60, 4],
])('typical accounts, without AWS: %i principals, %i calls a second', async (principals, rate) => {
  const ids = [0, 1, 2].map((n) => String(Number(HUB) + n));
  const audit = await start(
    ids.map((accountId, n) => measuredAccount(accountId, principals, n + 1)),
    rate,
  );
  const typical = { principals, accounts: ids.length, rate, spreadOverMinutes: 0 };
  const { total } = await estimateTypical(typical, audit.services(), rehearsalTools);
  await audit.run({ accountIds: ids }, undefined, inProcessServices(audit));
  expectClose(`typical, ${principals}`, total.today, await audit.lastRun());
});
