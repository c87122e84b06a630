import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountCredentials } from '../../../../core/contract/evidence.ts';
import { AccountPrincipals } from '../../../../core/findings/escalation/account-principals.ts';
import type { Draft, RuleContext } from '../../../../core/findings/rule.ts';
import { rules } from '../../../../core/findings/rules/all-rules.ts';
import { principalRecord, type RecordSketch } from '../../../support/principal-record.ts';

/** A case of a rule's table: `test/fixtures/findings/<rule>.json`. */
interface Case {
  name: string;
  /** What the rule looks at; of a rule on root, what the account's credentials are. */
  record?: RecordSketch;
  root?: Partial<AccountCredentials>;
  /** Other principals of the account. */
  others?: RecordSketch[];
  graceDays?: number;
  unusedAfterDays?: number;
  now?: string;
  organizationId?: string;
  /** Nothing but these, in this order; of each only the fields that the case names are compared. */
  expect: (Partial<Draft> & { evidence?: Record<string, unknown> })[];
}

const folder = join(import.meta.dirname, '../../../fixtures/findings');
const tables = new Map(
  readdirSync(folder).map((file) => {
    const cases = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Case[];
    return [file.replace(/\.json$/, ''), cases] as const;
  }),
);

function drafts(ruleId: string, given: Case): readonly Draft[] {
  const rule = rules.find(({ id }) => id === ruleId);
  if (rule === undefined) throw new Error(`There is no rule ${ruleId}.`);
  const principals = new AccountPrincipals();
  const record = given.record === undefined ? null : principalRecord(given.record);
  for (const one of [...(record === null ? [] : [record]), ...(given.others ?? []).map(principalRecord)])
    principals.add(one);
  const context: RuleContext = {
    now: Date.parse(given.now ?? '2026-11-25T04:00:00.000Z'),
    graceDays: given.graceDays ?? 30,
    unusedAfterDays: given.unusedAfterDays ?? 90,
    principals,
    organizationId: given.organizationId ?? null,
  };
  if (rule.subject === 'principal' && record !== null) return rule.find(record, context);
  if (rule.subject === 'root' && given.root !== undefined) {
    return rule.find(
      { root: null, credentialReportAt: null, credentialReportAgeMinutes: null, problems: [], ...given.root },
      context,
    );
  }
  throw new Error(`Case "${given.name}" gives ${ruleId} nothing to look at.`);
}

describe.each([...tables])('%s', (ruleId, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', (_name, given) => {
    const found = drafts(ruleId, given);
    expect(found.map(({ severity, title }) => `${severity}: ${title}`)).toHaveLength(given.expect.length);
    for (const [index, expected] of given.expect.entries()) {
      const { evidence = {}, ...rest } = expected;
      expect(found[index]).toMatchObject(rest);
      expect(found[index]?.evidence).toMatchObject(evidence);
    }
    // What tells findings apart must do so, and evidence must survive being written as JSON.
    expect(new Set(found.map(({ key }) => key)).size).toBe(found.length);
    for (const { evidence } of found) expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
  });

  test('has cases that find something and cases that must not', () => {
    expect(cases.some(({ expect: found }) => found.length > 0)).toBe(true);
    expect(cases.some(({ expect: found }) => found.length === 0)).toBe(true);
  });
});

test('every rule that looks at something has a table, and says what it means, why it matters and what to do', () => {
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
