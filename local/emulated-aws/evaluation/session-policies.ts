import { ServiceError } from '../service-error.ts';
import type { Session } from '../sessions.ts';
import { decide, type Decision } from './decide.ts';
import type { RequestContext } from './request-context.ts';

/** What the session policies decide. A session without them is not limited. */
export function sessionDecision(
  { assumed }: Session,
  action: string,
  resource: string,
  context: RequestContext,
): Decision {
  if (assumed === undefined || assumed.policies === null) return 'allowed';
  const policies = assumed.policies.map((document) => ({ id: 'session', type: 'session', document }));
  return decide(policies, action, resource, context, new Set()).decision;
}

/** @throws ServiceError AccessDenied, in AWS's words, if the session policies do not allow the call */
export function requireSessionPermission(
  session: Session,
  action: string,
  resource: string,
  context: RequestContext,
): void {
  const decision = sessionDecision(session, action, resource, context);
  if (decision === 'allowed') return;
  const reason =
    decision === 'explicitDeny'
      ? 'with an explicit deny in a session policy'
      : `because no session policy allows the ${action} action`;
  throw new ServiceError(
    403,
    'AccessDenied',
    `User: ${session.arn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
  );
}
