import * as v from 'valibot';

const ACCOUNT_ID_MESSAGE = 'must be an AWS account ID of 12 digits in quotes, such as "123456789012"';

export const AccountId = v.pipe(v.string(ACCOUNT_ID_MESSAGE), v.regex(/^\d{12}$/, ACCOUNT_ID_MESSAGE));

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
  /** Accounts to audit. Default: the setting `accountIds`, otherwise the account that runs the audit. */
  accountIds: v.optional(v.pipe(v.array(AccountId), v.minLength(1, 'must name at least one account, or be omitted'))),
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
