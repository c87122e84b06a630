import type { Diagnosis, QuestionId, Verdict } from '../../core/contract/doctor/diagnosis.ts';
import type { Truth } from './scenarios/scenario.ts';

/** How one answer compares with the truth. Callers are ARNs or names of services. */
export interface Judgement {
  readonly question: QuestionId;
  readonly verdict: Verdict;
  readonly hits: string[];
  readonly misses: string[];
  readonly falsePositives: string[];
  /** The verdict is not `unknown`, although the logs contain too little evidence. */
  readonly lacksEvidence: boolean;
}

/** Compares each answer with the truth. Without throttled calls, nothing is known about causes and retries. */
export function judge({ questions, refused }: Diagnosis, { found, either, unknown = [] }: Truth): Judgement[] {
  return questions.map(({ id, verdict, callers }) => {
    const named = [...new Set(callers.map(({ caller }) => caller))];
    const expected = found?.[id] ?? [];
    const undecided = either?.[id] ?? [];
    const mustBeUnknown = unknown.includes(id) || (refused.calls === 0 && (id === 'callers' || id === 'backoff'));
    return {
      question: id,
      verdict,
      hits: expected.filter((caller) => named.includes(caller)),
      misses: expected.filter((caller) => !named.includes(caller)),
      falsePositives: named.filter((caller) => !expected.includes(caller) && !undecided.includes(caller)),
      lacksEvidence: mustBeUnknown && verdict !== 'unknown',
    };
  });
}
