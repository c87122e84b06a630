import * as v from 'valibot';
import { RefusedExecution } from '../core/contract/messages.ts';
import type { RunSummary } from '../core/contract/run.ts';
import type { ObjectStore } from '../core/ports/store.ts';
import { summariseInWords } from '../core/report/summary.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { accountAdvice, evidenceAdvice } from './error-messages.ts';
import { printJson, say } from './output.ts';
import { showsColors, worstFindings } from './worst-findings.ts';

/** Messages of AWS name the account, so advice about thousands of accounts may differ. */
const MOST_ADVICE = 5;

/** How a run ended, and what to do about accounts that failed. */
export function summaryInWords(run: RunSummary): string[] {
  // Accounts with the same error need the same advice.
  const advice = run.accounts.flatMap(({ error, missingEvidence = [] }) => [
    ...(error === undefined ? [] : [accountAdvice(error)]),
    ...missingEvidence.map(evidenceAdvice),
  ]);
  const known = new Set(advice.filter((line) => line !== null));
  return [...summariseInWords(run), ...[...known].slice(0, MOST_ADVICE)];
}

/** Prints how a run ended to standard error. @param warned the warnings that were printed during the run: they are not repeated */
export function saySummary(run: RunSummary, warned: ReadonlySet<string> = new Set()): void {
  for (const line of summaryInWords(run)) if (!warned.has(line)) say(line);
}

/** Prints the worst findings of a run to standard error. */
export async function sayWorstFindings(store: ObjectStore, run: RunSummary): Promise<void> {
  const lines = await worstFindings(store, run, showsColors(process.stderr));
  if (lines.length === 0) return;
  say('The worst findings:');
  // The texts are printable already. The colours are not text.
  for (const line of lines) process.stderr.write(`${line}\n`);
}

export const printRunJson = (run: RunSummary): void => {
  printJson(run);
};

/** The exit code for a run. A run in progress counts as success. */
export function exitCodeOf({ status }: RunSummary): ExitCode {
  switch (status) {
    case 'COMPLETE':
    case 'RUNNING':
      return exitCodes.complete;
    case 'PARTIAL':
      return exitCodes.partial;
    case 'FAILED':
      return exitCodes.failed;
  }
}

export interface Refusal {
  readonly message: string;
  readonly exitCode: ExitCode;
}

/** Why an execution was refused, from its output. Null if it was not refused. */
export function refusalOf(output: unknown): Refusal | null {
  const parsed = v.safeParse(RefusedExecution, output);
  if (!parsed.success) return null;
  const { code, message } = parsed.output.error;
  return { message, exitCode: code === 'InvalidInput' ? exitCodes.usage : exitCodes.failed };
}

/** The error message in a Lambda function's cause, which is JSON. Any other cause is returned unchanged. */
export function messageOf(cause: string): string {
  try {
    const parsed = v.safeParse(v.object({ errorMessage: v.string() }), JSON.parse(cause));
    return parsed.success ? parsed.output.errorMessage : cause;
  } catch (error: unknown) {
    if (error instanceof SyntaxError) return cause;
    throw error;
  }
}
