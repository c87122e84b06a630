import type { RunSummary } from '../contract/run.ts';
import { escapeHtml } from '../wording/html.ts';

/** Who used the rate up while calls were throttled, one line for each caller; none if the question was not asked. */
export function culpritsInWords({ culprits }: RunSummary): string[] {
  if (culprits === undefined) return [];
  return [
    ...culprits.callers.map(({ caller, diagnosis }) => `Used the rate up: ${caller}. ${diagnosis}`),
    ...(culprits.note === null ? [] : [`Throttled calls: ${culprits.note}`]),
  ];
}

/** The report's section about throttled calls; nothing if the question was not asked. */
export function* culpritsSection({ culprits }: RunSummary): Generator<string> {
  if (culprits === undefined) return;
  yield '<h2>Who used the rate up</h2>';
  if (culprits.callers.length > 0) {
    yield '<p>AWS throttled more than 1 % of the run’s calls. According to CloudTrail’s logs, these callers used most of the rate at that time.</p>';
    yield '<table><thead><tr><th>Caller</th><th>Account</th><th>Diagnosis</th></tr></thead><tbody>';
    for (const { caller, accountId, diagnosis } of culprits.callers) {
      yield `<tr><td class="a"><b>${escapeHtml(caller)}</b></td><td>${escapeHtml(accountId)}</td><td class="a">${escapeHtml(diagnosis)}</td></tr>`;
    }
    yield '</tbody></table>';
    yield '<p class="m"><code>iam-audit doctor --athena</code> shows how to change them.</p>';
  }
  if (culprits.note !== null) yield `<p>${escapeHtml(culprits.note)}</p>`;
}
