import * as v from 'valibot';

const ACCOUNT_ID_MESSAGE = 'must be an AWS account ID of 12 digits in quotes, such as "123456789012"';

/** ID of an AWS account, 12 digits. */
export const AccountId = v.pipe(v.string(ACCOUNT_ID_MESSAGE), v.regex(/^\d{12}$/, ACCOUNT_ID_MESSAGE));

/** The most accounts that one run can audit: AWS's largest quota of accounts in an organization. */
export const MAX_ACCOUNTS = 10_000;

const ACCOUNTS_MESSAGE = 'must be "this", "organization" or a list of account IDs of 12 digits in quotes';

export const AccountIds = v.pipe(
  v.array(AccountId, 'must be a list of account IDs in square brackets'),
  v.minLength(1, 'must name at least one account, or be omitted'),
  v.maxLength(MAX_ACCOUNTS, `must name at most ${MAX_ACCOUNTS} accounts`),
);

/** `this`: the account that runs the audit. `organization`: the active accounts of its organization. */
export const Accounts = v.union([v.picklist(['this', 'organization']), AccountIds], ACCOUNTS_MESSAGE);
export type Accounts = v.InferOutput<typeof Accounts>;

const TARGET_MESSAGE =
  'must be an account ID of 12 digits, or the ID of an organizational unit or a root, such as "ou-ab12-11111111"';

/** An account, or all accounts below an organizational unit or a root (AWS Organizations API Reference, "Parent"). */
export const AccountOrUnit = v.pipe(
  v.string(TARGET_MESSAGE),
  v.regex(/^(\d{12}|r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/, TARGET_MESSAGE),
);

export const AccountsOrUnits = v.pipe(
  v.array(AccountOrUnit, 'must be a list of account IDs and IDs of organizational units'),
  v.minLength(1, 'must name at least one account or unit, or be omitted'),
);

/** `YYYYMMDDTHHMMSSZ-xxxxxx`: the start of the run in UTC, and six characters of a hash. Run IDs sort by time. */
export const RunId = v.pipe(
  v.string(),
  v.regex(/^\d{8}T\d{6}Z-[0-9a-z]{6}$/, 'must be a run ID such as "20261123T040000Z-1a2b3c"'),
);

/** The ARN of a user or role, with `*` and `?` as wildcards. */
export const PrincipalPattern = v.pipe(
  v.string(),
  v.regex(
    /^(\*|arn:[^:]*:iam::[^:]*:.+)$/,
    'must be the ARN of a user or role, with * and ? as wildcards, such as "arn:aws:iam::*:role/deploy-*"',
  ),
);

export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch (error: unknown) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * The input of an execution. `{}` audits all principals of the configured accounts, as fast as possible. Unknown fields
 * are refused: if a misspelt option were ignored, the run would have the wrong scope.
 */
export const ExecutionInput = v.strictObject({
  /** Accounts to audit. Default: the setting `accounts`, otherwise the account that runs the audit. */
  accounts: v.optional(Accounts),
  /** Another name of `accounts`, for a list. */
  accountIds: v.optional(AccountIds),
  /** Audits only these accounts of the organization, and those below these units. */
  include: v.optional(AccountsOrUnits),
  /** Does not audit these accounts of the organization, nor those below these units. */
  exclude: v.optional(AccountsOrUnits),
  /** Audits only principals that match one of these patterns. */
  principals: v.optional(
    v.pipe(v.array(PrincipalPattern), v.minLength(1, 'must name at least one pattern, or be omitted')),
  ),
  /** Minutes over which the whole run is spread. 0: as fast as possible. */
  spreadOverMinutes: v.optional(
    v.pipe(
      v.number('must be a number of minutes from 0 to 1440'),
      v.minValue(0, 'must be from 0 to 1440 minutes'),
      v.maxValue(1440, 'must be from 0 to 1440 minutes'),
    ),
  ),
  /** Reads everything again, including data that could be carried forward. */
  full: v.optional(v.boolean('must be true or false')),
  /** A run with unfinished accounts. Only those accounts are audited. */
  resume: v.optional(RunId),
  /** Text of an exceptions file that is used instead of the bucket's file. */
  exceptions: v.optional(v.string('must be the text of an exceptions file')),
  /** Set by the schedule: the scheduled time, ISO 8601. */
  scheduledTime: v.optional(v.pipe(v.string(), v.isoTimestamp('must be a time in ISO 8601'))),
  /** Set by the schedule: the time zone of its days. Default: UTC. */
  timeZone: v.optional(
    v.pipe(v.string(), v.check(isTimeZone, 'must be a time zone of the IANA database such as "Europe/Berlin"')),
  ),
});
export type ExecutionInput = v.InferOutput<typeof ExecutionInput>;
