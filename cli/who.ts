import type { WhoAnswer } from '../core/contract/answers/who.ts';
import { objects } from '../core/contract/objects.ts';
import { printable } from '../core/wording/printable.ts';
import { whoCan } from '../core/who/who.ts';
import { accessOf, groundsOf, lastUse } from './access-in-words.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { absentPolicies } from './found-principal.ts';
import { mistakeInAction, resourceTypesOf } from './known-action.ts';
import { note, printJson, say } from './output.ts';
import { withRun, type ResultsOptions } from './results.ts';
import { table } from './table.ts';

export type WhoOptions = ResultsOptions & {
  readonly resource?: string;
  /** The account of a resource whose ARN does not name it. */
  readonly resourceAccount?: string;
  /** Also actions that the list of AWS's actions does not have. */
  readonly any: boolean;
  readonly json: boolean;
};

/** Lists the principals that can do an action, the policies that allow it, and when each principal last did it. */
export async function who(action: string, options: WhoOptions): Promise<ExitCode> {
  const mistake = options.any ? null : await mistakeInAction(action);
  if (mistake !== null) {
    say(mistake);
    return exitCodes.usage;
  }
  const { resource = null, resourceAccount = null } = options;
  const resourceTypes = await resourceTypesOf(action);
  return withRun(options, async (store, run) => {
    const answer = await whoCan(store, run, { action, resource, resourceAccount, resourceTypes });
    if (options.json) printJson(answer);
    else for (const line of whoInWords(answer)) process.stdout.write(`${line}\n`);
    note(`Source: run ${answer.runId} (${answer.status}).`);
    for (const line of notesOn(answer)) say(line);
    const { notKnown, accountsNotKnown, withoutPolicies } = answer;
    const isIncomplete = [notKnown, accountsNotKnown, withoutPolicies].some(({ length }) => length > 0);
    return isIncomplete ? exitCodes.partial : exitCodes.complete;
  });
}

const plural = (count: number): string => (count === 1 ? '1 principal' : `${count} principals`);

function whoInWords({ action, resource, principals, notKnown, accountsNotKnown }: WhoAnswer): string[] {
  const rows = principals.map((doer) => [
    doer.principalArn,
    accessOf(doer),
    groundsOf(doer.grounds),
    lastUse(doer.lastUsed),
  ]);
  const what = resource === null ? action : `${action} on ${resource}`;
  const conditional = principals.filter(({ how }) => how === 'conditional').length;
  return [
    ...(rows.length === 0 ? [] : table([['PRINCIPAL', 'ALLOWED', 'BY', 'LAST USED'], ...rows])),
    printable(
      `${plural(principals.length)} can do ${what}${conditional === 0 ? '' : `, ${conditional} of them under conditions`}.`,
    ),
    ...(notKnown.length === 0 ? [] : [`Not known for ${plural(notKnown.length)}:`]),
    ...notKnown.map(({ principalArn, reason }) => printable(`  ${principalArn}: ${reason}`)),
    ...(accountsNotKnown.length === 0 ? [] : ['Accounts with incomplete evidence:']),
    ...accountsNotKnown.map(({ accountId, reason }) => printable(`  ${accountId}: ${reason}`)),
  ];
}

function notesOn(answer: WhoAnswer): string[] {
  const { runId, action, simulated, principals, withoutPolicies } = answer;
  const notes: string[] = [];
  if (principals.some(({ basis }) => basis === 'evaluation')) {
    notes.push(
      simulated
        ? 'Principals marked "evaluated" were not simulated by AWS: policies and boundaries were evaluated on this machine.'
        : `${action} is not answered by AWS's simulation: policies, boundaries and trust policies were evaluated on this machine.`,
      'Session policies and resource policies are not considered. Service control policies are considered only where a simulation or a scan knows them.',
    );
  }
  notes.push(...answer.notes);
  if (withoutPolicies.length > 0) {
    const keys = withoutPolicies.map((accountId) => objects.policies(runId, accountId));
    notes.push(`${absentPolicies(keys)} So trust policies, and the grounds of answers, are not known there.`);
  }
  return notes;
}
