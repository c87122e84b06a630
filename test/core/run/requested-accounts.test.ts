import { failedSummary } from '../../../core/summary/account-failure.ts';
import { objects } from '../../../core/contract/objects.ts';
import type { Services } from '../../../core/ports/services.ts';
import { READS_AT_ONCE, type ObjectStore } from '../../../core/ports/store.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { requestedAccounts } from '../../../core/run/requested-accounts.ts';

const HUB = '111122223333';
const listed = Array.from({ length: 1_000 }, (_, n) => String(Number(HUB) + n));
const unlisted = '999988887777';

const services = (onlyConfigured: boolean): Services =>
  ({
    settings: { accounts: 'listed', organizationScope: { include: [], exclude: [] }, onlyConfigured },
    access: { ownAccountId: () => Promise.resolve(HUB) },
    accountList: () => Promise.resolve(listed),
  }) as unknown as Services;

test('the settings may list a thousand accounts: all of them are audited', async () => {
  expect(await requestedAccounts({}, services(true))).toMatchObject({ kind: 'named', accountIds: listed });
});

test('an input may name several hundred of them, each is audited once', async () => {
  const named = listed.slice(100, 600);
  const requested = await requestedAccounts({ accountIds: [...named, ...named] }, services(true));
  expect(requested).toMatchObject({ kind: 'named', accountIds: named, within: null });
});

test('an account that the settings do not list is refused by a deployment, and named', async () => {
  await expect(requestedAccounts({ accountIds: [...listed, unlisted] }, services(true))).rejects.toThrow(
    `accounts: ${unlisted} must be in this deployment’s setting accounts.`,
  );
  expect(await requestedAccounts({ accountIds: [unlisted] }, services(false))).toMatchObject({
    accountIds: [unlisted],
  });
});

test('a resumed run has the accounts that are not COMPLETE, in their order; many summaries are read at the same time', async () => {
  const runId = '20261123T040000Z-1a2b3c';
  const isMissing = (accountId: string): boolean => accountId.endsWith('9');
  const isFailed = (accountId: string): boolean => accountId.endsWith('5');
  const reads = { now: 0, most: 0 };
  const store = {
    bucket: 'results',
    exists: () => Promise.resolve(true),
    async *readLines() {
      for (const accountId of listed) {
        await Promise.resolve();
        yield JSON.stringify({ accountId, resumeFrom: null });
      }
    },
    async read(key: string) {
      if (key === objects.runContext(runId)) return null;
      reads.now += 1;
      reads.most = Math.max(reads.most, reads.now);
      // Later reads may end first.
      for (let turn = 0; turn < reads.now % 3; turn += 1) await new Promise(setImmediate);
      await new Promise(setImmediate);
      reads.now -= 1;
      const accountId = listed.find((id) => key === objects.account(runId, id))!;
      if (isMissing(accountId)) return null;
      const summary = failedSummary(runId, accountId, { code: 'Interrupted', message: '' }, 0);
      return { text: JSON.stringify({ ...summary, status: isFailed(accountId) ? 'FAILED' : 'COMPLETE' }), etag: '' };
    },
  } as unknown as ObjectStore;
  const requested = await requestedAccounts({ resume: runId }, { ...services(true), store });
  expect(requested).toMatchObject({
    kind: 'named',
    accountIds: listed.filter((accountId) => isMissing(accountId) || isFailed(accountId)),
    resumeFrom: runId,
  });
  expect(reads.most).toBe(READS_AT_ONCE);
  const some = await requestedAccounts(
    { resume: runId, accountIds: listed.slice(0, 10) },
    { ...services(true), store },
  );
  expect(some).toMatchObject({ accountIds: listed.slice(0, 10).filter((id) => isMissing(id) || isFailed(id)) });
  // Otherwise a run of no account would be COMPLETE.
  const complete = listed.find((id) => !isMissing(id) && !isFailed(id))!;
  await expect(
    requestedAccounts({ resume: runId, accountIds: [complete] }, { ...services(true), store }),
  ).rejects.toThrow(`accounts: ${complete} must be accounts of run ${runId} that are not COMPLETE.`);
});

describe('a run that is resumed', () => {
  const runId = '20261123T040000Z-1a2b3c';
  const outside = '999988887777';
  const resumed = async (lines: readonly string[], context: object | null): Promise<Services> => {
    const store = new MemoryStore();
    await store.writeLines(objects.accounts(runId), lines);
    if (context !== null) await store.write(objects.runContext(runId), JSON.stringify(context));
    return { ...services(false), store, warn: () => undefined };
  };
  const line = JSON.stringify({ accountId: HUB, resumeFrom: null });

  test('an account that the run did not audit is refused, also beside one that it did', async () => {
    const given = await resumed([line], null);
    for (const accountIds of [[outside], [HUB, outside]]) {
      await expect(requestedAccounts({ resume: runId, accountIds }, given)).rejects.toThrow(
        `accounts: ${outside} must be accounts of run ${runId}, which is resumed.`,
      );
    }
  });

  test.each(['this', 'listed'] as const)(
    'by a deployment with accounts "%s" has no account outside the settings, even if its run had it',
    async (accounts) => {
      const given = await resumed([line, JSON.stringify({ accountId: outside, resumeFrom: null })], null);
      const deployed = { ...given, settings: { ...given.settings, accounts, onlyConfigured: true } };
      await expect(requestedAccounts({ resume: runId }, deployed)).rejects.toThrow(
        `accounts: ${outside} must be in this deployment’s setting accounts. Run ${runId} had them.`,
      );
      await expect(requestedAccounts({ resume: runId, accountIds: [outside] }, deployed)).rejects.toThrow(outside);
      expect(await requestedAccounts({ resume: runId, accountIds: [HUB] }, deployed)).toEqual({
        kind: 'named',
        accountIds: [HUB],
        resumeFrom: runId,
        within: null,
      });
    },
  );

  test('by a deployment for an organization must have accounts in its limits', async () => {
    const given = await resumed([line], null);
    const organizationScope = { include: ['ou-ab12-11111111'], exclude: [] };
    const settings = { ...given.settings, accounts: 'organization' as const, organizationScope, onlyConfigured: true };
    expect(await requestedAccounts({ resume: runId }, { ...given, settings })).toMatchObject({
      resumeFrom: runId,
      within: organizationScope,
    });
  });

  test('a list of accounts that was cut off between two lines is not the whole list', async () => {
    const context = { schemaVersion: 1, startedAt: '', accounts: 2, principals: 'all', organizationId: null };
    const given = await resumed([line], { ...context, memberGroups: null });
    const expected = `${objects.accounts(runId)} can't be used: it has 1 lines, but its run wrote 2.`;
    await expect(requestedAccounts({ resume: runId }, given)).rejects.toThrow(expected);
    await expect(requestedAccounts({ resume: runId }, await resumed([], null))).rejects.toThrow('it has 0 lines');
  });
});
