import type { Credentials, DecisionKind, ManagedBy, Status } from '../evidence.ts';
import type { Acceptance, FindingState, Severity } from '../finding.ts';
import type { UnitUse } from '../organization-use/organization-use.ts';
import type { PolicyLine } from '../policies.ts';
import type { Recommendation } from '../recommendation.ts';
import type { RunSummary } from '../run.ts';
import type { CallTimeline } from '../calls/timeline.ts';
import type { TrendPoint } from './trend.ts';
import type { TrustedParty } from '../trust.ts';

/**
 * The data of `report.html`: lines of JSON, compressed with gzip, as Base64 text. `core/report/` writes them and
 * `report-app/` reads them; both are of the same build, so the lines have no versions.
 *
 * The order of the lines: `head`; principals; findings; policies, documents and recommendations; `end`. A `value` line
 * comes before the first line that names its number.
 */
export type ReportLine =
  | readonly ['head', ReportHead]
  /** A value that several lines share. Values are numbered from 0, in the order of their lines. */
  | readonly ['value', unknown]
  /** The partition of the ARNs, such as `aws`. Before the first principal; missing without principals. */
  | readonly ['partition', string]
  | readonly ['principal', PrincipalRow]
  | readonly ['finding', FindingRow]
  | readonly ['policies', PoliciesRow]
  | readonly ['document', DocumentRow]
  | readonly ['recommendation', RecommendationRow]
  | readonly ['end', ReportEnd];

/** The number of a `value` line whose value is of the type. */
export type Ref<T> = number & { readonly type?: T };

/** Whole days from a time to the report's, in UTC. Negative for a later time. */
export type DaysAgo = number;

export interface ReportHead {
  /** When the report was made, ISO 8601. */
  readonly generatedAt: string;
  readonly run: RunSummary;
  /** What the run's status means, in a sentence. */
  readonly meaning: string;
  readonly scope: string;
  readonly notes: readonly ReportNote[];
  readonly rules: readonly ReportRule[];
  /** The sensitive actions that are checked, with the reasons why each is sensitive. */
  readonly catalogue: readonly (readonly [action: string, categories: readonly string[]])[];
  /** The state of each account's root user, in a few words. */
  readonly root: readonly (readonly [accountId: string, words: string])[];
  /** What policies allow and the organization stops: by action, the number of accounts and of principals. */
  readonly stopped: readonly (readonly [action: string, accounts: number, principals: number])[];
  readonly units: readonly UnitUse[];
  /** Earlier runs and this one, oldest first. */
  readonly trend: readonly TrendPoint[];
  readonly timeline: CallTimeline | null;
}

export interface ReportNote {
  readonly kind: 'information' | 'warning' | 'error';
  readonly text: string;
}

export interface ReportRule {
  readonly id: string;
  readonly severity: string;
  readonly meaning: string;
  readonly why: string;
  readonly remedy: string;
  readonly controls: readonly string[];
}

/** A service that was used, its last use, the Region, the last uses of its actions, and the actions that AWS tracks and that were not used. */
export type UsedService = readonly [
  service: Ref<ServiceName>,
  lastUsed: DaysAgo,
  region: Ref<string> | null,
  actions: readonly (readonly [action: Ref<string>, lastUsed: DaysAgo])[],
  unusedActions: Ref<readonly string[]>,
];
export type ServiceName = readonly [namespace: string, name: string];

/** An action, its decision for `*`, missing context keys, narrower resources, and what the organization and a boundary stop. */
export type DecisionRow = readonly [
  action: string,
  decision: DecisionKind,
  missingContext: readonly string[],
  resources: readonly (readonly [arn: string, decision: DecisionKind])[],
  stopped: readonly ('organization' | 'boundary')[],
];

export interface PrincipalRow {
  /** Index in `run.accounts`. */
  readonly a: number;
  readonly t: 'user' | 'role';
  readonly n: string;
  readonly p: string;
  /** Only if it does not follow from the other fields. */
  readonly arn?: string;
  readonly created: DaysAgo;
  readonly s: Status;
  /** Last activity; null: none in AWS's tracking period. Missing: not known. */
  readonly act?: DaysAgo | null;
  readonly tags?: Ref<readonly (readonly [key: string, value: string])[]>;
  readonly problems?: Ref<readonly string[]>;
  readonly managed?: ManagedBy;
  readonly used: readonly UsedService[];
  /** Services that are allowed and were not used. */
  readonly unused?: Ref<readonly ServiceName[]>;
  /** Status of last-accessed data and of permissions. Missing: COMPLETE. */
  readonly ls?: Status;
  readonly ps?: Status;
  /** Days since AWS made the data, if this is not the report's day. */
  readonly lAsOf?: DaysAgo;
  readonly pAsOf?: DaysAgo;
  readonly evaluated?: true;
  /** Decisions of actions that are not plainly denied. */
  readonly can?: Ref<readonly DecisionRow[]>;
  readonly trust?: Ref<readonly TrustedParty[]>;
  readonly cred?: CredentialsRow;
}

export interface CredentialsRow {
  readonly password: Credentials['passwordEnabled'];
  readonly passwordUsed: DaysAgo | null;
  readonly mfa: boolean;
  readonly keys: readonly (readonly [active: boolean, lastUsed: DaysAgo | null, rotated: DaysAgo | null])[];
  readonly certificates: number | null;
}

export interface FindingRow {
  readonly id: string;
  readonly r: Ref<string>;
  readonly sev: Severity;
  readonly st: FindingState;
  /** The account's ID, if it does not follow from the principal. */
  readonly acc?: string;
  /** Index of the principal in the report, or the ARN of another one. */
  readonly p: number | string;
  /** In these two, `OWN_ARN` and `OWN_NAME` stand for the principal's ARN and the name at its end. */
  readonly title: Ref<string>;
  readonly detail: Ref<string>;
  /** A string that is `OWN_ARN` stands for the principal's ARN. */
  readonly lists?: Ref<Readonly<Record<string, unknown>>>;
  /** The fields of the evidence that are single values. The others are in `lists`. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly since: DaysAgo;
  readonly ex?: Acceptance;
  /** Nothing was replaced, because the texts have these characters themselves. */
  readonly raw?: true;
}

/** Characters for private use, which IAM does not allow in names. */
export const OWN_ARN = '\ue000';
export const OWN_NAME = '\ue001';

export interface PoliciesRow {
  readonly p: number;
  readonly inline: readonly string[];
  readonly attached: readonly string[];
  readonly groups: readonly string[];
  readonly boundary: string | null;
}

/** The text of a policy. `of`: index of the principal of an inline or trust policy, or null for a managed or a group's policy. */
export interface DocumentRow {
  readonly of: number | null;
  readonly kind: 'inline' | 'trust' | 'managed' | 'group';
  /** The name of an inline policy, the ARN of a managed policy, or the group's name and the policy's name, with `/` between. */
  readonly name: string;
  readonly text: NonNullable<Extract<PolicyLine, { kind: 'managed' }>['document']>;
}

export interface RecommendationRow {
  readonly p: number;
  readonly policy: Recommendation['policy'];
  readonly replaces: Recommendation['replaces'];
  readonly removed: Recommendation['removed'];
  readonly notJudged: Recommendation['notJudged'];
  readonly apply: Recommendation['apply'];
  readonly note: string | null;
  /** Key of the recommendation's object. */
  readonly key: string;
}

export interface ReportEnd {
  /** Principals and findings of the run that are not in the report. */
  readonly omitted: { readonly principals: number; readonly findings: number };
  /** Whether texts of policies and recommendations were left out, so that the file stays small. */
  readonly documentsOmitted: boolean;
  readonly recommendationsOmitted: number;
  /** Why records or findings could not be read. */
  readonly unreadable: readonly string[];
}
