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
  const isRaw = texts.includes(OWN_ARN) || texts.includes(OWN_NAME);
  const shared = (text: string): string => (isRaw ? text : withoutPrincipal(text, principalArn));
  const lists = Object.entries(evidence).filter(([, value]) => typeof value === 'object' && value !== null);
  const json = JSON.stringify(Object.fromEntries(lists));
  const fields = Object.entries(evidence).filter(([, value]) => typeof value !== 'object' || value === null);
  return {
    id,
    r: values.ref(rule),
    sev: severity,
    st: state,
    ...(principal === undefined && accountId !== principalArn.split(':')[4] ? { acc: accountId } : {}),
    p: principal ?? principalArn,
    title: values.ref(shared(title)),
    detail: values.ref(shared(detail)),
    ...(fields.length === 0 ? {} : { fields: Object.fromEntries(fields) }),
    ...(lists.length === 0 ? {} : { lists: values.refOfJson(isRaw ? json : withoutArn(json, principalArn)) }),
    since: daysAgo(firstSeen),
    ...(exception === null ? {} : { ex: exception }),
    ...(isRaw ? { raw: true } : {}),
  };
}

/** Shorter names are part of many words. */
const SHORTEST_NAME = 4;

/** Replaces the principal's ARN, and the name at its end. */
function withoutPrincipal(text: string, arn: string): string {
  const withoutArns = text.replaceAll(arn, OWN_ARN);
  const name = arn.split('/').at(-1) ?? '';
  return name.length < SHORTEST_NAME ? withoutArns : withoutArns.replaceAll(name, OWN_NAME);
}

/**
 * Replaces strings of JSON text that are the principal's ARN. Not its name: a principal may be called `steps` or
 * `administrator`, as a field or a value of the evidence is.
 */
const withoutArn = (json: string, arn: string): string => json.replaceAll(JSON.stringify(arn), JSON.stringify(OWN_ARN));
