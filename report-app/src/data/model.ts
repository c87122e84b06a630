import type { ManagedBy, Status } from '../../../core/contract/evidence.ts';
import type { Acceptance, FindingState, Severity } from '../../../core/contract/finding.ts';
import type {
  CredentialsRow,
  DecisionRow,
  PoliciesRow,
  RecommendationRow,
  ReportEnd,
  ReportHead,
  ReportRule,
  ServiceName,
} from '../../../core/contract/report/report-data.ts';
import type { TrustedParty } from '../../../core/contract/trust.ts';

/** A use in AWS's tracking period. */
export interface Use {
  readonly namespace: string;
  readonly name: string;
  readonly daysAgo: number;
  readonly region: string | null;
  readonly actions: ReadonlyMap<string, number>;
  /** Actions that AWS tracks and that were not used. */
  readonly unusedActions: readonly string[];
}

export interface Decision {
  readonly action: string;
  readonly decision: DecisionRow[1];
  readonly missingContext: readonly string[];
  readonly resources: DecisionRow[3];
  readonly stopped: DecisionRow[4];
  readonly categories: readonly string[];
}

export interface Principal {
  readonly index: number;
  readonly account: Account;
  readonly arn: string;
  readonly type: 'user' | 'role';
  readonly name: string;
  readonly path: string;
  readonly createdDaysAgo: number;
  readonly status: Status;
  /** Days since the last activity; null: none in the tracking period; undefined: not known. */
  readonly activity: number | null | undefined;
  readonly tags: readonly (readonly [key: string, value: string])[];
  readonly problems: readonly string[];
  readonly managedBy: ManagedBy | null;
  readonly used: readonly Use[];
  readonly unused: readonly ServiceName[];
  readonly lastAccessedStatus: Status;
  readonly permissionsStatus: Status;
  readonly lastAccessedDaysAgo: number;
  readonly permissionsDaysAgo: number;
  readonly isEvaluated: boolean;
  readonly decisions: readonly Decision[];
  readonly trust: readonly TrustedParty[] | null;
  readonly credentials: CredentialsRow | null;
  /** Active, suppressed and resolved findings, most severe first. */
  readonly findings: Finding[];
  policies: PoliciesRow | null;
  recommendation: RecommendationRow | null;
}

export interface Grounds {
  readonly policy: string;
  readonly statement: string;
}

export interface PathStep {
  readonly from: string;
  readonly to: string;
  /** The principal that the step changes without acting as it. Null: none. */
  readonly changes: string | null;
  readonly by: string;
  readonly actions: readonly string[];
  readonly reference: string;
  readonly grounds: readonly Grounds[];
}

/** A way to more permissions, from the evidence of a finding. */
export interface AccessPath {
  readonly steps: readonly PathStep[];
  readonly to: string;
  readonly gain: string;
  readonly certainty: string;
  readonly missing: readonly string[];
  readonly targets: readonly string[];
  readonly targetCount: number;
}

export interface Finding {
  readonly id: string;
  readonly rule: string;
  readonly ruleText: ReportRule | null;
  readonly severity: Severity;
  readonly state: FindingState;
  readonly accountId: string;
  /** Null for a finding on the account, and for a principal that is not in the report. */
  readonly principal: Principal | null;
  readonly arn: string;
  readonly title: string;
  readonly detail: string;
  /** Read from the data when it is first needed, as `detail` and `paths` are. */
  readonly evidence: Readonly<Record<string, unknown>>;
  /** Certain ways first, then short ones. */
  readonly paths: readonly AccessPath[];
  /** The same, with `OWN_ARN` in place of the principal's ARN. Findings of several principals share them. */
  readonly sharedPaths: readonly AccessPath[];
  readonly sinceDaysAgo: number;
  readonly exception: Acceptance | null;
}

export type Account = ReportHead['run']['accounts'][number] & { readonly index: number; readonly root: string };

export interface Report {
  readonly head: ReportHead;
  readonly partition: string;
  readonly accounts: readonly Account[];
  readonly principals: readonly Principal[];
  readonly byArn: ReadonlyMap<string, Principal>;
  readonly findings: readonly Finding[];
  /** Texts of policies by key: see `documentKey`. */
  readonly documents: ReadonlyMap<string, string>;
  readonly end: ReportEnd;
}

/** The key of a document in `Report.documents`. @param of the index of the principal of an inline or trust policy */
export const documentKey = (of: number | null, kind: string, name: string): string => JSON.stringify([of, kind, name]);

/** Whether a finding is neither resolved nor suppressed. */
export const isActive = ({ state }: Pick<Finding, 'state'>): boolean => state === 'new' || state === 'open';

/** The name at the end of an ARN, such as `role deploy`. */
export function shortName(arn: string): string {
  const resource = arn.split(':').slice(5).join(':');
  const [type = '', ...path] = resource.split('/');
  const name = path.at(-1);
  return name === undefined ? resource || arn : `${type} ${name}`;
}
