import type { QuestionId, Remedy } from '../../contract/doctor/diagnosis.ts';
import { accounts } from './accounts.ts';
import { backoff } from './backoff.ts';
import { bursts } from './bursts.ts';
import type { RemedyContext } from './examples/context.ts';
import { credentialCache } from './credential-cache.ts';
import { policyWrites } from './policy-writes.ts';
import { sessionDuration } from './session-duration.ts';
import { stsEndpoint } from './sts-endpoint.ts';

const SESSIONS = /^sts:(?:AssumeRole|GetSessionToken|GetFederationToken)/;
const IAM_READS = /^iam:(?:Get|List|Simulate|Generate)/;
const POLICY_WRITES =
  /^iam:(?:(?:Put|Delete|Attach|Detach)(?:Role|User|Group)Policy|(?:Create|Delete|SetDefault)PolicyVersion|UpdateAssumeRolePolicy)$/;

/** A caller that uses the rate up needs the remedy for what it calls most. */
const callers = (context: RemedyContext): Remedy => {
  const operation = context.operation ?? '';
  if (SESSIONS.test(operation)) return credentialCache(context);
  if (IAM_READS.test(operation)) return bursts(context);
  if (POLICY_WRITES.test(operation)) return policyWrites(context);
  return backoff(context);
};

/**
 * How a caller removes the cause that the question found, with examples for its client first. Nothing from the logs goes into
 * the text or the code, except ARNs of roles and names of Regions that have exactly that form.
 */
export const remedyFor = (question: QuestionId, context: RemedyContext): Remedy => {
  switch (question) {
    case 'callers':
      return callers(context);
    case 'backoff':
      return backoff(context);
    case 'credential-cache':
      return credentialCache(context);
    case 'session-duration':
      return sessionDuration(context);
    case 'bursts':
      return bursts(context);
    case 'policy-writes':
      return policyWrites(context);
    case 'sts-endpoint':
      return stsEndpoint(context);
    case 'accounts':
      return accounts();
  }
};
