import { defaultSettings } from '../core/contract/environment.ts';
import type { Estimate } from '../core/contract/answers/estimate.ts';
import { sentCalls } from '../core/estimate/needs.ts';
import { estimateRun } from '../core/estimate/estimate-run.ts';
import { estimateTypical } from '../core/estimate/estimate-typical.ts';
import { RunRefused } from '../core/estimate/plan.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { localAccounts, type AuditSettings } from '../core/ports/services.ts';
import type { ObjectStore } from '../core/ports/store.ts';
import { FolderStore } from '../local/folder-store.ts';
import { localExecutions } from '../local/local-executions.ts';
import { rehearsalTools } from '../local/rehearsal-tools.ts';
import { systemClock } from '../local/system-clock.ts';
import { withDeployed } from './deployed.ts';
import { accountAdvice, faultMessage } from './error-messages.ts';
import { estimateInWords } from './estimate-in-words.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { note, printJson, printLine, say } from './output.ts';
import { checkScope, runAccess, settingsOf, wrongAccess, type RunAccessOptions } from './run-access.ts';
import { executionInput } from './scope-options.ts';

export interface EstimateOptions extends RunAccessOptions {
  /** The deployed audit whose results are used instead of those of the folder. */
  readonly stack?: string;
  readonly stateMachineArn?: string;
  /** Estimates typical accounts with this number of principals, without AWS. */
  readonly principals?: number;
  readonly accounts?: number;
  readonly rate?: number;
  readonly json: boolean;
}

/** Says what a run with the same options needs. Only reads. */
export async function estimate(options: EstimateOptions): Promise<ExitCode> {
  const wrong = wrongUsage(options);
  if (wrong !== null) {
    say(wrong);
    return exitCodes.usage;
  }
  const settings: AuditSettings = { ...defaultSettings, ...localAccounts, notify: 'never', ...settingsOf(options) };
  const { principals, accounts = 1, rate = null, spreadOver } = options;
  if (principals !== undefined) {
    const typical = { principals, accounts, rate, spreadOverMinutes: spreadOver };
    const tools = { settings, clock: systemClock, executions: localExecutions };
    return tell(options, await estimateTypical(typical, tools, rehearsalTools));
  }
  const from = async (store: ObjectStore): Promise<ExitCode> =>
    tell(options, await estimateAccounts(options, settings, store));
  return options.stack === undefined && options.stateMachineArn === undefined
    ? from(new FolderStore({ folder: options.out }))
    : withDeployed(options, ({ store }) => from(store));
}

function tell(options: EstimateOptions, made: Estimate | null): ExitCode {
  if (made === null) return exitCodes.failed;
  if (options.json) printJson(made);
  else if (made.total.failed < made.total.accounts) for (const line of estimateInWords(made)) printLine(line);
  return sayFailures(made);
}

/**
 * Null if nothing could be read: the reason has been printed.
 * @param store the results of earlier runs, to which nothing is written
 */
async function estimateAccounts(
  options: EstimateOptions,
  settings: AuditSettings,
  store: ObjectStore,
): Promise<Estimate | null> {
  const opened = runAccess(options);
  try {
    const { scope, arn } = await checkScope(options, opened);
    note(`Reading the inventory of ${scope} as ${arn}. Nothing is changed in IAM, and nothing is written.`);
    const made = await estimateRun(
      executionInput(options),
      {
        store,
        access: opened.access,
        executions: localExecutions,
        clock: systemClock,
        random: Math.random,
        settings,
        warn: (message) => {
          say(`warning: ${message}`);
        },
      },
      rehearsalTools,
      options.rate ?? null,
    );
    // With the calls that found out who the caller is, and whether the patterns match.
    return { ...made, sent: sentCalls(opened.access.totals()) };
  } catch (error: unknown) {
    if (error instanceof RunRefused) say(error.message);
    else if (error instanceof AwsFault) say(faultMessage(error));
    else throw error;
    return null;
  }
}

/** Says which accounts could not be read. */
function sayFailures({ accounts, total }: Estimate): ExitCode {
  for (const { accountId, error } of accounts) {
    if (error === undefined) continue;
    say(`Account ${accountId} could not be read: ${accountAdvice(error) ?? `${error.code}: ${error.message}`}`);
  }
  if (total.failed === 0) return exitCodes.complete;
  return total.failed === total.accounts ? exitCodes.failed : exitCodes.partial;
}

/** What is wrong with the options; null if nothing is. */
function wrongUsage(options: EstimateOptions): string | null {
  if (options.principals === undefined) {
    return options.accounts === undefined
      ? wrongAccess(options)
      : 'error: --accounts requires --principals: the number of principals in each account. Use --account-id for accounts of AWS.';
  }
  const given = Object.entries({
    '--account-id': options.accountId.length > 0,
    '--organization': options.organization,
    '--principal': options.principal.length > 0,
    '--resume': options.resume !== undefined,
    '--full': options.full,
    '--profile': options.profile !== undefined,
    '--region': options.region !== undefined,
    '--stack': options.stack !== undefined,
    '--state-machine-arn': options.stateMachineArn !== undefined,
    '--role-arn': options.roleArn !== undefined,
    '--role-name': options.roleName !== undefined,
  }).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
  return given.length === 0
    ? null
    : `error: --principals estimates typical accounts without AWS, so ${given.join(', ')} must be omitted.`;
}
