import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { Recommendation } from '../../../core/contract/recommendation.ts';
import type { StoredPolicy } from '../../../core/policies/read-policies.ts';
import { Candidates } from '../../../core/recommendations/observed-use.ts';
import { recommend, type Outcome } from '../../../core/recommendations/recommend.ts';
import { principalRecord, type RecordSketch } from '../../support/principal-record.ts';

/** A case of `test/fixtures/recommendations/cases.json`. */
interface Case {
  name: string;
  type?: 'user' | 'role';
  record?: RecordSketch;
  policies: (Partial<StoredPolicy> & { version?: string; statements: unknown[] | null })[];
  services: NonNullable<RecordSketch['services']>;
  expect: {
    /** Default: `recommended`. */
    outcome?: string;
    statements?: unknown[];
    removed?: object;
    /** Each must be part of a sentence. */
    notJudged?: string[];
    /** The steps must contain these texts, in this order. */
    apply?: string[];
  };
}

const NOW = Date.parse('2026-11-25T04:00:00.000Z');
const RUN = '20261125T040000Z-abcdef';

function outcomeOf({ type = 'role', record, policies, services }: Omit<Case, 'name' | 'expect'>): Outcome | null {
  const candidates = new Candidates({ graceDays: 30, unusedAfterDays: 90 }, NOW);
  const candidate = candidates.candidate(principalRecord({ type, services, ...record }));
  const held = policies.map(({ statements, version = '2012-10-17', ...policy }): StoredPolicy => ({
    kind: 'inline',
    name: 'own',
    group: null,
    ...policy,
    document: statements === null ? null : JSON.stringify({ Version: version, Statement: statements }),
  }));
  const basis = { runId: RUN, unusedAfterDays: 90, generatedAt: new Date(NOW).toISOString() };
  return candidate === null ? null : recommend(candidate, held, basis);
}

const cases = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/recommendations/cases.json'), 'utf8'),
) as Case[];

test.each(cases.map((one) => [one.name, one] as const))('%s', (_name, given) => {
  const outcome = outcomeOf(given);
  const { outcome: expected = 'recommended', statements, removed, notJudged = [], apply = [] } = given.expect;
  expect(outcome === null ? 'no candidate' : outcome.kind === 'refused' ? outcome.code : outcome.kind).toBe(expected);
  if (outcome?.kind !== 'recommended') return;
  const { recommendation } = outcome;
  expect(v.parse(Recommendation, JSON.parse(JSON.stringify(recommendation)))).toEqual(recommendation);
  if (statements !== undefined) expect(recommendation.policy).toEqual({ Version: '2012-10-17', Statement: statements });
  if (removed !== undefined) expect(recommendation.removed).toMatchObject(removed);
  for (const text of notJudged) {
    expect(recommendation.notJudged).toContainEqual(expect.stringContaining(text));
  }
  let from = 0;
  for (const text of apply) {
    const at = recommendation.apply.findIndex((step, index) => index >= from && step.includes(text));
    expect([text, at]).not.toEqual([text, -1]);
    from = at + 1;
  }
});

test.each<[number, 'user' | 'role', RegExp | null, string]>([
  [50, 'user', null, 'put-user-policy'],
  [
    100,
    'user',
    /too long for an inline policy of a user \(2048 characters\), but fits in a managed policy/,
    'attach-user-policy',
  ],
  [100, 'role', null, 'put-role-policy'],
  [600, 'role', /10240 characters\) and for a managed policy \(6144 characters\)/, 'Split'],
])('%i statements of a %s: %s', (count, type, note, step) => {
  const statements = Array.from({ length: count }, (_, n) => ({ Effect: 'Allow', Action: 'kms:*', Resource: `k${n}` }));
  const one = { Effect: 'Allow', Action: ['kms:*', 'sqs:*'], Resource: '*' };
  const services = { kms: '2026-11-20T00:00:00.000Z', sqs: null };
  const outcome = outcomeOf({ type, policies: [{ statements: [...statements.slice(0, count / 2), one] }], services });
  if (outcome?.kind !== 'recommended') throw new Error('not recommended');
  const { size, policy, apply } = outcome.recommendation;
  expect(size.characters).toBe(JSON.stringify(policy).length);
  if (note === null) expect(size.note).toBeNull();
  else expect(size.note).toMatch(note);
  expect(apply.join('\n')).toContain(step);
});
