import { createColors } from 'picocolors';
import type { Severity } from '../core/contract/finding.ts';
import type { RunSummary } from '../core/contract/run.ts';
import type { ObjectStore } from '../core/ports/store.ts';
import { worstOf } from '../core/report/page.ts';
import { findingsOfRun } from '../core/summary/findings/run-findings.ts';
import { printable } from '../core/wording/printable.ts';

/** Findings in the summary on a terminal. The report has all. */
const MOST = 3;

/** Whether a stream shows colours: a terminal, unless the environment says otherwise (https://no-color.org). */
export const showsColors = (out: NodeJS.WriteStream): boolean =>
  (process.env.FORCE_COLOR ?? '') !== '' ||
  (out.isTTY && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb');

/**
 * The worst findings of a run, a line each; none without active findings. The severity is a word, so the colours only
 * repeat it.
 */
export async function worstFindings(
  store: ObjectStore,
  { runId, accounts }: RunSummary,
  colored: boolean,
): Promise<string[]> {
  const worst = await worstOf(findingsOfRun(store, runId), MOST);
  const colors = createColors(colored);
  const paint: Readonly<Record<Severity, (text: string) => string>> = {
    critical: (text) => colors.bold(colors.red(text)),
    high: colors.red,
    medium: colors.yellow,
    low: colors.cyan,
  };
  return worst.map(({ severity, title, accountId }) => {
    return `  ${paint[severity](severity.padEnd('critical'.length))} ${printable(title)}${accounts.length > 1 ? ` (${accountId})` : ''}`;
  });
}
