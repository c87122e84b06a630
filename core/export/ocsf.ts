import type { Finding, FindingState, Severity } from '../contract/finding.ts';
import { withoutControls } from '../wording/html.ts';
import { partitionOf, ruleOf, runTime, type ExportedRun } from './exported-run.ts';

/** OCSF 1.5.0, class Detection Finding (2004) in the category Findings (2). */
const VERSION = '1.5.0';
const CATEGORY = { category_uid: 2, category_name: 'Findings' } as const;
const CLASS = { class_uid: 2004, class_name: 'Detection Finding' } as const;

const severityIds: Readonly<Record<Severity, number>> = { critical: 5, high: 4, medium: 3, low: 2 };
const captions: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
};

/** `activity_id`: 1 Create, 2 Update, 3 Close. */
const activities: Readonly<Record<FindingState, readonly [id: number, name: string]>> = {
  new: [1, 'Create'],
  open: [2, 'Update'],
  suppressed: [2, 'Update'],
  resolved: [3, 'Close'],
};
/** `status_id`: 1 New, 3 Suppressed, 4 Resolved. Not 2 In Progress: the audit does not know whether anybody works on a finding. */
const statuses: Readonly<Record<FindingState, readonly [id: number, name: string]>> = {
  new: [1, 'New'],
  open: [1, 'New'],
  suppressed: [3, 'Suppressed'],
  resolved: [4, 'Resolved'],
};

/**
 * A finding as an OCSF event. `finding_info.uid` is the same every day.
 * @param time ISO 8601
 * @param accountName its ID, if the account's name is not known
 */
export function ocsfFinding(finding: Finding, time: string, accountName: string): Record<string, unknown> {
  const { id, rule, severity, state, accountId, principalArn, title, detail, firstSeen, controls, evidence } = finding;
  const text = ruleOf(finding);
  const [activityId, activity] = activities[state];
  const [statusId, status] = statuses[state];
  return {
    ...CATEGORY,
    ...CLASS,
    activity_id: activityId,
    activity_name: activity,
    type_uid: CLASS.class_uid * 100 + activityId,
    type_name: `${CLASS.class_name}: ${activity}`,
    time: Date.parse(time),
    time_dt: time,
    severity_id: severityIds[severity],
    severity: captions[severity],
    status_id: statusId,
    status,
    message: withoutControls(title),
    finding_info: {
      uid: id,
      title: withoutControls(title),
      desc: withoutControls(detail === '' ? title : detail),
      types: [rule],
      created_time: Date.parse(firstSeen),
      created_time_dt: firstSeen,
      first_seen_time: Date.parse(firstSeen),
      first_seen_time_dt: firstSeen,
      last_seen_time: Date.parse(time),
      last_seen_time_dt: time,
      analytic: { uid: rule, name: rule, type: 'Rule', type_id: 1 },
    },
    ...(text === null ? {} : { remediation: { desc: text.remedy } }),
    resources: [
      {
        uid: principalArn,
        name: principalArn.split('/').at(-1) ?? principalArn,
        type: principalArn.includes(':user/')
          ? 'AWS::IAM::User'
          : principalArn.includes(':role/')
            ? 'AWS::IAM::Role'
            : 'AWS::Account',
        cloud_partition: partitionOf(principalArn),
        region: 'global',
        labels: [],
        group: { name: 'iam' },
      },
    ],
    cloud: {
      provider: 'AWS',
      account: { uid: accountId, name: withoutControls(accountName), type: 'AWS Account', type_id: 10 },
      region: 'global',
    },
    metadata: {
      version: VERSION,
      event_code: rule,
      uid: id,
      profiles: ['cloud', 'datetime'],
      product: { name: 'IAM audit', vendor_name: 'IAM audit', uid: 'iam-audit' },
    },
    unmapped: { controls, evidence },
  };
}

/** All findings of a run as OCSF events. */
export async function* ocsfFindings({ run, findings }: ExportedRun): AsyncGenerator {
  const time = runTime(run);
  const names = new Map(run.accounts.map(({ accountId, name }) => [accountId, name ?? accountId]));
  for await (const finding of findings) {
    yield ocsfFinding(finding, time, names.get(finding.accountId) ?? finding.accountId);
  }
}
