import leven from 'leven';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { defaultSettings } from '../core/contract/environment.ts';
import { AccountId, isTimeZone } from '../core/contract/execution-input.ts';

/** The one key of the CDK context under which everything is set. */
export const SETTINGS_KEY = 'iamAudit';

/** Lambda takes 4,096 bytes of environment, of which an account takes 13. */
const MAX_ACCOUNTS = 250;

/** Retention periods that CloudWatch Logs takes, in days (API reference, PutRetentionPolicy). */
const LOG_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const wholeNumber = (least: number, most: number) => {
  const right = `must be a whole number from ${least} to ${most}`;
  return v.pipe(v.number(right), v.integer(right), v.minValue(least, right), v.maxValue(most, right));
};
const numberBetween = (least: number, most: number) => {
  const right = `must be from ${least} to ${most}`;
  return v.pipe(v.number(right), v.minValue(least, right), v.maxValue(most, right));
};
const text = (pattern: RegExp, right: string) => v.pipe(v.string(right), v.regex(pattern, right));

interface About {
  readonly unit: string;
  readonly meaning: string;
}

/** Meaning and unit stand with each setting: docs/settings.md is made of them. */
const abouts = new WeakMap<object, About>();

function setting<Schema extends object>(unit: string, meaning: string, schema: Schema): Schema {
  abouts.set(schema, { unit, meaning });
  return schema;
}

const Schedule = v.strictObject({
  enabled: setting('', 'Whether runs start by themselves.', v.optional(v.boolean('must be true or false'), true)),
  expression: setting(
    '',
    'When a run starts. A day is run once at most, whatever the expression says.',
    v.optional(
      text(
        /^(cron\((\S+ ){5}\S+\)|rate\([1-9]\d* (minute|hour|day)s?\)|at\(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\))$/,
        'must be an expression of EventBridge Scheduler such as "cron(0 4 * * ? *)" (six fields) or "rate(1 day)"',
      ),
      'cron(0 4 * * ? *)',
    ),
  ),
  timeZone: setting(
    '',
    'Time zone of the expression.',
    v.optional(
      v.pipe(v.string(), v.check(isTimeZone, 'must be a time zone of the IANA database such as "Europe/Berlin"')),
      'UTC',
    ),
  ),
  flexibleWindowMinutes: setting(
    'minutes',
    'The run starts at any moment within so long after its time; 0: at its time.',
    v.optional(wholeNumber(0, 1_440), 15),
  ),
  spreadOverMinutes: setting(
    'minutes',
    'A scheduled run, all of its accounts, is spread over so long; 0: as fast as the accounts allow.',
    v.optional(wholeNumber(0, 1_200), 60),
  ),
  missedAfterHours: setting(
    'hours',
    'Without a successful run for so long the alarm "run missed" goes off; 0: there is none, for schedules rarer than a week.',
    v.optional(wholeNumber(0, 168), 26),
  ),
});

const Retention = v.strictObject({
  runDays: setting(
    'days',
    'How long the objects of a run are kept: evidence, findings, reports.',
    v.optional(wholeNumber(1, 36_500), 400),
  ),
  tableDays: setting(
    'days',
    'How long the tables are kept: the history that is longer than AWS keeps it.',
    v.optional(wholeNumber(1, 36_500), 1_100),
  ),
  oldVersionDays: setting(
    'days',
    'How long overwritten and deleted versions of objects are kept.',
    v.optional(wholeNumber(1, 36_500), 30),
  ),
  logDays: setting(
    'days',
    'How long the logs of functions and workflow are kept.',
    v.optional(v.picklist(LOG_DAYS, `must be one of ${LOG_DAYS.join(', ')}`), 90),
  ),
});

const Alarms = v.strictObject({
  accountsAuditedPercent: setting(
    'percent',
    'The alarm "accounts not audited" goes off when a run of everything audited a smaller share of its accounts; 0: there is no such alarm.',
    v.optional(numberBetween(0, 100), 100),
  ),
  principalsAuditedPercent: setting(
    'percent',
    'The alarm "principals not audited" goes off when a run of everything has complete evidence of a smaller share of the users and roles in the accounts that it audited; 0: there is no such alarm.',
    v.optional(numberBetween(0, 100), 95),
  ),
});

export const Settings = v.strictObject({
  stackName: setting(
    '',
    'Name of the stack, and of the state machine in it.',
    v.optional(
      text(
        /^[A-Za-z][A-Za-z0-9-]{0,79}$/,
        'must start with a letter and have at most 80 letters, digits and hyphens, such as "IamAudit"',
      ),
      'IamAudit',
    ),
  ),
  accountIds: setting(
    '',
    'Accounts that are audited. Without it the stack’s own. Others need `memberRoleName`.',
    v.optional(
      v.pipe(
        v.array(AccountId),
        v.minLength(1, 'must name at least one account, or be left out'),
        v.maxLength(
          MAX_ACCOUNTS,
          `must name at most ${MAX_ACCOUNTS} accounts: more don't fit a function's environment`,
        ),
        v.check((ids) => new Set(ids).size === ids.length, 'must name each account once'),
      ),
    ),
  ),
  memberRoleName: setting(
    '',
    'Role to assume in each account, the own one included. Without it the functions read the own account.',
    v.optional(
      text(
        /^[\w+=,.@-]+(\/[\w+=,.@-]+)*$/,
        'must be the name of a role, behind its path if it has one, such as "iam-audit-member" or "audit/member"',
      ),
    ),
  ),
  externalId: setting(
    '',
    'What the member roles’ trust policies want as `sts:ExternalId`.',
    v.optional(text(/^[\w+=,.@:/-]{2,1224}$/, 'must have 2 to 1,224 letters, digits and any of +=,.@:/-')),
  ),
  accountsAtOnce: setting(
    'accounts',
    'Accounts that are audited side by side; each has rate limits of its own.',
    v.optional(wholeNumber(1, 1_000), defaultSettings.accountsAtOnce),
  ),
  principalsPerBatch: setting(
    'principals',
    'Users and roles that one batch covers at most; every batch ends with a tail.',
    v.optional(wholeNumber(10, 2_000), defaultSettings.principalsPerBatch),
  ),
  rateShare: setting(
    'share',
    'Share of the rate that IAM leaves over which is taken between two looks at the limit; 0.9 is polite.',
    v.optional(numberBetween(0.05, 1), defaultSettings.rateShare),
  ),
  refreshEveryDays: setting(
    'days',
    'Every principal is asked again in full at least so often, evenly over the days; 1: nothing is carried from day to day.',
    v.optional(wholeNumber(1, 30), defaultSettings.refreshEveryDays),
  ),
  graceDays: setting(
    'days',
    'Principals that are younger are in no finding of something unused or to be removed.',
    v.optional(wholeNumber(0, 3_650), defaultSettings.graceDays),
  ),
  unusedAfterDays: setting(
    'days',
    'Principals, keys and permissions that were not used for so long are findings. AWS tracks 400 days.',
    v.optional(wholeNumber(1, 400), defaultSettings.unusedAfterDays),
  ),
  schedule: v.optional(Schedule, {}),
  retention: v.optional(Retention, {}),
  subscribers: setting(
    '',
    'Who is told when an alarm goes off: e-mail addresses, which must confirm, and https URLs.',
    v.optional(
      v.pipe(
        v.array(text(/^([^@\s]+@[^@\s]+\.[^@\s]+|https:\/\/\S+)$/, 'must be an e-mail address or an https URL')),
        v.check((endpoints) => new Set(endpoints).size === endpoints.length, 'must name each subscriber once'),
      ),
      [],
    ),
  ),
  notify: setting(
    '',
    'About which runs subscribers get a message at the end: "always", "problems" (runs that are not COMPLETE) or "never". Alarms tell them in any case.',
    v.optional(
      v.picklist(['always', 'problems', 'never'], 'must be "always", "problems" or "never"'),
      defaultSettings.notify,
    ),
  ),
  alarms: v.optional(Alarms, {}),
  kmsKeyArn: setting(
    '',
    'Key that encrypts the results. Without it S3 encrypts them with its own. It must be in the stack’s Region, and its policy must let the account’s IAM decide.',
    v.optional(
      text(
        /^arn:[^:]+:kms:[^:]+:\d{12}:key\/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/,
        'must be the ARN of a KMS key (not of an alias)',
      ),
    ),
  ),
  runbookUrl: setting(
    '',
    'Where the runbook can be read, as a URL: each alarm names it with its own section behind.',
    v.optional(
      v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(500, 'must have at most 500 characters')),
      'docs/runbook.md',
    ),
  ),
});
export type Settings = v.InferOutput<typeof Settings>;

export class SettingsError extends Error {
  override name = 'SettingsError';
}

/**
 * Reads the settings from the CDK context's value: an object, JSON text, or the path of a JSON file.
 * @throws SettingsError naming each field, what was wrong and what would be right
 */
export function parseSettings(value: unknown): Settings {
  const parsed = v.safeParse(Settings, contentOf(value));
  if (parsed.success) return check(parsed.output);
  throw new SettingsError(`The settings are not valid. ${parsed.issues.map(sentence).join(' ')}`);
}

/** What only several settings together make wrong. */
function check(settings: Settings): Settings {
  const wrong = (message: string): never => {
    throw new SettingsError(`The settings are not valid. ${message}`);
  };
  if (settings.accountIds !== undefined && settings.memberRoleName === undefined) {
    wrong('memberRoleName: must name the role to assume in each account of accountIds, and is missing.');
  }
  const { missedAfterHours, flexibleWindowMinutes } = settings.schedule;
  // A day is run once: successes lie a day, the window and the run itself apart.
  const least = 25 + Math.ceil(flexibleWindowMinutes / 60);
  if (missedAfterHours > 0 && missedAfterHours < least) {
    wrong(
      `schedule.missedAfterHours: must be 0 or at least ${least} with a window of ${flexibleWindowMinutes} minutes, and was ${missedAfterHours}.`,
    );
  }
  return settings;
}

function contentOf(value: unknown): unknown {
  if (value === undefined) return {};
  if (typeof value !== 'string') return value;
  const isJson = value.trimStart().startsWith('{');
  let source = value;
  if (!isJson) {
    try {
      source = readFileSync(value, 'utf8');
    } catch (error: unknown) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SettingsError(
        `The settings can't be read from the file "${value}" (${reason}). ${SETTINGS_KEY} must be an object, JSON text, or the path of a JSON file.`,
      );
    }
  }
  try {
    const content: unknown = JSON.parse(source);
    return content;
  } catch (error: unknown) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`The settings${isJson ? '' : ` in "${value}"`} are no JSON: ${reason}.`);
  }
}

/** Settings that stand below a name of their own. */
const groups: Readonly<Record<string, { readonly entries: object }>> = {
  schedule: Schedule,
  retention: Retention,
  alarms: Alarms,
};

function sentence(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? 'the settings';
  if (issue.expected !== 'never') {
    const right = issue.message.startsWith('must') ? issue.message : `must be ${issue.expected ?? 'something else'}`;
    return `${path}: ${right}, and was ${issue.received}.`;
  }
  const parent = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '';
  const name = path.slice(parent === '' ? 0 : parent.length + 1);
  const known = Object.keys(groups[parent]?.entries ?? Settings.entries);
  const [nearest] = [...known].sort((a, b) => leven(a, name) - leven(b, name));
  return `${path}: there is no such setting; did you mean ${parent === '' ? '' : `${parent}.`}${nearest ?? ''}?`;
}

export interface SettingDescription extends About {
  readonly path: string;
  readonly fallback: unknown;
}

/** Every setting with its default, unit and meaning, in the schema's order. */
export function describeSettings(): SettingDescription[] {
  const { schedule, retention, alarms, ...defaults } = parseSettings({});
  const described = (
    entries: Readonly<Record<string, object>>,
    prefix: string,
    values: Readonly<Record<string, unknown>>,
  ): SettingDescription[] =>
    Object.entries(entries).flatMap(([name, schema]) => {
      const about = abouts.get(schema);
      return about === undefined ? [] : [{ path: `${prefix}${name}`, ...about, fallback: values[name] }];
    });
  return [
    ...described(Settings.entries, '', defaults),
    ...described(Schedule.entries, 'schedule.', schedule),
    ...described(Retention.entries, 'retention.', retention),
    ...described(Alarms.entries, 'alarms.', alarms),
  ];
}
