import { accountOf, nameOf, type CallerIdentity, type RecordedCall } from './recorded-call.ts';

const wholeSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** `userIdentity` of a record in the caller's account. */
export function userIdentity({ caller, invokedBy }: RecordedCall): Record<string, unknown> {
  const via = invokedBy === undefined ? {} : { invokedBy };
  switch (caller.kind) {
    case 'user':
      return {
        type: 'IAMUser',
        principalId: caller.principalId,
        arn: caller.arn,
        accountId: caller.accountId,
        accessKeyId: caller.accessKeyId,
        userName: nameOf(caller.arn),
        ...via,
      };
    case 'session':
      return { ...assumedRole(caller), ...via };
    case 'webIdentity': {
      const { providerArn, audience, subject } = caller;
      const principalId = `${providerArn}:${audience}:${subject}`;
      return { type: 'WebIdentityUser', principalId, userName: subject, identityProvider: providerArn };
    }
    case 'root':
      return {
        type: 'Root',
        principalId: caller.accountId,
        arn: `arn:aws:iam::${caller.accountId}:root`,
        accountId: caller.accountId,
        accessKeyId: caller.accessKeyId,
        ...via,
      };
    case 'service':
      return { type: 'AWSService', invokedBy: caller.service };
  }
}

function assumedRole({
  accountId,
  roleArn,
  roleId,
  sessionName,
  accessKeyId,
  issuedAtMs,
  sourceIdentity,
}: Extract<CallerIdentity, { kind: 'session' }>): Record<string, unknown> {
  const userName = nameOf(roleArn);
  return {
    type: 'AssumedRole',
    principalId: `${roleId}:${sessionName}`,
    // A session's ARN has no path.
    arn: `arn:aws:sts::${accountId}:assumed-role/${userName}/${sessionName}`,
    accountId,
    accessKeyId,
    sessionContext: {
      sessionIssuer: { type: 'Role', principalId: roleId, arn: roleArn, accountId, userName },
      attributes: { creationDate: wholeSeconds(issuedAtMs), mfaAuthenticated: 'false' },
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    },
  };
}

/** `userIdentity` of the copy in the role's account, for a caller of another account. It has no ARN. */
export function foreignIdentity(caller: CallerIdentity): Record<string, unknown> {
  const principalId =
    caller.kind === 'session'
      ? `${caller.roleId}:${caller.sessionName}`
      : caller.kind === 'user'
        ? caller.principalId
        : '';
  return { type: 'AWSAccount', principalId, accountId: callerAccount(caller) ?? '' };
}

/** The account in which CloudTrail records the caller's side; null for callers that have none. */
export function callerAccount(caller: CallerIdentity): string | null {
  switch (caller.kind) {
    case 'user':
    case 'session':
    case 'root':
      return caller.accountId;
    case 'webIdentity':
      return accountOf(caller.providerArn);
    case 'service':
      return null;
  }
}
