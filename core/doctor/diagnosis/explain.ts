import type { QuestionId } from '../../contract/doctor/diagnosis.ts';
import type { Explanation } from '../../contract/doctor/explanation.ts';
import { allQuestions } from '../questions/all-questions.ts';
import { thresholdsOf, type Thresholds } from '../thresholds.ts';

/** What a question asks, how the answer is found, and its thresholds. Null if there is no such question. */
export function explain(id: QuestionId, thresholds: Thresholds): Explanation | null {
  const question = allQuestions.find((one) => one.id === id);
  if (question === undefined) return null;
  const { asks, method } = question;
  return { schemaVersion: 1, id, asks, method, thresholds: thresholdsOf(id, thresholds) };
}

/** The explanation as lines of text. */
export const explanationInWords = ({ id, asks, method, thresholds }: Explanation): string[] => [
  `${id}: ${asks}`,
  '',
  method,
  '',
  'Verdicts: FOUND: at least one caller has this habit. In order: there is enough evidence, and no caller has it. Unknown: there is not enough evidence.',
  '',
  'Thresholds (change one with --threshold NAME=VALUE):',
  ...thresholds.map(({ name, value, meaning }) => `  ${name} = ${value}: ${meaning}`),
];
