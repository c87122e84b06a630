/** What an alarm says to a person who reads it on a phone, and its section of docs/runbook.md. */
export interface AlarmText {
  /** Anchor of the section. A test compares it with the document. */
  readonly section: string;
  /** What has happened. */
  readonly meaning: string;
  /** What happens to today's audit. */
  readonly effect: string;
  readonly firstLook: string;
}

/** CloudWatch accepts descriptions of at most this length (API Reference, PutMetricAlarm). */
export const MAX_DESCRIPTION = 1_024;

export const alarmTexts = {
  failed: {
    section: 'run-failed',
    meaning: 'A run failed: no account could be audited, or the workflow was interrupted.',
    effect:
      'There is no evidence of today. The results of earlier runs stay, and the next scheduled run starts as usual.',
    firstLook: '"npx iam-audit status" shows the error of each account.',
  },
  timedOut: {
    section: 'run-timed-out',
    meaning: 'A run took two days, the longest that the workflow allows, and was stopped.',
    effect:
      'What it wrote until then stays. A resumed run audits the rest: "npx iam-audit start --resume RUN", with the ID that "status" shows.',
    firstLook: 'Look for accounts with many attempts per batch: another application uses their IAM rate.',
  },
  accounts: {
    section: 'accounts-not-audited',
    meaning: 'A run did not audit enough of its accounts.',
    effect:
      'The run is PARTIAL. It has no evidence about principals of these accounts. The other accounts are complete.',
    firstLook: '"npx iam-audit status" names the accounts and the reason of each.',
  },
  principals: {
    section: 'principals-not-audited',
    meaning: 'In the accounts that a run audited, too few users and roles have complete evidence.',
    effect:
      'The run is PARTIAL. Each record says what is missing. Nothing counts as unused because evidence is missing.',
    firstLook: '"npx iam-audit status" shows the most frequent reasons.',
  },
  partial: {
    section: 'partial-twice-in-a-row',
    meaning: 'Two or more runs in a row were not COMPLETE.',
    effect: 'Such a cause rarely goes away by itself: the same evidence will likely be missing tomorrow.',
    firstLook:
      '"npx iam-audit status" shows what is missing, and why. "npx iam-audit diff" compares it with the run before.',
  },
  missed: {
    section: 'run-missed',
    meaning:
      'No run of all accounts and principals has succeeded in the time that the settings allow. Maybe none was started.',
    effect: 'There is no new evidence. The report that people see is as old as the last such run.',
    firstLook:
      '"npx iam-audit status" shows whether a run is in progress. If none is, start one: "npx iam-audit start".',
  },
  notStarted: {
    section: 'run-not-started',
    meaning: 'The schedule could not start a run.',
    effect: 'There is no audit of today unless somebody starts it: "npx iam-audit start".',
    firstLook: 'The message in the queue NotStarted has the reason in its attributes.',
  },
  throttled: {
    section: 'many-calls-throttled',
    meaning: 'AWS throttled a large share of the calls of a run.',
    effect: 'The audit sends fewer calls and goes on. It takes longer. No evidence is missing because of this alone.',
    firstLook:
      'Another application uses the IAM rate. "npx iam-audit doctor --since TIME --until TIME" with the times of the run names it.',
  },
  window: {
    section: 'spread-window-missed',
    meaning: 'A run took longer than the window that it was spread over.',
    effect: 'The run audited everything, and ended late. Near the end of the window it was not spread evenly.',
    firstLook: 'Compare "spread" in run.json with schedule.spreadOverMinutes.',
  },
  undelivered: {
    section: 'message-not-delivered',
    meaning:
      'The message or the events about a run could not be sent, or its findings could not be imported into Security Hub, after retries.',
    effect: 'The run has ended, and its results and report are stored. Only what was not delivered is missing.',
    firstLook:
      'The output of the execution has the error ("undelivered"). Check the policies of topic, key and workflow role; for findings, Security Hub itself.',
  },
  damaged: {
    section: 'object-damaged',
    meaning: 'A stored object can’t be used: it is cut off, changed, or of a newer version.',
    effect: 'The run goes on without the object and asks AWS again. It takes longer, and findings may count as new.',
    firstLook: 'Log lines with the event ObjectDamaged name the object and the reason.',
  },
} as const satisfies Readonly<Record<string, AlarmText>>;
export type AlarmName = keyof typeof alarmTexts;

/** @param runbookUrl without it, the text names the section instead of a link, because it can't be opened from a message */
export function alarmDescription(name: AlarmName, runbookUrl: string | undefined): string {
  const { section, meaning, effect, firstLook } = alarmTexts[name];
  const more =
    runbookUrl === undefined
      ? `More: docs/runbook.md, section "${section.replaceAll('-', ' ')}".`
      : `More: ${runbookUrl}#${section}`;
  return `${meaning} Today's audit: ${effect} First: ${firstLook} ${more}`;
}
