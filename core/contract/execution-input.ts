import * as v from 'valibot';

const RIGHT_ACCOUNT = 'must be an AWS account ID of 12 digits in quotes, such as "123456789012"';

export const AccountId = v.pipe(v.string(RIGHT_ACCOUNT), v.regex(/^\d{12}$/, RIGHT_ACCOUNT));

export const RunId = v.pipe(
  v.string(),
  v.regex(/^\d{8}T\d{6}Z-[0-9a-z]{6}$/, 'must be a run id such as "20261123T040000Z-1a2b3c"'),
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
 * What an execution may be started with. `{}` audits everything, as fast as the account allows.
 * Unknown fields are refused: a misspelt option that is ignored would audit something else than was asked.
 */
export const ExecutionInput = v.strictObject({
  /** Accounts to audit; without it, the account that the pipeline runs in. */
  accountIds: v.optional(v.pipe(v.array(AccountId), v.minLength(1, 'must name at least one account, or be left out'))),
  /** Only principals that match one of these. */
  principals: v.optional(
    v.pipe(v.array(PrincipalPattern), v.minLength(1, 'must name at least one pattern, or be left out')),
  ),
  /** Minutes over which the run is spread, all of its accounts; 0 is as fast as the accounts allow. */
  spreadOverMinutes: v.optional(
    v.pipe(
      v.number('must be a number of minutes from 0 to 1440'),
      v.minValue(0, 'must be from 0 to 1440 minutes'),
      v.maxValue(1440, 'must be from 0 to 1440 minutes'),
    ),
  ),
  /** Ask for everything, also what is known already. */
  full: v.optional(v.boolean('must be true or false')),
  /** The run whose unfinished accounts are taken up again. */
  resume: v.optional(RunId),
  /** Text of an exceptions file that is used instead of the bucket's. */
  exceptions: v.optional(v.string('must be the text of an exceptions file')),
  /** Set by the schedule: the time for which the run was planned, ISO 8601. */
  scheduledTime: v.optional(v.pipe(v.string(), v.isoTimestamp('must be a time in ISO 8601'))),
  /** Set by the schedule: in which zone its days begin; without it in UTC. */
  timeZone: v.optional(
    v.pipe(v.string(), v.check(isTimeZone, 'must be a time zone of the IANA database such as "Europe/Berlin"')),
  ),
});
export type ExecutionInput = v.InferOutput<typeof ExecutionInput>;
