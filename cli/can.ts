import type { Abilities, CanAnswer } from '../core/contract/answers/can.ts';
import { objects } from '../core/contract/objects.ts';
import { whatCan } from '../core/who/can.ts';
import { searchLimitInWords } from '../core/findings/search-limit.ts';
import { pathsFrom } from '../core/who/becoming.ts';
import { RunAccess } from '../core/who/run-access.ts';
import { accessOf, groundsOf, lastUse } from './access-in-words.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { absentPolicies, foundRecord } from './found-principal.ts';
import { mistakeInAction } from './known-action.ts';
import { note, printJson, printLine, say } from './output.ts';
import { pathInWords } from './path-in-words.ts';
import { withRun, type ResultsOptions } from './results.ts';
import { shortened, table } from './table.ts';

export type CanOptions = ResultsOptions & {
  readonly resource?: string;
  readonly any: boolean;
  readonly json: boolean;
};

/** Shows what a principal can do, on what grounds, when it last did it, and what it can become. */
export async function can(principal: string, actions: readonly string[], options: CanOptions): Promise<ExitCode> {
  for (const action of options.any ? [] : actions) {
    const mistake = await mistakeInAction(action);
    if (mistake === null) continue;
    say(mistake);
    return exitCodes.usage;
  }
  return withRun(options, async (store, run) => {
    const access = new RunAccess(store, run);
    const record = await foundRecord(store, access, principal);
    if (record === null) return exitCodes.usage;
    const abilities = await whatCan(access, record, actions, options.resource ?? null);
    const node = await access.principal(record.arn);
    const { paths, evidence } = await pathsFrom(access, node);
    const answer: CanAnswer = { ...abilities, paths: evidence };
    if (options.json) printJson(answer);
    else {
      inWords(abilities);
      for (const [index, one] of paths.entries()) for (const line of pathInWords(one, index + 1)) printLine(line);
    }
    note(`Source: run ${run.runId} (${run.status}).`);
    if (node === null) {
      const key = objects.policies(run.runId, record.accountId);
      say(`${absentPolicies([key])} So grounds and paths are not known.`);
    }
    const graph = node === null ? null : await access.graph(node.accountId);
    const limit = graph === null ? null : searchLimitInWords(graph);
    if (limit !== null) say(limit);
    for (const { step, code, message } of record.problems) say(`Not known (${step}): ${code}: ${message}`);
    return answer.notKnown.length > 0 || node === null ? exitCodes.partial : exitCodes.complete;
  });
}

function inWords({ principalArn, isAdministrator, categories, notAllowed, notKnown }: Abilities): void {
  printLine(`${principalArn}${isAdministrator ? ' is an administrator.' : ''}`);
  const rows = categories.flatMap(({ category, actions }) =>
    actions.map((one) => [category, one.action, accessOf(one), groundsOf(one.grounds), lastUse(one.lastUsed)]),
  );
  if (rows.length === 0) printLine('It can do nothing that was asked for.');
  else {
    const header = ['CATEGORY', 'ACTION', 'ALLOWED', 'BY', 'LAST USED'];
    for (const line of table([header, ...rows])) process.stdout.write(`${line}\n`);
  }
  for (const action of notAllowed) printLine(`Not allowed: ${action}`);
  for (const [reason, actions] of byReason(notKnown)) printLine(`Not known: ${shortened(actions)}: ${reason}`);
}

function byReason(notKnown: Abilities['notKnown']): ReadonlyMap<string, readonly string[]> {
  const actions = new Map<string, readonly string[]>();
  for (const { action, reason } of notKnown) actions.set(reason, [...(actions.get(reason) ?? []), action]);
  return actions;
}
