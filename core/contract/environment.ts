import * as v from 'valibot';
import { AccountId } from './execution-input.ts';

/** Names of the environment variables that constructs set and handlers read: defined once, used from both sides. */
export const environmentNames = {
  resultsBucket: 'RESULTS_BUCKET',
  accountIds: 'ACCOUNT_IDS',
  memberRoleName: 'MEMBER_ROLE_NAME',
  externalId: 'EXTERNAL_ID',
  stsRegion: 'STS_REGION',
  accountsAtOnce: 'ACCOUNTS_AT_ONCE',
  principalsPerBatch: 'PRINCIPALS_PER_BATCH',
  rateShare: 'RATE_SHARE',
  refreshEveryDays: 'REFRESH_EVERY_DAYS',
  graceDays: 'GRACE_DAYS',
  unusedAfterDays: 'UNUSED_AFTER_DAYS',
  notify: 'NOTIFY',
} as const;

/** About which runs subscribers get a message at the end: all, those that are not COMPLETE, or none. */
export const Notify = v.picklist(['always', 'problems', 'never']);
export type Notify = v.InferOutput<typeof Notify>;

const Text = v.pipe(v.string(), v.minLength(1));
const PositiveInteger = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d*$/, 'must be a positive whole number'),
  v.transform(Number),
);

export const HandlerEnvironment = v.object({
  [environmentNames.resultsBucket]: Text,
  /** Separated by commas. */
  [environmentNames.accountIds]: v.optional(
    v.pipe(
      Text,
      v.transform((list) => list.split(',')),
      v.array(AccountId),
    ),
  ),
  [environmentNames.memberRoleName]: v.optional(Text),
  [environmentNames.externalId]: v.optional(Text),
  [environmentNames.stsRegion]: v.optional(Text),
  [environmentNames.accountsAtOnce]: PositiveInteger,
  [environmentNames.principalsPerBatch]: PositiveInteger,
  [environmentNames.rateShare]: v.pipe(
    v.string(),
    v.transform(Number),
    v.number(),
    v.minValue(0.05, 'must be from 0.05 to 1'),
    v.maxValue(1, 'must be from 0.05 to 1'),
  ),
  [environmentNames.refreshEveryDays]: PositiveInteger,
  [environmentNames.graceDays]: v.pipe(
    v.string(),
    v.regex(/^\d+$/, 'must be a whole number of days'),
    v.transform(Number),
  ),
  [environmentNames.unusedAfterDays]: PositiveInteger,
  [environmentNames.notify]: Notify,
});
export type HandlerEnvironment = v.InferOutput<typeof HandlerEnvironment>;

/** Defaults of the settings that every deployment and every run on one machine starts from. */
export const defaultSettings = {
  /** Accounts side by side: each has its own buckets. */
  accountsAtOnce: 20,
  /** Every batch ends with a tail of unread reports, so few large batches are faster. */
  principalsPerBatch: 1000,
  /** Share of the rate that IAM leaves us which is used between two looks at the limit; 0.9 is polite. */
  rateShare: 0.99,
  /** What no sign of activity or change tells of is found after so many days at the latest. */
  refreshEveryDays: 7,
  /** A principal that is younger can't be unused yet: whoever made it may still be about to use it. */
  graceDays: 30,
  /** As in AWS's own unused-access findings, of IAM Access Analyzer and Security Hub. */
  unusedAfterDays: 90,
  /** Whoever is paged wants to hear of runs that lack something; a message a day about nothing is not read. */
  notify: 'problems',
} as const;

/** A handler of the workflow: the file in `lambda/` that holds it, without its ending. */
export const handlerNames = [
  'plan-run',
  'inventory-account',
  'audit-batch',
  'summarise-account',
  'summarise-run',
] as const;
export type HandlerName = (typeof handlerNames)[number];
