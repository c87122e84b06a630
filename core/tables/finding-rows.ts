import * as v from 'valibot';
import { Path } from '../contract/answers/path.ts';
import type { Finding } from '../contract/finding.ts';
import type { TableRow } from '../contract/tables/tables.ts';
import { joined } from './principal-rows.ts';

export function findingRow(runId: string, finding: Finding): TableRow<'findings'> {
  return {
    run_id: runId,
    account_id: finding.accountId,
    finding_id: finding.id,
    rule: finding.rule,
    severity: finding.severity,
    state: finding.state,
    principal_arn: finding.principalArn,
    title: finding.title,
    detail: finding.detail,
    controls: joined(finding.controls),
    first_seen: finding.firstSeen,
    exception_owner: finding.exception?.owner ?? null,
    exception_expires: finding.exception?.expires ?? null,
    // The paths are rows of `access_paths`.
    evidence: JSON.stringify({ ...finding.evidence, paths: undefined }),
  };
}

/** Findings of other rules have no paths. */
const Paths = v.object({ paths: v.array(Path) });

/** The steps of the paths of a finding; none for a resolved one, whose paths are those of an earlier day. */
export function* pathRows(runId: string, finding: Finding): Generator<TableRow<'access_paths'>> {
  if (finding.state === 'resolved') return;
  const parsed = v.safeParse(Paths, finding.evidence);
  if (!parsed.success) return;
  for (const [index, path] of parsed.output.paths.entries()) {
    for (const [place, step] of path.steps.entries()) {
      yield {
        run_id: runId,
        account_id: finding.accountId,
        principal_arn: finding.principalArn,
        principal_type: finding.principalArn.split(':')[5]?.split('/')[0] ?? null,
        path: index + 1,
        steps: path.steps.length,
        step: place + 1,
        from_arn: step.from,
        by_action: step.by,
        to_arn: step.to,
        technique: step.technique,
        end_arn: path.to,
        gain: path.gain,
        certainty: path.certainty,
        missing: joined(path.missing),
        finding_id: finding.id,
      };
    }
  }
}
