import * as can from '../../core/contract/answers/can.ts';
import * as diff from '../../core/contract/answers/diff.ts';
import * as estimate from '../../core/contract/answers/estimate.ts';
import * as organizationSetup from '../../core/contract/answers/organization-setup.ts';
import * as path from '../../core/contract/answers/path.ts';
import * as permission from '../../core/contract/answers/permission.ts';
import * as query from '../../core/contract/answers/query.ts';
import * as scan from '../../core/contract/answers/scan.ts';
import * as startedRun from '../../core/contract/answers/started-run.ts';
import * as who from '../../core/contract/answers/who.ts';
import * as diagnosis from '../../core/contract/doctor/diagnosis.ts';
import * as explanation from '../../core/contract/doctor/explanation.ts';
import * as evidence from '../../core/contract/evidence.ts';
import { AccountId, RunId } from '../../core/contract/execution-input.ts';
import * as finding from '../../core/contract/finding.ts';
import * as events from '../../core/contract/events.ts';
import * as organizationUse from '../../core/contract/organization-use/organization-use.ts';
import * as policies from '../../core/contract/policies.ts';
import * as recommendation from '../../core/contract/recommendation.ts';
import * as run from '../../core/contract/run.ts';
import * as timeline from '../../core/contract/calls/timeline.ts';
import * as trend from '../../core/contract/report/trend.ts';
import * as trust from '../../core/contract/trust.ts';

/** The modules with published schemas and their parts. */
export const contractModules: readonly Readonly<Record<string, unknown>>[] = [
  can,
  diff,
  estimate,
  organizationSetup,
  path,
  permission,
  query,
  scan,
  startedRun,
  who,
  diagnosis,
  explanation,
  events,
  evidence,
  finding,
  organizationUse,
  policies,
  recommendation,
  run,
  timeline,
  trend,
  trust,
  { AccountId, RunId },
];
