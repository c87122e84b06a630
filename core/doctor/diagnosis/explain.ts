import type { QuestionId } from '../../contract/doctor/diagnosis.ts';
import { allQuestions } from '../questions/all-questions.ts';
import { thresholdsOf, type Thresholds } from '../thresholds.ts';

/** What a question asks, how the answer is found, and its thresholds, as lines of text. */
export function explainInWords(id: QuestionId, thresholds: Thresholds): string[] {
  const question = allQuestions.find((one) => one.id === id);
  if (question === undefined) return [];
  return [
    `${question.id}: ${question.asks}`,
    '',
    question.method,
    '',
    'Verdicts: FOUND: at least one caller has this habit. In order: there is enough evidence, and no caller has it. Unknown: there is not enough evidence.',
    '',
    'Thresholds (change one with --threshold NAME=VALUE):',
    ...thresholdsOf(id, thresholds).map(({ name, value, meaning }) => `  ${name} = ${value}: ${meaning}`),
  ];
}
