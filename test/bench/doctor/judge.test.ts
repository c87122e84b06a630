import type { Answer, Diagnosis, QuestionId } from '../../../core/contract/doctor/diagnosis.ts';
import { judge } from '../../../bench/doctor/judge.ts';
import { report, scores } from '../../../bench/doctor/report.ts';

const answer = (id: QuestionId, verdict: Answer['verdict'], callers: string[] = []): Answer =>
  ({ id, verdict, callers: callers.map((caller) => ({ caller })) }) as unknown as Answer;

const diagnosis = (calls: number, ...questions: Answer[]): Diagnosis =>
  ({ refused: { calls }, questions }) as unknown as Diagnosis;

test('callers of the truth are hits or misses, others are false positives, undecided ones are neither', () => {
  const [judged] = judge(diagnosis(9, answer('bursts', 'found', ['a', 'c', 'd'])), {
    found: { bursts: ['a', 'b'] },
    either: { bursts: ['d'] },
  });
  expect(judged).toMatchObject({ hits: ['a'], misses: ['b'], falsePositives: ['c'], lacksEvidence: false });
});

test.each([
  ['callers', 0, true],
  ['callers', 5, false],
  ['bursts', 0, false],
] as const)(
  '%s in order with %d throttled calls is a verdict without evidence: %s',
  (question, calls, lacksEvidence) => {
    expect(judge(diagnosis(calls, answer(question, 'in-order')), {})).toMatchObject([{ lacksEvidence }]);
  },
);

test('if the logs contain too little evidence, the verdict must be unknown', () => {
  const truth = { unknown: ['bursts'] } as const;
  expect(judge(diagnosis(1, answer('bursts', 'in-order')), truth)[0]?.lacksEvidence).toBe(true);
  expect(judge(diagnosis(1, answer('bursts', 'unknown')), truth)[0]?.lacksEvidence).toBe(false);
});

test('the report names each wrong answer with its scenario and seed', () => {
  const judgements = judge(diagnosis(9, answer('bursts', 'found', ['c'])), { found: { bursts: ['b'] } });
  const measured = [{ scenario: 'x', seed: 4, calls: 1, refused: 1, judgements }];
  expect(scores(measured).find(({ question }) => question === 'bursts')).toMatchObject({
    misses: 1,
    falsePositives: 1,
  });
  expect(report(measured)).toContain('x 4: bursts misses b (found)');
  expect(report(measured)).toContain('x 4: bursts names c by mistake');
});
