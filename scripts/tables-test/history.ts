import { catalogue } from '../../core/catalogue/catalogue.ts';
import type { PrincipalRecord } from '../../core/contract/evidence.ts';
import type { Finding } from '../../core/contract/finding.ts';
import { objects } from '../../core/contract/objects.ts';
import type { AccountSummary, RunSummary } from '../../core/contract/run.ts';
import { DAY_MS } from '../../core/ports/clock.ts';
import { failedSummary } from '../../core/summary/account-failure.ts';
import { writeRunRows } from '../../core/tables/write-runs.ts';
import { writeAccountTables } from '../../core/tables/write-tables.ts';
import { FolderStore } from '../../local/folder-store.ts';

export const DAYS = 400;
export const ACCOUNTS = ['011122223333', '444455556666'] as const;
const LAST_DAY = Date.parse('2026-11-27T04:00:00Z');
/** Texts that readers may get wrong: other scripts, control characters, a formula, and nothing. */
const ODD_TEXTS = ['ünïcode 日本 🙂', '=1+1', 'a\u0000b\u001b[31m', '', 'it\'s "quoted"', '\u2028line'];

/** Principals of an account on a day. Some days have more than others. */
export const principalsOn = (day: number): number => 3 + (day % 4);

const part = (asOf: string) => ({ status: 'COMPLETE' as const, asOf, carriedFrom: null });

function recordOf(accountId: string, day: number, n: number, asOf: string): PrincipalRecord {
  const name = `role-${n}`;
  return {
    ...{
      accountId,
      arn: `arn:aws:iam::${accountId}:role/${name}`,
      type: 'role',
      name,
      path: '/',
      principalId: `AROA${n}`,
    },
    ...{ createdAt: '2024-02-29T23:59:59.999Z', tags: { note: ODD_TEXTS[(day + n) % ODD_TEXTS.length] ?? '' } },
    ...{ managedBy: null, trust: [], lastUsedAt: null, status: 'COMPLETE', problems: [], credentials: null },
    lastAccessed: {
      ...part(asOf),
      services: ['s3', 'sqs'].map((namespace, index) => ({
        ...{ namespace, name: `Amazon ${namespace}`, region: 'eu-west-1', actions: null },
        lastAuthenticated: (day + n + index) % 2 === 0 ? asOf : null,
      })),
    },
    permissions: {
      ...part(asOf),
      ruledOut: catalogue.length - 2,
      decisions: catalogue.slice(n, n + 2).map(({ action }) => ({
        ...{ action, decision: 'allowed', allowedByOrganizations: n % 2 === 0 ? true : null, allowedByBoundary: null },
        ...{ missingContext: ['aws:MultiFactorAuthPresent'], resources: [] },
      })),
    },
  };
}

const findingOf = (accountId: string, day: number, firstSeen: string): Finding => ({
  ...{
    id: `${accountId}-${day % 7}`,
    rule: 'escalation-path',
    severity: 'high',
    controls: ['CIS 3.0 1.16'],
    accountId,
  },
  ...{
    principalArn: `arn:aws:iam::${accountId}:role/role-0`,
    title: ODD_TEXTS[day % ODD_TEXTS.length] ?? '',
    detail: 'd',
  },
  ...{ firstSeen, state: 'open', exception: null },
  evidence: {
    paths: [
      {
        steps: [
          {
            ...{
              from: `arn:aws:iam::${accountId}:role/role-0`,
              to: `arn:aws:iam::${accountId}:role/role-1`,
              by: 'trust',
            },
            ...{ technique: 'sts-001', actions: ['sts:AssumeRole'], reference: '', grounds: [] },
          },
        ],
        ...{ to: `arn:aws:iam::${accountId}:role/role-1`, gain: 'administrator', certainty: 'certain', missing: [] },
        ...{ targets: [], targetCount: 1, administrators: 1 },
      },
    ],
  },
});

/** Writes the tables of 400 daily runs of two accounts, with the code that the runs use. */
export async function writeHistory(folder: string): Promise<void> {
  const store = new FolderStore({ folder, durable: false });
  for (let day = 0; day < DAYS; day += 1) {
    const startedAt = new Date(LAST_DAY - (DAYS - 1 - day) * DAY_MS).toISOString();
    const runId = `${startedAt.slice(0, 19).replaceAll(/[-:]/g, '')}Z-abcdef`;
    const total = principalsOn(day);
    const summaries: AccountSummary[] = [];
    for (const accountId of ACCOUNTS) {
      const records = Array.from({ length: total }, (_, n) => JSON.stringify(recordOf(accountId, day, n, startedAt)));
      await store.writeLines(objects.principals(runId, accountId), records);
      await store.writeLines(objects.accountFindings(runId, accountId), [
        JSON.stringify(findingOf(accountId, day, startedAt)),
      ]);
      const tablesWritten = await writeAccountTables(store, { runId, accountId });
      summaries.push({ ...failedSummary(runId, accountId, { code: 'none', message: '' }, LAST_DAY), tablesWritten });
    }
    await writeRunRows(store, runOf(runId, startedAt, total), summaries);
  }
}

const runOf = (runId: string, startedAt: string, total: number): RunSummary => {
  const principals = { total, complete: total, partial: 0, failed: 0, carriedForward: 0 };
  return {
    ...{ schemaVersion: 1, runId, startedAt, finishedAt: startedAt, status: 'COMPLETE' },
    ...{ scope: { accounts: 'all', principals: 'all' }, calls: {}, principals },
    cost: { stepFunctions: 0, lambda: 0, s3: 0, athena: 0, total: 0.0123 },
    accounts: ACCOUNTS.map((accountId) => ({
      ...{ accountId, status: 'COMPLETE', principals, durationSeconds: 1.5, calls: { sent: 10, throttled: 1 } },
    })),
  };
};
