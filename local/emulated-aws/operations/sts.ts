import type { EmulatedAccount, EmulatedRole } from '../account.ts';
import { decideAssumeRole } from '../evaluation/assume-role.ts';
import { callerContext, callerOf } from '../evaluation/caller.ts';
import { UnknownOperator } from '../evaluation/conditions.ts';
import type { Decision } from '../evaluation/decide.ts';
import type { RequestContext } from '../evaluation/request-context.ts';
import { ServiceError } from '../service-error.ts';
import type { AssumedSession, Session } from '../sessions.ts';
import { assumeRoleInput, managedSessionPolicies, validationError, type AssumeRoleInput } from './assume-role-input.ts';
import { iso, type Operation, type OperationContext } from './operation.ts';

const getCallerIdentity: Operation = ({ session }) => ({
  Arn: session.arn,
  UserId: session.userId,
  Account: session.accountId,
});

/** Maximum duration of a session that another role's session requests (role chaining). */
const CHAINED_MAX_SECONDS = 3_600;

const assumeRole: Operation = (context) => {
  const input = assumeRoleInput(context);
  const { roleArn, sessionName } = input;
  const accountId = roleArn.split(':')[4] ?? '';
  if (!context.hasActiveSts(accountId)) {
    throw new ServiceError(
      403,
      'RegionDisabledException',
      `STS is not activated in this region for account:${accountId}. Your account administrator can activate STS in this region using the IAM Console.`,
    );
  }
  const account = context.accounts.get(accountId);
  const role = account?.roles.get(roleArn.split('/').at(-1) ?? '');
  // A role that does not exist, or has another path, is answered like one that does not trust the caller.
  if (account === undefined || role?.arn !== roleArn) throw denied(context.session, 'sts:AssumeRole', roleArn);
  authorize(context, input, role, account);
  const assumed = assumedSession(context.session, input, account);
  checkDuration(context.session, role, input.durationSeconds);
  // IAM shows whole seconds.
  const expiresAt = Math.floor(context.clock.now() / 1000 + input.durationSeconds) * 1000;
  const arn = `arn:aws:sts::${account.accountId}:assumed-role/${role.name}/${sessionName}`;
  const userId = `${role.id}:${sessionName}`;
  const issued = context.sessions.issue({
    accountId: account.accountId,
    callerAccountId: context.session.accountId,
    arn,
    userId,
    kind: 'role',
    issuedAt: context.clock.now(),
    expiresAt,
    assumed,
  });
  return {
    Credentials: {
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      SessionToken: issued.sessionToken,
      Expiration: iso(expiresAt),
    },
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
    ...(input.packedSize === null ? {} : { PackedPolicySize: input.packedSize }),
    ...(assumed.sourceIdentity === null ? {} : { SourceIdentity: assumed.sourceIdentity }),
  };
};

const denied = ({ arn }: Session, action: string, resource: string): ServiceError =>
  new ServiceError(
    403,
    'AccessDenied',
    `User: ${arn} is not authorized to perform: ${action} on resource: ${resource}`,
  );

/** @throws ServiceError AccessDenied if a policy of the role or of the caller does not allow the call */
function authorize(
  { session, accounts, organization, clock }: OperationContext,
  input: AssumeRoleInput,
  role: EmulatedRole,
  roleAccount: EmulatedAccount,
): void {
  const caller = callerOf(session, accounts);
  const context = callerContext(caller, organization, clock.now());
  addRequest(context, input, role, roleAccount);
  const actions = [
    'sts:AssumeRole',
    // A session keeps its source identity and its transitive tags, and both need the permission again.
    ...(input.sourceIdentity !== null || (session.assumed?.sourceIdentity ?? null) !== null
      ? ['sts:SetSourceIdentity']
      : []),
    ...(Object.keys(input.tags).length > 0 || (session.assumed?.transitiveTagKeys ?? []).length > 0
      ? ['sts:TagSession']
      : []),
  ];
  for (const action of actions) {
    const decision = evaluated(() => decideAssumeRole({ caller, role, roleAccount, action, context }));
    if (decision !== 'allowed') throw denied(session, action, role.arn);
  }
}

/** @throws ServiceError if a policy has an operator that IAM would not have stored */
function evaluated(decide: () => Decision): Decision {
  try {
    return decide();
  } catch (error: unknown) {
    if (error instanceof UnknownOperator) throw new ServiceError(400, 'MalformedPolicyDocument', error.message);
    throw error;
  }
}

/** Adds the context keys that depend on the request and on the role. */
function addRequest(
  context: RequestContext,
  { sessionName, externalId, sourceIdentity, tags, transitiveTagKeys }: AssumeRoleInput,
  role: EmulatedRole,
  { accountId }: EmulatedAccount,
): void {
  context.set('sts:RoleSessionName', [sessionName]);
  context.set('aws:ResourceAccount', [accountId]);
  if (externalId !== null) context.set('sts:ExternalId', [externalId]);
  if (sourceIdentity !== null) context.set('sts:SourceIdentity', [sourceIdentity]);
  for (const [key, value] of Object.entries(tags)) context.set(`aws:RequestTag/${key}`, [value]);
  if (Object.keys(tags).length > 0) context.set('aws:TagKeys', Object.keys(tags));
  if (transitiveTagKeys.length > 0) context.set('sts:TransitiveTagKeys', transitiveTagKeys);
  for (const [key, value] of Object.entries(role.tags)) {
    context.set(`aws:ResourceTag/${key}`, [value]);
    context.set(`iam:ResourceTag/${key}`, [value]);
  }
}

/** What the new session has from the request and from the session that calls. @throws ServiceError */
function assumedSession(
  session: Session,
  { roleArn, policy, policyArns, sourceIdentity, tags, transitiveTagKeys }: AssumeRoleInput,
  account: EmulatedAccount,
): AssumedSession {
  const { assumed } = session;
  const policies = [...(policy === null ? [] : [policy]), ...managedSessionPolicies(account, policyArns)];
  const keptKeys = assumed?.transitiveTagKeys ?? [];
  const kept = Object.fromEntries(keptKeys.map((key) => [key, assumed?.tags[key] ?? '']));
  const isKept = (key: string): boolean => keptKeys.some((one) => one.toLowerCase() === key.toLowerCase());
  if (Object.keys(tags).some(isKept)) {
    const message =
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";
    throw new ServiceError(400, 'InvalidParameterValue', message);
  }
  const keptIdentity = assumed?.sourceIdentity ?? null;
  // A source identity cannot change as long as roles are chained.
  if (keptIdentity !== null && sourceIdentity !== null && sourceIdentity !== keptIdentity) {
    throw denied(session, 'sts:SetSourceIdentity', roleArn);
  }
  return {
    policies: policies.length === 0 ? null : policies,
    tags: { ...tags, ...kept },
    transitiveTagKeys: [...keptKeys, ...transitiveTagKeys],
    sourceIdentity: keptIdentity ?? sourceIdentity,
  };
}

/** @throws ServiceError ValidationError */
function checkDuration({ kind }: Session, role: EmulatedRole, seconds: number): void {
  if (kind === 'role' && seconds > CHAINED_MAX_SECONDS) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  if (seconds > role.maxSessionDurationSeconds) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
}

export const stsOperations: Readonly<Record<string, Operation>> = {
  GetCallerIdentity: getCallerIdentity,
  AssumeRole: assumeRole,
};
