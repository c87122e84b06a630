import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../../../core/catalogue/catalogue.ts';
import type { AccountCredentials } from '../../../../core/contract/evidence.ts';
import { AccessGraph } from '../../../../core/access/graph/access-graph.ts';
import { accountAccess } from '../../../../core/objects/stored-access.ts';
import type { Draft, RuleContext } from '../../../../core/findings/rule.ts';
import { rules } from '../../../../core/findings/rules/all-rules.ts';
import { principalRecord, type RecordSketch } from '../../../support/principal-record.ts';

/** A case in the table of a rule, `test/fixtures/findings/<rule>.json`. */
interface Case {
  name: string;
  /** The principal that the rule checks; `root` for a rule on the root user. */
  record?: RecordSketch;
  root?: Partial<AccountCredentials>;
  graceDays?: number;
  unusedAfterDays?: number;
  now?: string;
  organizationId?: string;
  /** All expected findings, in order. Only the fields that are given are compared. */
  expect: (Partial<Draft> & { evidence?: Record<string, unknown> })[];
}

/** Rules that also use other principals. Their cases are whole accounts: test/core/scan/cases.test.ts. */
const rulesWithAccounts = ['escalation-path'];

const folder = join(import.meta.dirname, '../../../fixtures/findings');
const tables = new Map(
  readdirSync(folder).map((file) => {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll('{catalogueSize}', String(catalogue.length));
    const cases = JSON.parse(text) as Case[];
    return [file.replace(/\.json$/, ''), cases] as const;
  }),
);

function drafts(ruleId: string, testCase: Case): readonly Draft[] {
  const rule = rules.find(({ id }) => id === ruleId);
  if (rule === undefined) throw new Error(`There is no rule ${ruleId}.`);
  const record = testCase.record === undefined ? null : principalRecord(testCase.record);
  const now = Date.parse(testCase.now ?? '2026-11-25T04:00:00.000Z');
  const facts = {
    accountId: '111122223333',
    partition: 'aws',
    now,
    organization: { id: 'unknown' },
    isManagementAccount: null,
    serviceControl: null,
  } as const;
  const context: RuleContext = {
    now,
    graceDays: testCase.graceDays ?? 30,
    unusedAfterDays: testCase.unusedAfterDays ?? 90,
    access: new AccessGraph(accountAccess(facts, [], [])),
    organizationId: testCase.organizationId ?? null,
  };
  if (rule.subject === 'principal' && record !== null) return rule.find(record, context);
  if (rule.subject === 'root' && testCase.root !== undefined) {
    return rule.find(
      {
        ...{ root: null, credentialReportAt: null, credentialReportAgeMinutes: null, problems: [] },
        ...{ usersWithPassword: null, passwordPolicy: null },
        ...testCase.root,
      },
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
      .filter(({ subject }) => subject === 'principal' || subject === 'root')
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...tables.keys(), ...rulesWithAccounts].sort());
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  for (const { id, meaning, why, remedy, controls } of rules) {
    for (const control of controls) expect(control).toMatch(/^(?:CIS 3\.0 1\.\d+|FSBP IAM\.\d+)$/);
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const text of [meaning, why, remedy]) expect(text).toMatch(/^[A-Z].{20,}\.$/s);
  }
});
