import { objects } from '../contract/objects.ts';
import type { UnitUse } from '../contract/organization-use/organization-use.ts';
import type { RunSummary } from '../contract/run.ts';
import { problemInWords } from '../organization/use/use-problem.ts';
import { escapeHtml } from '../wording/html.ts';

/** An organization may have 1,000 units. organization-use.json has all of them. */
const MAX_ROWS = 200;

/** The services that each root and unit of the organization uses, and the proposed policies. Empty if not known. */
export function* organizationUseSection(
  { runId, organization }: RunSummary,
  units: readonly UnitUse[],
): Generator<string> {
  const use = organization?.use;
  if (use === undefined) return;
  yield '<h2 id="organization-use">Services used in the organization</h2>';
  if (use.problem !== undefined) {
    yield `<p>Reports are missing: ${escapeHtml(problemInWords(use.problem))}</p>`;
  }
  if (units.length === 0) return;
  yield '<p>Allowed are the services that the service control policies allow. Used are those of them that a principal tried to use in AWS’s tracking period of about 400 days. A proposal denies unused services that are not denied or proposed above. Nothing applies it. Its file says what the data does not show.</p>';
  yield '<table><thead><tr><th>Unit</th><th class="n">Accounts</th><th class="n">Allowed</th><th class="n">Used</th><th class="n">Denied by the proposal</th><th>Proposal</th></tr></thead><tbody>';
  for (const { id, place, accounts, allowed, used, denied, reason } of units.slice(0, MAX_ROWS)) {
    const numbers = [accounts, allowed ?? 'not known', used ?? 'not known', denied];
    const proposal = reason === null ? objects.proposedPolicies(runId, id) : `None. ${reason}`;
    yield `<tr><td>${escapeHtml(place)}</td>${numbers.map((cell) => `<td class="n">${cell}</td>`).join('')}<td class="a">${escapeHtml(proposal)}</td></tr>`;
  }
  yield '</tbody></table>';
  if (units.length > MAX_ROWS) {
    yield `<p>${units.length - MAX_ROWS} more units are not shown here. All of them are in ${escapeHtml(objects.organizationUseSummary(runId))}.</p>`;
  }
}

/** The same in sentences, for the summary of a run. */
export function organizationUseInWords({ runId, organization }: RunSummary): string[] {
  const use = organization?.use;
  if (use === undefined) return [];
  const { proposals, problem } = use;
  return [
    ...(proposals === 0
      ? []
      : [
          `Service control policies that deny unused services are proposed for ${proposals} unit${proposals === 1 ? '' : 's'} of the organization (runs/${runId}/scp/).`,
        ]),
    ...(problem === undefined ? [] : [`Services used in the organization: ${problemInWords(problem)}`]),
  ];
}
