import type { Finding } from '../../contract/finding.ts';
import type { DaysAgo, FindingRow } from '../../contract/report/report-data.ts';
import type { Values } from './values.ts';

/**
 * Converts a finding to a row of the report's data.
 * @param principals by ARN: the index of the principals that are in the report
 */
export function findingRow(
  finding: Finding,
  principals: ReadonlyMap<string, number>,
  values: Values,
  daysAgo: (time: string) => DaysAgo,
): FindingRow {
  const { id, rule, severity, state, accountId, principalArn, title, detail, evidence, firstSeen, exception } = finding;
  const principal = principals.get(principalArn);
  return {
    id,
    r: values.ref(rule),
    sev: severity,
    st: state,
    ...(principal === undefined && accountId !== principalArn.split(':')[4] ? { acc: accountId } : {}),
    p: principal ?? principalArn,
    title,
    detail,
    ev: evidence,
    since: daysAgo(firstSeen),
    ...(exception === null ? {} : { ex: exception }),
  };
}
