import { costOf, PER_GIGABYTE_SECOND, PER_TRANSITION } from '../core/cost/cost.ts';
import { accountTransitions, organizationUseTransitions, runTransitions } from '../core/cost/transitions.ts';
import { MAX_ATTEMPTS } from '../core/organization/use/report-settings.ts';

/** The sizes of an organization in the table. */
const SIZES = [100, 1_000, 10_000];
/** The functions that read the organization, in gigabytes (lib/audit-functions.ts), and the longest time of one invocation. */
const PLAN_GIGABYTES = 0.25;
const USE_GIGABYTES = 0.5;
const INVOCATION_SECONDS = 900;
/** PlanRun reads 10,000 accounts in about eight minutes (scripts/measure-organization.ts). */
const PLAN_SECONDS_PER_ACCOUNT = 480 / 10_000;

/** What was measured for a run of 1,000 accounts, from the pages of docs/ that have the figures. */
export interface MeasuredRun {
  readonly accounts: number;
  readonly principalsPerAccount: number;
  readonly atOnce: number;
  readonly minutes: number;
  readonly transitions: number;
  /** Without the reads of the organization. */
  readonly dollars: number;
  /** Minutes in which the use of services of these accounts is read. */
  readonly useMinutes: number;
}

/**
 * @param figures docs/figures.md
 * @param use docs/organization-scp.md
 * @throws Error if a page no longer has the sentence with the figures
 */
export function measuredRun(figures: string, use: string): MeasuredRun {
  const row =
    /^\| ([\d,]+) accounts of ([\d,]+) principals, (\d+) at once: [^|]*\| ([\d.]+) minutes, ([\d,]+), ([\d.]+) \|/m;
  const [, accounts, principalsPerAccount, atOnce, minutes, transitions, dollars] = numbersIn(figures, row);
  const [, useAccounts, useMinutes] = numbersIn(use, /For ([\d,]+) accounts whose reports take[^.]* and (\d+) minutes/);
  if (useAccounts !== accounts) throw new Error('Both pages must have figures for the same number of accounts.');
  return {
    accounts: accounts ?? 0,
    principalsPerAccount: principalsPerAccount ?? 0,
    atOnce: atOnce ?? 0,
    minutes: minutes ?? 0,
    transitions: transitions ?? 0,
    dollars: dollars ?? 0,
    useMinutes: useMinutes ?? 0,
  };
}

function numbersIn(page: string, sentence: RegExp): number[] {
  const found = sentence.exec(page.replaceAll(/(?<=[^|])\n(?=[^|\n])/g, ' '));
  if (found === null) throw new Error(`No text of docs/ matches ${String(sentence)}.`);
  return [...found].map((text) => Number(text.replaceAll(',', '')));
}

export interface OrganizationRun {
  readonly accounts: number;
  readonly principals: number;
  readonly minutes: number;
  readonly transitions: number;
  /** Dollars. */
  readonly stepFunctions: number;
  readonly functionsAndS3: number;
  readonly organization: number;
  readonly total: number;
}

/** A first run of an organization. Accounts are independent of each other, so the figures grow with their number. */
export function organizationRun(accounts: number, measured: MeasuredRun): OrganizationRun {
  const useSeconds = Math.min(
    (accounts * measured.useMinutes * 60) / measured.accounts,
    MAX_ATTEMPTS * INVOCATION_SECONDS,
  );
  const attempts = Math.max(1, Math.ceil(useSeconds / INVOCATION_SECONDS));
  const run = runTransitions({ eventCalls: 1, notify: true, manyThrottled: false, ofOrganization: true });
  const transitions =
    accounts * accountTransitions([{ attempts: 1 }]) + run + organizationUseTransitions(attempts, false);
  const { stepFunctions } = costOf({ megabyteMs: 0, invocations: 0, transitions, puts: 0, gets: 0 });
  const functionsAndS3 = (accounts * (measured.dollars - measured.transitions * PER_TRANSITION)) / measured.accounts;
  const organization =
    (accounts * PLAN_SECONDS_PER_ACCOUNT * PLAN_GIGABYTES + useSeconds * USE_GIGABYTES) * PER_GIGABYTE_SECOND;
  return {
    accounts,
    principals: accounts * measured.principalsPerAccount,
    minutes: (accounts * measured.minutes) / measured.accounts,
    transitions,
    stepFunctions,
    functionsAndS3,
    organization,
    total: stepFunctions + functionsAndS3 + organization,
  };
}

const whole = (amount: number): string => Math.round(amount).toLocaleString('en-US');
const dollars = (amount: number): string => amount.toFixed(amount < 0.1 ? 3 : 2);
const duration = (minutes: number): string =>
  minutes < 90 ? `${minutes.toFixed(minutes < 10 ? 1 : 0)} minutes` : `${(minutes / 60).toFixed(1)} hours`;

/** The header and the rows of the table in docs/organization.md. */
export const costRows = (measured: MeasuredRun): string[][] => [
  [
    'accounts',
    'principals',
    'time of the audits',
    'state transitions',
    'Step Functions',
    'functions and S3',
    'reading the organization',
    'a first run, in dollars',
  ],
  ...SIZES.map((accounts) => {
    const run = organizationRun(accounts, measured);
    return [
      whole(run.accounts),
      whole(run.principals),
      duration(run.minutes),
      whole(run.transitions),
      dollars(run.stepFunctions),
      dollars(run.functionsAndS3),
      dollars(run.organization),
      dollars(run.total),
    ];
  }),
];
