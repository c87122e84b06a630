import Papa from 'papaparse';
import type { Finding } from '../contract/finding.ts';
import { withoutControls } from '../wording/html.ts';
import { SPREADSHEET_FORMULA } from '../wording/spreadsheet-formula.ts';

const columns = [
  ...['id', 'severity', 'state', 'rule', 'accountId', 'principalArn', 'title', 'detail', 'firstSeen'],
  ...['exceptionOwner', 'exceptionReason', 'exceptionExpires', 'evidence', 'controls'],
];

/** Rows of `findings.csv`, header first. A cell that a spreadsheet would read as a formula is written as text. */
export async function* findingsTable(findings: AsyncIterable<Finding>): AsyncGenerator<string> {
  yield row(columns);
  for await (const finding of findings) {
    const {
      id,
      severity,
      state,
      rule,
      accountId,
      principalArn,
      title,
      detail,
      firstSeen,
      exception,
      evidence,
      controls,
    } = finding;
    yield row([
      ...[id, severity, state, rule, accountId, principalArn, title, detail, firstSeen],
      ...[exception?.owner ?? '', exception?.reason ?? '', exception?.expires ?? '', JSON.stringify(evidence)],
      controls.join(', '),
    ]);
  }
}

const row = (cells: readonly string[]): string =>
  Papa.unparse([cells.map(withoutControls)], { escapeFormulae: SPREADSHEET_FORMULA });
