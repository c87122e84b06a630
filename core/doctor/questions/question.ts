import type { Answer, CallerAnswer, QuestionId } from '../../contract/doctor/diagnosis.ts';
import type { LogQueryName, LogRow } from '../../ports/log-queries.ts';
import type { Evidence } from '../evidence.ts';

/** A question of the doctor: the query that it needs, and what its rows mean. */
export interface Question {
  readonly id: QuestionId;
  readonly query: LogQueryName;
  /** The question in words, for `--explain` and the page. */
  readonly asks: string;
  /** How the answer is found, and what it can't tell. */
  readonly method: string;
  answer(rows: readonly LogRow[], evidence: Evidence): Answer;
}

export const found = (id: QuestionId, summary: string, callers: readonly CallerAnswer[]): Answer => ({
  id,
  verdict: 'found',
  summary,
  reason: null,
  callers: [...callers],
});

export const inOrder = (id: QuestionId, summary: string): Answer => ({
  id,
  verdict: 'in-order',
  summary,
  reason: null,
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
