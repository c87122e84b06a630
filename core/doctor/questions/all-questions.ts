import { accounts } from './accounts.ts';
import { backoff } from './backoff.ts';
import { bursts } from './bursts.ts';
import { callers } from './callers.ts';
import { credentialCache } from './credential-cache.ts';
import { policyWrites } from './policy-writes.ts';
import type { Question } from './question.ts';
import { sessionDuration } from './session-duration.ts';
import { stsEndpoint } from './sts-endpoint.ts';

/** All questions, in the order in which the output shows them. */
export const allQuestions: readonly Question[] = [
  callers,
  backoff,
  credentialCache,
  sessionDuration,
  bursts,
  policyWrites,
  stsEndpoint,
  accounts,
];
