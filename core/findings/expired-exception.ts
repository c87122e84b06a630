import type { ExceptionRule } from './rule.ts';

export const expiredException: ExceptionRule = {
  id: 'expired-exception',
  subject: 'exception',
  severity: 'medium where it fits a finding that is open again, otherwise low',
  meaning: 'An exception in the exceptions file has expired, so that it suppresses nothing any more.',
  why: 'Somebody took responsibility until that day. What was accepted then is open again, and nobody may know.',
  remedy: 'Remedy what it excepted, or let its owner decide anew; then remove the entry or give it another day.',
};
