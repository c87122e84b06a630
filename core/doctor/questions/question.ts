import type { Answer, CallerAnswer, QuestionId } from '../../contract/doctor/diagnosis.ts';
import type { LogRow } from '../../ports/log-queries.ts';
import type { Evidence } from '../evidence.ts';

/** A question of the doctor: what the rows of its query mean. The query has the question's ID as its name. */
export interface Question {
  readonly id: QuestionId;
  /** The question in words, for `--explain` and the page. */
  readonly asks: string;
  /** How the answer is found, and what it can't tell. */
  readonly method: string;
  answer(rows: readonly LogRow[], evidence: Evidence): Answer;
}

/** What an answer about IAM needs. */
export const IAM_LOGS_NEEDED =
  'An answer needs the IAM events, which are in the logs of us-east-1 (in other partitions, of the Region of IAM).';

/** @param reason about whom nothing is known */
export const found = (
  id: QuestionId,
  summary: string,
  callers: readonly CallerAnswer[],
  reason: string | null = null,
): Answer => ({
  id,
  verdict: 'found',
  summary,
  reason,
  callers: [...callers],
});

/** @param reason about whom nothing is known */
export const inOrder = (id: QuestionId, summary: string, reason: string | null = null): Answer => ({
  id,
  verdict: 'in-order',
  summary,
  reason,
  callers: [],
});

/** @param reason what would be needed for an answer */
export const unknown = (id: QuestionId, summary: string, reason: string): Answer => ({
  id,
  verdict: 'unknown',
  summary,
  reason,
  callers: [],
});
