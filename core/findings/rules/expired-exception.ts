import type { ExceptionRule } from '../rule.ts';

/** The pipeline makes these findings itself, where it applies exceptions. */
export const expiredException: ExceptionRule = {
  id: 'expired-exception',
  subject: 'exception',
  severity: 'low',
  meaning: 'Somebody took responsibility for findings until a day that has passed. They are reported again.',
  why: 'An exception is for a time. That it has ended should be decided, not forgotten.',
  remedy: 'Remedy what it was for, or have its owner renew it with a new day and reason; then take the old one out.',
};
