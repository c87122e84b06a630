import { questionIds, type QuestionId } from '../../core/contract/doctor/diagnosis.ts';
import type { Measured } from './measure.ts';

export interface QuestionScore {
  readonly question: QuestionId;
  readonly hits: number;
  readonly misses: number;
  readonly falsePositives: number;
  readonly withoutEvidence: number;
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
      falsePositives: sum(({ falsePositives }) => falsePositives.length),
      withoutEvidence: sum(({ lacksEvidence }) => (lacksEvidence ? 1 : 0)),
    };
  });

const share = (part: number, whole: number): string => (whole === 0 ? '-' : (part / whole).toFixed(3));

/** A table of the scores, then one line for each wrong answer. */
export function report(measured: readonly Measured[]): string {
  const rows = scores(measured).map(({ question, hits, misses, falsePositives, withoutEvidence }) =>
    [
      question.padEnd(17),
      share(hits, hits + falsePositives).padStart(9),
      share(hits, hits + misses).padStart(7),
      ...[hits, misses, falsePositives, withoutEvidence].map((count) => String(count).padStart(7)),
    ].join(' '),
  );
  const head = `${'question'.padEnd(17)} precision  recall    hits  misses   false  without evidence`;
  return [head, ...rows, '', ...mistakes(measured)].join('\n');
}

function mistakes(measured: readonly Measured[]): string[] {
  const lines = measured.flatMap(({ scenario, seed, judgements }) =>
    judgements.flatMap(({ question, verdict, misses, falsePositives, lacksEvidence }) => [
      ...misses.map((caller) => `${scenario} ${seed}: ${question} misses ${caller} (${verdict})`),
      ...falsePositives.map((caller) => `${scenario} ${seed}: ${question} names ${caller} by mistake`),
      ...(lacksEvidence
        ? [`${scenario} ${seed}: ${question} says ${verdict}, but the logs contain too little evidence`]
        : []),
    ]),
  );
  return lines.length === 0 ? ['No wrong answer.'] : lines;
}
