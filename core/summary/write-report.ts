import { PrincipalRecord } from '../contract/evidence.ts';
import { objects } from '../contract/objects.ts';
import type { AccountSummary, RunSummary } from '../contract/run.ts';
import { categoriesOf } from '../catalogue/catalogue.ts';
import type { DamagedAccounts } from '../objects/damaged-accounts.ts';
import { unitUses } from '../objects/stored-organization-use.ts';
import { validLines } from '../objects/valid-lines.ts';
import type { ObjectStore } from '../ports/store.ts';
import { renderReport } from '../report/report.ts';
import type { StoppedAction } from '../report/stopped-section.ts';
import { findingsOfRun } from './run-findings.ts';

/**
 * Writes `report.html`. Reads every record of the run, and therefore detects damaged ones.
 * @param now milliseconds since the epoch
 */
export async function writeReport(
  store: ObjectStore,
  run: RunSummary,
  accounts: readonly AccountSummary[],
  damaged: DamagedAccounts,
  now: number,
): Promise<void> {
  const report = renderReport({
    run,
    records: recordsOfAccounts(store, run.runId, accounts, damaged),
    unreadable: damaged.reasons,
    findings: findingsOfRun(store, run.runId),
    credentials: new Map(accounts.map((account) => [account.accountId, account])),
    generatedAt: new Date(now).toISOString(),
    categoriesOf,
    stopped: stoppedInRun(accounts),
    unitUses: await unitUses(store, run),
  });
  await store.writeLines(objects.report(run.runId), report);
}

/** By action: in how many accounts the organization stops principals, and how many. */
function stoppedInRun(accounts: readonly AccountSummary[]): ReadonlyMap<string, StoppedAction> {
  const stopped = new Map<string, StoppedAction>();
  for (const { stoppedByOrganization } of accounts) {
    for (const [action, principals] of Object.entries(stoppedByOrganization)) {
      const before = stopped.get(action) ?? { accounts: 0, principals: 0 };
      stopped.set(action, { accounts: before.accounts + 1, principals: before.principals + principals });
    }
  }
  return stopped;
}

async function* recordsOfAccounts(
  store: ObjectStore,
  runId: string,
  accounts: readonly AccountSummary[],
  damaged: DamagedAccounts,
): AsyncGenerator<PrincipalRecord> {
  for (const { accountId } of accounts) {
    const key = objects.principals(runId, accountId);
    if (await store.exists(key)) yield* validLines(store, key, PrincipalRecord, damaged.onDamageOf(accountId));
  }
}
