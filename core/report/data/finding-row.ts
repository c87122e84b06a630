import type { Finding } from '../../contract/finding.ts';
import { OWN_ARN, OWN_NAME, type DaysAgo, type FindingRow } from '../../contract/report/report-data.ts';
import type { Values } from './values.ts';

/**
 * Converts a finding to a row of the report's data. Findings that say the same of several principals share their texts and
 * evidence, so the principal's ARN and name are replaced in them.
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
  const texts = JSON.stringify([title, detail, evidence]);
  const isShared = !texts.includes(OWN_ARN) && !texts.includes(OWN_NAME);
  const shared = isShared ? replacing(principalArn) : (text: string): string => text;
  const lists = Object.entries(evidence).filter(([, value]) => typeof value === 'object' && value !== null);
  const fields = Object.entries(evidence).filter(([, value]) => typeof value !== 'object' || value === null);
  return {
    id,
    r: values.ref(rule),
    sev: severity,
    st: state,
    ...(principal === undefined && accountId !== principalArn.split(':')[4] ? { acc: accountId } : {}),
    p: principal ?? principalArn,
    title: values.refOfJson(shared(JSON.stringify(title))),
    detail: values.refOfJson(shared(JSON.stringify(detail))),
    ...(fields.length === 0 ? {} : { fields: Object.fromEntries(fields) }),
    ...(lists.length === 0 ? {} : { lists: values.refOfJson(shared(JSON.stringify(Object.fromEntries(lists)))) }),
    since: daysAgo(firstSeen),
    ...(exception === null ? {} : { ex: exception }),
    ...(isShared ? {} : { raw: true }),
  };
}

/** Shorter names are part of many words. */
const SHORTEST_NAME = 4;

/** Replaces the principal's ARN and name in JSON text. */
function replacing(arn: string): (json: string) => string {
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
  const name = arn.split('/').at(-1) ?? '';
  return (json) => {
    const withoutArn = json.replaceAll(inJson(arn), OWN_ARN);
    return name.length < SHORTEST_NAME ? withoutArn : withoutArn.replaceAll(inJson(name), OWN_NAME);
  };
}
