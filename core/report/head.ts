import type { AccountCredentials } from '../contract/evidence.ts';
import type { UnitUse } from '../contract/organization-use/organization-use.ts';
import type { ReportHead, ReportNote } from '../contract/report/report-data.ts';
import type { RunStatus, RunSummary } from '../contract/run.ts';
import type { CallTimeline } from '../contract/calls/timeline.ts';
import type { TrendPoint } from '../contract/report/trend.ts';
import { catalogue } from '../catalogue/catalogue.ts';
import { rules } from '../findings/rules/all-rules.ts';
import { problemInWords } from '../organization/use/use-problem.ts';
import { lambdaLimitInWords } from '../wording/lambda-limit.ts';
import { notSearchedInWords } from './paths-between-accounts.ts';
import { exceededWindowInWords } from './exceeded-window.ts';
import { failedAccountsInWords } from './failed-accounts.ts';
import { organizationInWords } from './organization.ts';
import { rootInWords } from './root-in-words.ts';
import { emptyScopeInWords, isLimitedToPrincipals, scopeInWords } from './scope-in-words.ts';
import { sharedRateLimitInWords } from './shared-rate-limit.ts';

/** In how many accounts the organization stops principals, and how many principals. */
export interface StoppedAction {
  readonly accounts: number;
  readonly principals: number;
}

export interface HeadInput {
  readonly run: RunSummary;
  /** ISO 8601. */
  readonly generatedAt: string;
  /** Credentials of root users, by account. */
  readonly credentials: ReadonlyMap<string, AccountCredentials>;
  /** By action: what policies allow and the organization stops. */
  readonly stopped: ReadonlyMap<string, StoppedAction>;
  /** The roots and units of the organization, with their use of services. */
  readonly unitUses: readonly UnitUse[];
  readonly trend: readonly TrendPoint[];
  readonly timeline: CallTimeline | null;
}

/** The first line of the report's data: what is known about the run as a whole. */
export function reportHead(input: HeadInput): ReportHead {
  const { run, generatedAt, credentials, stopped, unitUses, trend, timeline } = input;
  return {
    generatedAt,
    run,
    meaning: meaningOf(run),
    scope: `${scopeInWords(run)}${isLimitedToPrincipals(run) ? ' Other principals were not audited.' : ''}`,
    notes: notesOf(run),
    rules: rules.map(({ id, severity, meaning, why, remedy, controls }) => {
      return { id, severity, meaning, why, remedy, controls };
    }),
    catalogue: catalogue.map(({ action, categories }) => [action, categories] as const),
    root: run.accounts.map(({ accountId }) => [accountId, rootInWords(credentials.get(accountId))] as const),
    stopped: [...stopped].map(([action, { accounts, principals }]) => [action, accounts, principals] as const),
    units: unitUses,
    trend,
    timeline,
  };
}

const meaning: Readonly<Record<RunStatus, string>> = {
  COMPLETE: 'Everything in scope was audited.',
  PARTIAL: 'Some evidence is missing.',
  FAILED: 'Nothing could be audited.',
  RUNNING: 'The run has not ended yet.',
};

function meaningOf(run: RunSummary): string {
  const empty = emptyScopeInWords(run);
  if (empty !== null) return empty;
  return run.status === 'COMPLETE' && isLimitedToPrincipals(run)
    ? 'Everything in this limited scope was audited.'
    : meaning[run.status];
}

function notesOf(run: RunSummary): ReportNote[] {
  const { organization, exceptions } = run;
  const notes = (kind: ReportNote['kind'], texts: readonly (string | null)[]): ReportNote[] =>
    texts.flatMap((text) => (text === null ? [] : [{ kind, text }]));
  const problem = organization?.use?.problem;
  return [
    ...notes('error', [failedAccountsInWords(run)]),
    ...notes('warning', [
      ...(exceptions?.problems ?? []).map((text) => `An entry of the exceptions file is ignored: ${text}`),
      ...(exceptions?.expired ?? []).map((text) => `This exception has expired: ${text}`),
      exceededWindowInWords(run),
      notSearchedInWords(run),
      run.lambdaLimit === undefined ? null : lambdaLimitInWords(run.lambdaLimit),
    ]),
    ...notes('information', [
      ...organizationInWords(run),
      sharedRateLimitInWords(run),
      ...(problem === undefined ? [] : [`Services used in the organization: ${problemInWords(problem)}`]),
      ...(exceptions?.unused ?? []).map((text) => `This exception matches no finding and can be deleted: ${text}`),
    ]),
  ];
}
