import leven from 'leven';
import { catalogue } from '../core/catalogue/catalogue.ts';
import type { Use } from '../core/findings/use/usage.ts';
import { printable } from '../core/report/summary.ts';
import { latestRunId, readRun } from '../core/objects/stored-runs.ts';
import type { AllowedPrincipal } from '../core/who/answer.ts';
import { whoCan, type WhoAnswer } from '../core/who/who.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { printJson, say } from './output.ts';
import { noRun, withResults, type ResultsOptions } from './results.ts';

export type WhoOptions = ResultsOptions & { readonly resource?: string; readonly json: boolean };

/** So many mistyped letters make a likely other action. */
const LIKELY_TYPOS = 2;

/** Which principals can do an action, by which policy, and when each last did. */
export const who = (action: string, options: WhoOptions): Promise<ExitCode> =>
  withResults(options, async ({ store }) => {
    const runId = options.run ?? (await latestRunId(store));
    const run = runId === null ? null : await readRun(store, runId);
    if (run === null) return noRun(store, options.run);
    const meant = likelyMeant(action);
    if (meant !== null) say(`${action} is not among the actions that are simulated. Did you mean ${meant}?`);
    const answer = await whoCan(store, run, { action, resource: options.resource ?? null });
    if (options.json) printJson(answer);
    else for (const line of whoInWords(answer)) process.stdout.write(`${line}\n`);
    for (const note of notesOn(answer)) say(note);
    return answer.notKnown.length + answer.accountsNotKnown.length > 0 ? exitCodes.partial : exitCodes.complete;
  });

/** The nearest action of the catalogue, where a few letters make the difference; null for one that is in it. */
function likelyMeant(action: string): string | null {
  const lower = action.toLowerCase();
  const distances = catalogue.map(({ action: known }) => ({ known, distance: leven(known.toLowerCase(), lower) }));
  const [nearest] = distances.sort((a, b) => a.distance - b.distance);
  if (nearest === undefined || nearest.distance === 0 || nearest.distance > LIKELY_TYPOS) return null;
  // GetObject and PutObject are two letters apart, too, and nobody mistypes one for the other.
  const verb = (name: string): string => name.split(':')[1]?.charAt(0).toLowerCase() ?? '';
  return verb(nearest.known) === verb(action) ? nearest.known : null;
}

const plural = (count: number): string => (count === 1 ? '1 principal' : `${count} principals`);

function whoInWords({ action, resource, principals, notKnown, accountsNotKnown }: WhoAnswer): string[] {
  const rows = principals.map((doer) => [doer.principalArn, howOf(doer), policiesOf(doer), lastUse(doer.lastUsed)]);
  const what = resource === null ? action : `${action} on ${resource}`;
  const conditional = principals.filter(({ how }) => how === 'conditional').length;
  return [
    ...(rows.length === 0 ? [] : table([['PRINCIPAL', 'CAN DO IT', 'BY', 'LAST DID IT'], ...rows])),
    printable(
      `${plural(principals.length)} can do ${what}${conditional === 0 ? '' : `, ${conditional} of them under conditions`}.`,
    ),
    ...(notKnown.length === 0 ? [] : [`Of ${plural(notKnown.length)} it is not known:`]),
    ...notKnown.map(({ principalArn, reason }) => printable(`  ${principalArn}: ${reason}`)),
    ...(accountsNotKnown.length === 0 ? [] : ['Accounts of which not everything is known:']),
    ...accountsNotKnown.map(({ accountId, reason }) => printable(`  ${accountId}: ${reason}`)),
  ];
}

function howOf({ resources, conditions, basis }: AllowedPrincipal): string {
  const where = resources === null ? 'yes' : `on ${shortened(resources)}`;
  const when = conditions.length === 0 ? '' : `, if ${shortened(conditions)}`;
  return `${where}${when}${basis === 'policyText' ? ' (by policy text)' : ''}`;
}

function policiesOf({ policies }: AllowedPrincipal): string {
  if (policies === null) return 'not kept';
  return policies.length === 0
    ? 'not known'
    : shortened(policies.map(({ policy, statement }) => `${policy} (${statement})`));
}

function lastUse(use: Use): string {
  switch (use.kind) {
    case 'at':
      return use.level === 'action' ? use.time : `${use.time} (something of the service)`;
    case 'never':
      return 'never';
    case 'unknown':
      return 'not known';
  }
}

/** A table is to be read; `--json` has them all. */
const MOST_LISTED = 3;
const shortened = (names: readonly string[]): string =>
  names.length <= MOST_LISTED
    ? names.join(', ')
    : `${names.slice(0, MOST_LISTED).join(', ')} and ${names.length - MOST_LISTED} more`;

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
  const notes = [`By run ${runId}, which is ${status}.`];
  if (!simulated) {
    notes.push(
      `${action} is not simulated: answers are by policy text, which says nothing of SCPs, session policies and resource policies.`,
    );
  } else if (principals.some(({ basis }) => basis === 'policyText')) {
    notes.push('Answers by policy text were not simulated: they say nothing of SCPs.');
  }
  if (withoutPolicies.length > 0) {
    notes.push(`The run kept no policies of ${shortened(withoutPolicies)}: it is of an earlier version.`);
  }
  return notes;
}
