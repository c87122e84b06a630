import { escapeHtml } from '../wording/html.ts';

export interface StoppedAction {
  readonly accounts: number;
  readonly principals: number;
}

/**
 * The sensitive actions that policies of principals allow and that service control policies of the organization stop.
 * Empty if there are none.
 */
export function* stoppedSection(
  stopped: ReadonlyMap<string, StoppedAction>,
  categoriesOf: (action: string) => readonly string[],
): Generator<string> {
  if (stopped.size === 0) return;
  yield '<h2 id="stopped">Allowed by policies, stopped by the organization</h2>';
  yield '<p>Policies of these principals have an Allow statement for the action. The service control policies of the organization do not allow it. If a service control policy is removed, the principals may have the permission.</p>';
  yield '<table><thead><tr><th>Action</th><th>Category</th><th class="n">Accounts</th><th class="n">Principals</th></tr></thead><tbody>';
  const byPrincipals = [...stopped].sort(([, one], [, other]) => other.principals - one.principals);
  for (const [action, { accounts, principals }] of byPrincipals) {
    yield `<tr><td>${escapeHtml(action)}</td><td>${escapeHtml(categoriesOf(action).join(', '))}</td><td class="n">${accounts}</td><td class="n">${principals}</td></tr>`;
  }
  yield '</tbody></table>';
}
