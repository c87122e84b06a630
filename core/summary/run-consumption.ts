import type { AccountSummary, Consumption } from '../contract/run.ts';
import { invocationUse } from '../cost/invocation-use.ts';
import { runTransitions, type EnteredStates } from '../cost/transitions.ts';
import type { Invocation } from '../ports/services.ts';
import { reportReads } from './report-reads.ts';

/**
 * What a run itself uses, without its accounts: the invocations of PlanRun and SummariseRun, and state transitions.
 * @param durationMs since SummariseRun began
 * @param workflow which states the run enters
 * @param readsUse whether the report has the section about services used in the organization
 * @param hasPrevious whether there is an earlier run, whose trend is read
 */
export function runConsumption(
  accounts: readonly AccountSummary[],
  invocation: Invocation,
  durationMs: number,
  workflow: EnteredStates,
  readsUse: boolean,
  hasPrevious: boolean,
): Consumption {
  // Still to come: writes of a file of the table `runs` for each account, of the trend, the report, run.json, latest.json and the claim; reads of the claim, of the trend
  // before, of what the report needs, of accounts.jsonl by the Distributed Map, and of organization-use.json.
  const { memoryMegabytes, puts, gets } = invocationUse(invocation, durationMs, {
    puts: 5 + accounts.length,
    gets: 2 + reportReads(accounts) + (hasPrevious ? 1 : 0) + (readsUse ? 1 : 0),
  });
  return {
    megabyteMs: durationMs * memoryMegabytes,
    invocations: 2,
    transitions: runTransitions(workflow),
    puts,
    gets,
  };
}
