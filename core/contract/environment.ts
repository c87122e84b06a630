import * as v from 'valibot';
import { AccountOrUnit } from './execution-input.ts';

/** Names of the environment variables that constructs set and handlers read. */
export const environmentNames = {
  resultsBucket: 'RESULTS_BUCKET',
  accounts: 'ACCOUNTS',
  accountList: 'ACCOUNT_LIST',
  include: 'INCLUDE',
  exclude: 'EXCLUDE',
  memberRoleName: 'MEMBER_ROLE_NAME',
  externalId: 'EXTERNAL_ID',
  sourceIdentity: 'SOURCE_IDENTITY',
  sessionTags: 'SESSION_TAGS',
  stsRegion: 'STS_REGION',
  accountsAtOnce: 'ACCOUNTS_AT_ONCE',
  principalsPerBatch: 'PRINCIPALS_PER_BATCH',
  rateShare: 'RATE_SHARE',
  maxRate: 'MAX_RATE',
  refreshEveryDays: 'REFRESH_EVERY_DAYS',
  refreshIdleEveryDays: 'REFRESH_IDLE_EVERY_DAYS',
  graceDays: 'GRACE_DAYS',
  unusedAfterDays: 'UNUSED_AFTER_DAYS',
  notify: 'NOTIFY',
  metricsNamespace: 'METRICS_NAMESPACE',
} as const;

/**
 * The runs for which subscribers get a message at the end: all; those with new or resolved critical or high findings, or with
 * other accounts that could not be audited; the same, and each Monday; those that are not COMPLETE; none.
 */
export const Notify = v.picklist(['always', 'news', 'weekly', 'problems', 'never']);
export type Notify = v.InferOutput<typeof Notify>;

const Text = v.pipe(v.string(), v.minLength(1));
const Targets = v.optional(
  v.pipe(
    v.string(),
    v.transform((list) => (list === '' ? [] : list.split(','))),
    v.array(AccountOrUnit),
  ),
  '',
);
const PositiveInteger = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d*$/, 'must be a positive whole number'),
  v.transform(Number),
);

/** The allowed values of the setting `rateShare`. */
export const shareBounds = { least: 0.05, most: 1 } as const;
/** The allowed values of the setting `maxRate`, in calls per second. At the lowest one, a call is sent every 100 s. */
export const rateBounds = { least: 0.01, most: 1_000 } as const;

export const HandlerEnvironment = v.object({
  [environmentNames.resultsBucket]: Text,
  /** The four below are set for PlanRun only. `listed`: the accounts of the object that the next variable names. */
  [environmentNames.accounts]: v.optional(v.picklist(['this', 'organization', 'listed']), 'this'),
  /** `s3://bucket/key`: a JSON list of account IDs. */
  [environmentNames.accountList]: v.optional(
    v.pipe(
      Text,
      v.regex(/^s3:\/\/[^/]+\/.+$/, 'must be s3://bucket/key'),
      v.transform((address) => new URL(address)),
      v.transform(({ hostname, pathname }) => ({ bucket: hostname, key: pathname.slice(1) })),
    ),
  ),
  /** Separated by commas. */
  [environmentNames.include]: Targets,
  [environmentNames.exclude]: Targets,
  [environmentNames.memberRoleName]: v.optional(Text),
  [environmentNames.externalId]: v.optional(Text),
  [environmentNames.sourceIdentity]: v.optional(Text),
  /** A JSON object of tags. */
  [environmentNames.sessionTags]: v.optional(
    v.pipe(Text, v.parseJson(undefined, 'must be JSON'), v.record(v.string(), v.string())),
  ),
  [environmentNames.stsRegion]: v.optional(Text),
  [environmentNames.accountsAtOnce]: PositiveInteger,
  [environmentNames.principalsPerBatch]: PositiveInteger,
  [environmentNames.rateShare]: v.pipe(
    v.string(),
    v.transform(Number),
    v.number(),
    v.minValue(shareBounds.least, `must be from ${shareBounds.least} to ${shareBounds.most}`),
    v.maxValue(shareBounds.most, `must be from ${shareBounds.least} to ${shareBounds.most}`),
  ),
  [environmentNames.maxRate]: v.optional(
    v.pipe(
      Text,
      v.transform(Number),
      v.number('must be a number'),
      v.minValue(rateBounds.least, `must be from ${rateBounds.least} to ${rateBounds.most}`),
      v.maxValue(rateBounds.most, `must be from ${rateBounds.least} to ${rateBounds.most}`),
    ),
  ),
  [environmentNames.refreshEveryDays]: PositiveInteger,
  [environmentNames.refreshIdleEveryDays]: PositiveInteger,
  [environmentNames.graceDays]: v.pipe(
    v.string(),
    v.regex(/^\d+$/, 'must be a whole number of days'),
    v.transform(Number),
  ),
  [environmentNames.unusedAfterDays]: PositiveInteger,
  [environmentNames.notify]: Notify,
  [environmentNames.metricsNamespace]: Text,
  /** Lambda sets it. Messages link to the report in this Region. */
  AWS_REGION: v.optional(Text),
});
export type HandlerEnvironment = v.InferOutput<typeof HandlerEnvironment>;

/** Default settings of deployments and of runs on one machine. */
export const defaultSettings = {
  /** Accounts audited at the same time. Each account has its own token buckets. */
  accountsAtOnce: 20,
  /** Each batch ends with a wait for its last reports, so a few large batches are faster. */
  principalsPerBatch: 1000,
  /** Share of the available IAM rate that is used between two measurements of the limit. 0.9 leaves more for others. */
  rateShare: 0.99,
  /** Days after which all data is read again, even if no activity or change is visible. */
  refreshEveryDays: 7,
  /** The same for last-accessed data of principals that the inventory proves to be idle. */
  refreshIdleEveryDays: 30,
  /** A newer principal does not count as unused, because its first use may still follow. */
  graceDays: 30,
  /** The same as in the unused-access findings of IAM Access Analyzer and Security Hub. */
  unusedAfterDays: 90,
  /** A daily message without news would be ignored, also on the day when it has some. An alarm tells that no run succeeds. */
  notify: 'news',
} as const;

/**
 * The workflow's handlers: file names in `lambda/` without extension. A deployment has `organization-use` only if the
 * setting `accounts` is `organization`, `name-culprits` only with the setting `doctor`, and `import-findings` only with the setting
 * `securityHub`.
 */
export const handlerNames = [
  'plan-run',
  'inventory-account',
  'audit-batch',
  'summarise-account',
  'organization-use',
  'summarise-run',
  'name-culprits',
  'import-findings',
] as const;
export type HandlerName = (typeof handlerNames)[number];

/** The functions of a deployment, by handler. */
export type FunctionsByName<Deployed> = Readonly<
  Record<Exclude<HandlerName, OptionalHandler>, Deployed> & Partial<Record<OptionalHandler, Deployed>>
>;
type OptionalHandler = 'organization-use' | 'name-culprits' | 'import-findings';
