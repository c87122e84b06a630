import { AwsFault } from '../core/ports/aws-fault.ts';

/** The code of an account's error if its role could not be assumed. AWS's own code, AccessDenied, is also that of reads. */
export const ASSUME_ROLE_DENIED = 'AssumeRoleDenied';

/** The part of AWS's message that names the policy which decided. AWS adds it only for some policies of the caller. */
const DECIDING_POLICY = /\b(?:because no|with an explicit deny in an?) .+$/;

/** The action in AWS's message, if it is one that describes the session. */
const DESCRIBING_ACTION = /not authorized to perform: (sts:SetSourceIdentity|sts:TagSession)\b/;

/**
 * An error that says why a role could not be assumed, as far as AWS says it. For a role that does not exist, a role that does
 * not trust the caller, and a wrong external ID, AWS returns the same answer, so the message names all three.
 *
 * If no other application has the role, its message has at most 200 characters, because the workflow cuts longer messages.
 */
export function assumeRoleFault(fault: AwsFault, roleArn: string): AwsFault {
  if (fault.kind !== 'denied' || !/^AccessDenied/.test(fault.code)) return fault;
  const [, , , , accountId = '', resource = ''] = roleArn.split(':');
  const path = resource.replace(/^role\//, '');
  const name = path.split('/').at(-1) ?? '';
  const decidedBy = DECIDING_POLICY.exec(fault.message)?.[0];
  const action = DESCRIBING_ACTION.exec(fault.message)?.[1];
  const message =
    decidedBy !== undefined
      ? `Account ${accountId}: the caller may not assume role ${path}: ${decidedBy}`
      : action !== undefined
        ? `Account ${accountId}: role ${path}: ${missingAction(action)}`
        : `Account ${accountId}: role ${path} is missing, does not trust the caller, or needs another external ID (AWS does not say which). Check there: aws iam get-role --role-name ${name}`;
  return new AwsFault(fault.kind, ASSUME_ROLE_DENIED, message, { cause: fault });
}

/** AWS gives the same answer if a session that has a source identity requests another one. */
const missingAction = (action: string): string =>
  `the trust policy and the caller’s policies must allow ${action}${action === 'sts:TagSession' ? '' : ', and the caller must not have another source identity'}`;
