import type { EmulatedRole } from '../account.ts';
import { conditionsHold } from '../evaluation/conditions.ts';
import { RequestContext } from '../evaluation/request-context.ts';
import { statementsOf } from '../evaluation/statements.ts';
import { ServiceError } from '../service-error.ts';
import { iso, parameter, type Operation, type OperationContext } from './operation.ts';

const getCallerIdentity: Operation = ({ session }) => ({
  Arn: session.arn,
  UserId: session.userId,
  Account: session.accountId,
});

/** Maximum duration of a session that another role's session requests (role chaining). */
const CHAINED_MAX_SECONDS = 3_600;

const assumeRole: Operation = (context) => {
  const roleArn = parameter(context, 'RoleArn');
  const name = parameter(context, 'RoleSessionName');
  const seconds = Number(context.parameters.get('DurationSeconds') ?? 3_600);
  const invalid = (message: string): ServiceError => new ServiceError(400, 'ValidationError', message);
  if (!/^[\w+=,.@-]{2,64}$/.test(name)) throw invalid(`Invalid RoleSessionName: ${name}`);
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
  if (account === undefined || role === undefined || !trusts(role, context)) {
    throw new ServiceError(
      403,
      'AccessDenied',
      `User: ${context.session.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    );
  }
  const maxSeconds = context.session.kind === 'role' ? CHAINED_MAX_SECONDS : role.maxSessionDurationSeconds;
  if (seconds < 900 || seconds > maxSeconds) {
    const chained = context.session.kind === 'role' ? ' for roles assumed by role chaining' : '';
    throw invalid(`The requested DurationSeconds exceeds the MaxSessionDuration set for this role${chained}.`);
  }
  // IAM shows whole seconds.
  const expiresAt = Math.floor(context.clock.now() / 1000 + seconds) * 1000;
  const arn = `arn:aws:sts::${account.accountId}:assumed-role/${role.name}/${name}`;
  const userId = `${role.id}:${name}`;
  const issued = context.sessions.issue({
    accountId: account.accountId,
    callerAccountId: context.session.accountId,
    arn,
    userId,
    kind: 'role',
    issuedAt: context.clock.now(),
    expiresAt,
  });
  return {
    Credentials: {
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      SessionToken: issued.sessionToken,
      Expiration: iso(expiresAt),
    },
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
  };
};

/** Whether the trust policy names the caller or its account, and the conditions of an Allow statement are true. */
function trusts(role: EmulatedRole, { session, parameters }: OperationContext): boolean {
  const request = new RequestContext();
  const externalId = parameters.get('ExternalId');
  if (externalId !== null) request.set('sts:ExternalId', [externalId]);
  request.set('aws:PrincipalArn', [principalArn(session.arn)]);
  const policyText = JSON.stringify(role.trustPolicy);
  const namesCaller =
    policyText.includes(`arn:aws:iam::${session.accountId}:root`) || policyText.includes(principalArn(session.arn));
  return (
    namesCaller &&
    statementsOf(role.trustPolicy).some(
      (statement) => statement.allows && conditionsHold(statement.conditions, request, new Set()),
    )
  );
}

/**
 * The value of aws:PrincipalArn for a session: the role's ARN, without its path, which a session's ARN does not
 * contain.
 */
const principalArn = (arn: string): string =>
  arn.replace(/^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:aws:iam::$1:role/$2');

export const stsOperations: Readonly<Record<string, Operation>> = {
  GetCallerIdentity: getCallerIdentity,
  AssumeRole: assumeRole,
};
