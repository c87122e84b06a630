import { objects } from '../contract/objects.ts';
import type { RunSummary } from '../contract/run.ts';
import { catalogue } from '../catalogue/catalogue.ts';
import { readPolicies } from '../policies/read-policies.ts';
import { plannedAccounts, recordsOf } from '../objects/stored-runs.ts';
import type { ObjectStore } from '../ports/store.ts';
import { answerOf, type Doer } from './answer.ts';
import { askText, type Question, type TextAnswer } from './policy-text.ts';

export interface WhoAnswer {
  readonly runId: string;
  readonly status: RunSummary['status'];
  /** As the catalogue writes it, where it is there. */
  readonly action: string;
  readonly resource: string | null;
  /** Whether every principal was asked about this action; otherwise only the text of policies says anything. */
  readonly simulated: boolean;
  readonly principals: readonly Doer[];
  /** Of whom nobody can say. */
  readonly notKnown: readonly { readonly principalArn: string; readonly reason: string }[];
  /** Accounts whose principals are not, or not all, among these. */
  readonly accountsNotKnown: readonly { readonly accountId: string; readonly reason: string }[];
  /** Accounts of which the run kept no policies. */
  readonly withoutPolicies: readonly string[];
}

/** The catalogue's spelling of an action; null where it is not asked about. */
const catalogued = (action: string): string | null =>
  catalogue.find((one) => one.action.toLowerCase() === action.toLowerCase())?.action ?? null;

/**
 * Who can do it, by a run's results, account after account, so that answers and not evidence are in memory.
 * @throws StoreError, ValiError for a damaged line
 */
export async function whoCan(store: ObjectStore, run: RunSummary, asked: Question): Promise<WhoAnswer> {
  const known = catalogued(asked.action);
  const question = { ...asked, action: known ?? asked.action };
  const principals: Doer[] = [];
  const notKnown: WhoAnswer['notKnown'][number][] = [];
  const accountsNotKnown: WhoAnswer['accountsNotKnown'][number][] = [];
  const withoutPolicies: string[] = [];
  for (const accountId of await plannedAccounts(store, run.runId)) {
    const error = run.accounts.find((one) => one.accountId === accountId)?.error;
    const hasRecords = await store.exists(objects.principals(run.runId, accountId));
    if (!hasRecords || error !== undefined) {
      const reason = error === undefined ? 'It has no records yet.' : `${error.code}: ${error.message}`;
      accountsNotKnown.push({ accountId, reason });
    }
    if (!hasRecords) continue;
    const texts = await textAnswers(store, run.runId, accountId, question);
    if (texts === null) withoutPolicies.push(accountId);
    for await (const record of recordsOf(store, run.runId, accountId)) {
      const text = texts === null ? null : (texts.get(record.arn) ?? NO_POLICIES);
      const answer = answerOf(record, text, question, known !== null);
      if (answer.kind === 'can') principals.push(answer.doer);
      else if (answer.kind === 'unknown') notKnown.push({ principalArn: record.arn, reason: answer.reason });
    }
  }
  const byArn = <T extends { readonly principalArn: string }>(list: T[]): T[] =>
    list.sort((a, b) => (a.principalArn < b.principalArn ? -1 : 1));
  return {
    runId: run.runId,
    status: run.status,
    ...question,
    simulated: known !== null,
    principals: byArn(principals),
    notKnown: byArn(notKnown),
    accountsNotKnown,
    withoutPolicies,
  };
}

const NO_POLICIES: TextAnswer = { kind: 'unknown', reason: 'The inventory keeps no policies of it.' };

async function textAnswers(
  store: ObjectStore,
  runId: string,
  accountId: string,
  question: Question,
): Promise<ReadonlyMap<string, TextAnswer> | null> {
  if (!(await store.exists(objects.policies(runId, accountId)))) return null;
  const answers = new Map<string, TextAnswer>();
  for await (const held of readPolicies(store, runId, accountId)) answers.set(held.arn, askText(held, question));
  return answers;
}
