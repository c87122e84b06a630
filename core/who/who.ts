import type { AllowedPrincipal } from '../contract/answers/permission.ts';
import type { WhoAnswer } from '../contract/answers/who.ts';
import { objects } from '../contract/objects.ts';
import type { RunSummary } from '../contract/run.ts';
import { allRecordsOf } from '../objects/stored-runs.ts';
import type { ObjectStore } from '../ports/store.ts';
import { unlessDamaged } from '../ports/stored-objects.ts';
import { AskedQuestion } from './asked-question.ts';
import { catalogued, type Question } from './question.ts';
import { RunAccess } from './run-access.ts';

/**
 * Which principals can perform an action, by a run's results. Reads one account after the other, so that only answers,
 * not evidence, are in memory.
 * @throws StoreError, DamagedObject
 */
export async function whoCan(store: ObjectStore, run: RunSummary, requested: Question): Promise<WhoAnswer> {
  const access = new RunAccess(store, run);
  const question = { ...requested, action: catalogued(requested.action) ?? requested.action };
  const asked = await AskedQuestion.of(access, question);
  const principals: AllowedPrincipal[] = [];
  const notKnown: WhoAnswer['notKnown'][number][] = [];
  const accountsNotKnown: WhoAnswer['accountsNotKnown'][number][] = [];
  const withoutPolicies: string[] = [];
  for (const accountId of await access.accountIds()) {
    if (asked.isClosedTo(accountId)) continue;
    const error = run.accounts.find((one) => one.accountId === accountId)?.error;
    const hasRecords = await store.exists(objects.principals(run.runId, accountId));
    if (!hasRecords || error !== undefined) {
      const absent =
        run.status === 'RUNNING'
          ? 'Its principals have not been audited yet.'
          : `${objects.principals(run.runId, accountId)} is missing.`;
      accountsNotKnown.push({ accountId, reason: error === undefined ? absent : `${error.code}: ${error.message}` });
    }
    if (!hasRecords) continue;
    const read = async (): Promise<void> => {
      if ((await access.account(accountId)) === null) withoutPolicies.push(accountId);
      for await (const record of allRecordsOf(store, run, accountId)) {
        const answer = await asked.answer(record);
        if (answer.kind === 'can') principals.push(answer.principal);
        else if (answer.kind === 'unknown') notKnown.push({ principalArn: record.arn, reason: answer.reason });
      }
    };
    await unlessDamaged(read, undefined, ({ message }) => {
      accountsNotKnown.push({ accountId, reason: message });
    });
  }
  const byArn = <T extends { readonly principalArn: string }>(list: T[]): T[] =>
    list.sort((a, b) => (a.principalArn < b.principalArn ? -1 : 1));
  const { action, resource } = question;
  return {
    schemaVersion: 1,
    runId: run.runId,
    status: run.status,
    action,
    resource,
    simulated: asked.isSimulated,
    principals: byArn(principals),
    notKnown: byArn(notKnown),
    accountsNotKnown,
    withoutPolicies,
    notes: asked.notes(),
  };
}
