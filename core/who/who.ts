import { objects } from '../contract/objects.ts';
import type { RunSummary } from '../contract/run.ts';
import { catalogue } from '../catalogue/catalogue.ts';
import { readPolicies } from '../policies/read-policies.ts';
import { plannedAccounts, recordsOf } from '../objects/stored-runs.ts';
import type { ObjectStore } from '../ports/store.ts';
import { answerOf, type AllowedPrincipal } from './answer.ts';
import { evaluatePolicyText, type Question, type TextAnswer } from './policy-text.ts';

export interface WhoAnswer {
  readonly runId: string;
  readonly status: RunSummary['status'];
  /** In the catalogue's spelling, if the catalogue has it. */
  readonly action: string;
  readonly resource: string | null;
  /** Whether the action was simulated for every principal. If not, only the policy text is evaluated. */
  readonly simulated: boolean;
  readonly principals: readonly AllowedPrincipal[];
  /** Principals for which the answer is not known. */
  readonly notKnown: readonly { readonly principalArn: string; readonly reason: string }[];
  /** Accounts of which some or all principals are missing in this answer. */
  readonly accountsNotKnown: readonly { readonly accountId: string; readonly reason: string }[];
  /** Accounts whose policies the run did not store. */
  readonly withoutPolicies: readonly string[];
}

/** The catalogue's spelling of an action; null if the catalogue does not have it. */
const catalogued = (action: string): string | null =>
  catalogue.find((one) => one.action.toLowerCase() === action.toLowerCase())?.action ?? null;

/**
 * Which principals can perform an action, by a run's results. Reads one account after the other, so that only answers,
 * not evidence, are in memory.
 * @throws StoreError, ValiError for a damaged line
 */
export async function whoCan(store: ObjectStore, run: RunSummary, requested: Question): Promise<WhoAnswer> {
  const cataloguedAction = catalogued(requested.action);
  const question = { ...requested, action: cataloguedAction ?? requested.action };
  const principals: AllowedPrincipal[] = [];
  const notKnown: WhoAnswer['notKnown'][number][] = [];
  const accountsNotKnown: WhoAnswer['accountsNotKnown'][number][] = [];
  const withoutPolicies: string[] = [];
  for (const accountId of await plannedAccounts(store, run.runId)) {
    const error = run.accounts.find((one) => one.accountId === accountId)?.error;
    const hasRecords = await store.exists(objects.principals(run.runId, accountId));
    if (!hasRecords || error !== undefined) {
      const reason =
        error === undefined ? 'Its principals have not been audited yet.' : `${error.code}: ${error.message}`;
      accountsNotKnown.push({ accountId, reason });
    }
    if (!hasRecords) continue;
    const texts = await textAnswers(store, run.runId, accountId, question);
    if (texts === null) withoutPolicies.push(accountId);
    for await (const record of recordsOf(store, run.runId, accountId)) {
      const text = texts === null ? null : (texts.get(record.arn) ?? NO_POLICIES);
      const answer = answerOf(record, text, question, cataloguedAction !== null);
      if (answer.kind === 'can') principals.push(answer.principal);
      else if (answer.kind === 'unknown') notKnown.push({ principalArn: record.arn, reason: answer.reason });
    }
  }
  const byArn = <T extends { readonly principalArn: string }>(list: T[]): T[] =>
    list.sort((a, b) => (a.principalArn < b.principalArn ? -1 : 1));
  return {
    runId: run.runId,
    status: run.status,
    ...question,
    simulated: cataloguedAction !== null,
    principals: byArn(principals),
    notKnown: byArn(notKnown),
    accountsNotKnown,
    withoutPolicies,
  };
}

const NO_POLICIES: TextAnswer = { kind: 'unknown', reason: 'The inventory contains no policies of this principal.' };

async function textAnswers(
  store: ObjectStore,
  runId: string,
  accountId: string,
  question: Question,
): Promise<ReadonlyMap<string, TextAnswer> | null> {
  if (!(await store.exists(objects.policies(runId, accountId)))) return null;
  const answers = new Map<string, TextAnswer>();
  for await (const held of readPolicies(store, runId, accountId))
    answers.set(held.arn, evaluatePolicyText(held, question));
  return answers;
}
