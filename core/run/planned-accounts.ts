import * as v from 'valibot';
import { AccountLine } from '../contract/account-objects.ts';
import type { ExecutionInput } from '../contract/execution-input.ts';
import { objects } from '../contract/objects.ts';
import { AccountSummary } from '../contract/run.ts';
import type { Services } from '../ports/services.ts';
import type { ObjectStore } from '../ports/store.ts';
import { InvalidInput } from './parse-execution-input.ts';

/**
 * The accounts that a run audits. They come from its input, from the unfinished accounts of the run that it resumes, or
 * from the settings.
 * @throws InvalidInput
 */
export async function accountsToAudit(
  wanted: ExecutionInput,
  { store, access, settings }: Services,
): Promise<AccountLine[]> {
  const configuredAccounts = async (): Promise<readonly string[]> =>
    settings.accountIds ?? [await access.ownAccountId()];
  const named = wanted.accountIds === undefined ? null : [...new Set(wanted.accountIds)];
  if (wanted.resume !== undefined) {
    const unfinished = await unfinishedAccounts(store, wanted.resume);
    const selected = named === null ? unfinished : unfinished.filter((accountId) => named.includes(accountId));
    return selected.map((accountId) => ({ accountId, resumeFrom: wanted.resume ?? null }));
  }
  const configured = named === null || settings.onlyConfigured ? await configuredAccounts() : [];
  const notConfigured = settings.onlyConfigured ? (named ?? []).filter((id) => !configured.includes(id)) : [];
  if (notConfigured.length > 0) {
    throw new InvalidInput(`accountIds: ${notConfigured.join(', ')} must be in this deployment's setting accountIds.`);
  }
  const accountIds = named ?? configured;
  return accountIds.map((accountId) => ({ accountId, resumeFrom: null }));
}

/**
 * Writes `accounts.jsonl`: the accounts of a run, each with the time at which its audit may start.
 * @param startTimes one per account, milliseconds since the epoch
 */
export async function writePlannedAccounts(
  store: ObjectStore,
  runId: string,
  accounts: readonly AccountLine[],
  startTimes: readonly number[],
): Promise<void> {
  const lines = startTimes.map((time, index) => ({ ...accounts[index], startAt: new Date(time).toISOString() }));
  await store.writeLines(
    objects.accounts(runId),
    lines.map((line) => JSON.stringify(line)),
  );
}

async function unfinishedAccounts(store: ObjectStore, runId: string): Promise<string[]> {
  if (!(await store.exists(objects.accounts(runId)))) {
    throw new InvalidInput(`resume: there is no run ${runId} in ${store.bucket}.`);
  }
  const unfinished: string[] = [];
  for await (const line of store.readLines(objects.accounts(runId))) {
    const { accountId } = v.parse(AccountLine, JSON.parse(line));
    const stored = await store.read(objects.account(runId, accountId));
    const status = stored === null ? null : v.parse(AccountSummary, JSON.parse(stored.text)).status;
    if (status !== 'COMPLETE') unfinished.push(accountId);
  }
  if (unfinished.length === 0)
    throw new InvalidInput(`resume: run ${runId} is COMPLETE, so there is nothing to resume.`);
  return unfinished;
}
