import type * as v from 'valibot';
import { AccountSummary, RunSummary } from '../../core/contract/run.ts';
import { CanAnswer } from '../../core/contract/answers/can.ts';
import { DiffAnswer } from '../../core/contract/answers/diff.ts';
import { Estimate } from '../../core/contract/answers/estimate.ts';
import { OrganizationSetup } from '../../core/contract/answers/organization-setup.ts';
import { PathAnswer } from '../../core/contract/answers/path.ts';
import { QueryAnswer, QueryList } from '../../core/contract/answers/query.ts';
import { ScanAnswer } from '../../core/contract/answers/scan.ts';
import { StartedRun } from '../../core/contract/answers/started-run.ts';
import { WhoAnswer } from '../../core/contract/answers/who.ts';
import { Diagnosis } from '../../core/contract/doctor/diagnosis.ts';
import { Explanation } from '../../core/contract/doctor/explanation.ts';
import { PrincipalRecord } from '../../core/contract/evidence.ts';
import { Finding } from '../../core/contract/finding.ts';
import { eventTypes, NewCriticalFindingEvent, RunEndedEvent } from '../../core/contract/events.ts';
import { OrganizationUseLine, ProposedPolicies } from '../../core/contract/organization-use/organization-use.ts';
import { PolicyLine } from '../../core/contract/policies.ts';
import { Recommendation, RecommendationLine } from '../../core/contract/recommendation.ts';
import { Trend } from '../../core/contract/report/trend.ts';

interface PublishedSchema {
  readonly title: string;
  readonly schema: v.GenericSchema;
}

/** What other programs read, by the name of its file in `docs/schemas/`: answers of commands, then objects of a run. */
export const publishedSchemas: Readonly<Record<string, PublishedSchema>> = {
  who: { title: 'iam-audit who --json', schema: WhoAnswer },
  can: { title: 'iam-audit can --json', schema: CanAnswer },
  path: { title: 'iam-audit path --json', schema: PathAnswer },
  diff: { title: 'iam-audit diff --json', schema: DiffAnswer },
  query: { title: 'iam-audit query QUESTION --json', schema: QueryAnswer },
  'query-list': { title: 'iam-audit query --json', schema: QueryList },
  scan: { title: 'iam-audit scan --json', schema: ScanAnswer },
  estimate: { title: 'iam-audit estimate --json', schema: Estimate },
  doctor: { title: 'iam-audit doctor --json', schema: Diagnosis },
  'doctor-explanation': { title: 'iam-audit doctor --explain QUESTION --json', schema: Explanation },
  start: { title: 'iam-audit start --json', schema: StartedRun },
  'organization-setup': { title: 'iam-audit member-template --check --json', schema: OrganizationSetup },
  run: { title: 'run.json', schema: RunSummary },
  account: { title: 'account.json', schema: AccountSummary },
  principal: { title: 'A line of principals.jsonl', schema: PrincipalRecord },
  finding: { title: 'A line of findings.jsonl', schema: Finding },
  policy: { title: 'A line of policies.jsonl', schema: PolicyLine },
  recommendation: { title: 'recommendations/<type>-<name>.json', schema: Recommendation },
  'recommendation-line': { title: 'A line of recommendations/index.jsonl', schema: RecommendationLine },
  trend: { title: 'trend.json', schema: Trend },
  'organization-use': { title: 'A line of organization-use.jsonl', schema: OrganizationUseLine },
  'run-ended-event': { title: `Detail of the event "${eventTypes.runEnded}"`, schema: RunEndedEvent },
  'new-critical-finding-event': {
    title: `Detail of the event "${eventTypes.newCriticalFinding}"`,
    schema: NewCriticalFindingEvent,
  },
  scp: { title: 'scp/<unit>.json', schema: ProposedPolicies },
};
