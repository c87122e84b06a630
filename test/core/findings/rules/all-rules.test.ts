import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountCredentials } from '../../../../core/contract/evidence.ts';
import { AccountPrincipals } from '../../../../core/findings/escalation/account-principals.ts';
import type { Draft, RuleContext } from '../../../../core/findings/rule.ts';
import { rules } from '../../../../core/findings/rules/all-rules.ts';
import { principalRecord, type RecordSketch } from '../../../support/principal-record.ts';

/** A case in the table of a rule, `test/fixtures/findings/<rule>.json`. */
interface Case {
  name: string;
  /** The principal that the rule checks; `root` for a rule on the root user. */
  record?: RecordSketch;
  root?: Partial<AccountCredentials>;
  /** Other principals of the account. */
  others?: RecordSketch[];
  graceDays?: number;
  unusedAfterDays?: number;
  now?: string;
  organizationId?: string;
  /** All expected findings, in order. Only the fields that are given are compared. */
  expect: (Partial<Draft> & { evidence?: Record<string, unknown> })[];
}

const folder = join(import.meta.dirname, '../../../fixtures/findings');
const tables = new Map(
  readdirSync(folder).map((file) => {
    const cases = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Case[];
    return [file.replace(/\.json$/, ''), cases] as const;
  }),
);

function drafts(ruleId: string, testCase: Case): readonly Draft[] {
  const rule = rules.find(({ id }) => id === ruleId);
  if (rule === undefined) throw new Error(`There is no rule ${ruleId}.`);
  const principals = new AccountPrincipals();
  const record = testCase.record === undefined ? null : principalRecord(testCase.record);
  for (const one of [...(record === null ? [] : [record]), ...(testCase.others ?? []).map(principalRecord)])
    principals.add(one);
  const context: RuleContext = {
    now: Date.parse(testCase.now ?? '2026-11-25T04:00:00.000Z'),
    graceDays: testCase.graceDays ?? 30,
    unusedAfterDays: testCase.unusedAfterDays ?? 90,
    principals,
    organizationId: testCase.organizationId ?? null,
  };
  if (rule.subject === 'principal' && record !== null) return rule.find(record, context);
  if (rule.subject === 'root' && testCase.root !== undefined) {
    return rule.find(
      { root: null, credentialReportAt: null, credentialReportAgeMinutes: null, problems: [], ...testCase.root },
      context,
    );
  }
  throw new Error(`Case "${testCase.name}" has no subject for ${ruleId}.`);
}

describe.each([...tables])('%s', (ruleId, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', (_name, testCase) => {
    const found = drafts(ruleId, testCase);
    expect(found.map(({ severity, title }) => `${severity}: ${title}`)).toHaveLength(testCase.expect.length);
    for (const [index, expected] of testCase.expect.entries()) {
      const { evidence = {}, ...rest } = expected;
      expect(found[index]).toMatchObject(rest);
      expect(found[index]?.evidence).toMatchObject(evidence);
    }
    // Keys must be unique, and evidence must be the same after it is written as JSON.
    expect(new Set(found.map(({ key }) => key)).size).toBe(found.length);
    for (const { evidence } of found) expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
  });

  test('has cases with a finding and cases without', () => {
    expect(cases.some(({ expect: found }) => found.length > 0)).toBe(true);
    expect(cases.some(({ expect: found }) => found.length === 0)).toBe(true);
  });
});

test('every rule on principals or root has a table of cases, and explains its meaning, reason and remedy', () => {
  expect(
    rules
      .filter(({ subject }) => subject !== 'exception')
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...tables.keys()].sort());
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  for (const { id, meaning, why, remedy } of rules) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const text of [meaning, why, remedy]) expect(text).toMatch(/^[A-Z].{20,}\.$/s);
  }
});
