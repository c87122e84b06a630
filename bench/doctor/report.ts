import { questionIds, type QuestionId } from '../../core/contract/doctor/diagnosis.ts';
import type { Measured } from './measure.ts';

export interface QuestionScore {
  readonly question: QuestionId;
  readonly hits: number;
  readonly misses: number;
  readonly falseAccusations: number;
  readonly overconfident: number;
}

/** Counts of each question over all scenarios and seeds. */
export const scores = (measured: readonly Measured[]): QuestionScore[] =>
  questionIds.map((question) => {
    const own = measured.flatMap(({ judgements }) => judgements.filter((judgement) => judgement.question === question));
    const sum = (count: (judgement: (typeof own)[number]) => number): number =>
      own.reduce((total, judgement) => total + count(judgement), 0);
    return {
      question,
      hits: sum(({ hits }) => hits.length),
      misses: sum(({ misses }) => misses.length),
      falseAccusations: sum(({ falseAccusations }) => falseAccusations.length),
      overconfident: sum(({ isOverconfident }) => (isOverconfident ? 1 : 0)),
    };
  });

const share = (part: number, whole: number): string => (whole === 0 ? '-' : (part / whole).toFixed(3));

/** A table of the scores, then one line for each wrong answer. */
export function report(measured: readonly Measured[]): string {
  const rows = scores(measured).map(({ question, hits, misses, falseAccusations, overconfident }) =>
    [
      question.padEnd(17),
      share(hits, hits + falseAccusations).padStart(9),
      share(hits, hits + misses).padStart(7),
      ...[hits, misses, falseAccusations, overconfident].map((count) => String(count).padStart(7)),
    ].join(' '),
  );
  const head = `${'question'.padEnd(17)} precision  recall    hits  misses   false  overconfident`;
  return [head, ...rows, '', ...mistakes(measured)].join('\n');
}

function mistakes(measured: readonly Measured[]): string[] {
  const lines = measured.flatMap(({ scenario, seed, judgements }) =>
    judgements.flatMap(({ question, verdict, misses, falseAccusations, isOverconfident }) => [
      ...misses.map((caller) => `${scenario} ${seed}: ${question} misses ${caller} (${verdict})`),
      ...falseAccusations.map((caller) => `${scenario} ${seed}: ${question} accuses ${caller}`),
      ...(isOverconfident ? [`${scenario} ${seed}: ${question} says ${verdict}, where nothing is known`] : []),
    ]),
  );
  return lines.length === 0 ? ['No wrong answer.'] : lines;
}
