import leven from 'leven';
import { catalogue } from '../core/catalogue/catalogue.ts';
import type { Use } from '../core/findings/use/usage.ts';
import { printable } from '../core/report/summary.ts';
import { latestRunId, readRun } from '../core/objects/stored-runs.ts';
import type { AllowedPrincipal } from '../core/who/answer.ts';
import { whoCan, type WhoAnswer } from '../core/who/who.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { printJson, say } from './output.ts';
import { sayRunNotFound, withResults, type ResultsOptions } from './results.ts';

export type WhoOptions = ResultsOptions & { readonly resource?: string; readonly json: boolean };

/** An action at most this many letters away from one in the catalogue is probably a typo. */
const MAX_TYPO_LETTERS = 2;

/** Lists the principals that can do an action, the policies that allow it, and when each principal last did it. */
export const who = (action: string, options: WhoOptions): Promise<ExitCode> =>
  withResults(options, async ({ store }) => {
    const runId = options.run ?? (await latestRunId(store));
    const run = runId === null ? null : await readRun(store, runId);
    if (run === null) return sayRunNotFound(store, options.run);
    const suggestion = suggestedAction(action);
    if (suggestion !== null) say(`${action} is not one of the simulated actions. Did you mean ${suggestion}?`);
    const answer = await whoCan(store, run, { action, resource: options.resource ?? null });
    if (options.json) printJson(answer);
    else for (const line of whoInWords(answer)) process.stdout.write(`${line}\n`);
    for (const note of notesOn(answer)) say(note);
    return answer.notKnown.length + answer.accountsNotKnown.length > 0 ? exitCodes.partial : exitCodes.complete;
  });

/** The catalogue's action that differs in a few letters; null if there is none or if the action is in the catalogue. */
function suggestedAction(action: string): string | null {
  const lower = action.toLowerCase();
  const distances = catalogue.map(({ action: name }) => ({ name, distance: leven(name.toLowerCase(), lower) }));
  const [nearest] = distances.sort((a, b) => a.distance - b.distance);
  if (nearest === undefined || nearest.distance === 0 || nearest.distance > MAX_TYPO_LETTERS) return null;
  // GetObject and PutObject differ in two letters but are not typos of each other.
  const firstLetter = (name: string): string => name.split(':')[1]?.charAt(0).toLowerCase() ?? '';
  return firstLetter(nearest.name) === firstLetter(action) ? nearest.name : null;
}

const plural = (count: number): string => (count === 1 ? '1 principal' : `${count} principals`);

function whoInWords({ action, resource, principals, notKnown, accountsNotKnown }: WhoAnswer): string[] {
  const rows = principals.map((doer) => [doer.principalArn, accessOf(doer), policiesOf(doer), lastUse(doer.lastUsed)]);
  const what = resource === null ? action : `${action} on ${resource}`;
  const conditional = principals.filter(({ how }) => how === 'conditional').length;
  return [
    ...(rows.length === 0 ? [] : table([['PRINCIPAL', 'ALLOWED', 'BY POLICY', 'LAST USED'], ...rows])),
    printable(
      `${plural(principals.length)} can do ${what}${conditional === 0 ? '' : `, ${conditional} of them under conditions`}.`,
    ),
    ...(notKnown.length === 0 ? [] : [`Not known for ${plural(notKnown.length)}:`]),
    ...notKnown.map(({ principalArn, reason }) => printable(`  ${principalArn}: ${reason}`)),
    ...(accountsNotKnown.length === 0 ? [] : ['Accounts with incomplete evidence:']),
    ...accountsNotKnown.map(({ accountId, reason }) => printable(`  ${accountId}: ${reason}`)),
  ];
}

function accessOf({ resources, conditions, basis }: AllowedPrincipal): string {
  const where = resources === null ? 'yes' : `on ${shortened(resources)}`;
  const when = conditions.length === 0 ? '' : `, if ${shortened(conditions)}`;
  return `${where}${when}${basis === 'policyText' ? ' (by policy text)' : ''}`;
}

function policiesOf({ policies }: AllowedPrincipal): string {
  if (policies === null) return 'not stored';
  return policies.length === 0
    ? 'not known'
    : shortened(policies.map(({ policy, statement }) => `${policy} (${statement})`));
}

function lastUse(use: Use): string {
  switch (use.kind) {
    case 'at':
      return use.level === 'action' ? use.time : `${use.time} (any action of the service)`;
    case 'never':
      return 'never';
    case 'unknown':
      return 'not known';
  }
}

/** Longer lists are shortened in the table. `--json` prints all. */
const MAX_LISTED = 3;
const shortened = (names: readonly string[]): string =>
  names.length <= MAX_LISTED
    ? names.join(', ')
    : `${names.slice(0, MAX_LISTED).join(', ')} and ${names.length - MAX_LISTED} more`;

function table(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = (cells[0] ?? []).map((_cell, column) =>
    cells.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function notesOn({ runId, status, action, simulated, principals, withoutPolicies }: WhoAnswer): string[] {
  const notes = [`Source: run ${runId} (${status}).`];
  if (!simulated) {
    notes.push(
      `${action} is not simulated. The answer comes from policy text: SCPs, session policies and resource policies are not considered.`,
    );
  } else if (principals.some(({ basis }) => basis === 'policyText')) {
    notes.push('Principals marked "by policy text" were not simulated: SCPs are not considered for them.');
  }
  if (withoutPolicies.length > 0) {
    notes.push(
      `Run ${runId} stored no policies of ${shortened(withoutPolicies)}, because an earlier version wrote it.`,
    );
  }
  return notes;
}
