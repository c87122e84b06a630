import type { AccountDirectory, EmulatedAccount, EmulatedRole, EmulatedUser } from '../account.ts';
import type { OrganizationView } from '../organization.ts';
import type { Session } from '../sessions.ts';
import { principalContext, RequestContext } from './request-context.ts';
import type { CallerNames } from './trust.ts';

/** The caller of a request. */
export interface Caller extends CallerNames {
  /** The session's user or role in the emulated account; null if the account does not have it. */
  readonly principal: EmulatedUser | EmulatedRole | null;
  readonly account: EmulatedAccount | undefined;
  readonly session: Session;
}

/** Finds the user or role of a session. A session's ARN has the role's name, but not its path. */
export function callerOf(session: Session, accounts: AccountDirectory): Caller {
  const { accountId, arn, kind } = session;
  const account = accounts.get(accountId);
  const name = (kind === 'role' ? arn.split('/')[1] : arn.split('/').at(-1)) ?? '';
  const principal = (kind === 'role' ? account?.roles.get(name) : account?.users.get(name)) ?? null;
  return {
    accountId,
    account,
    session,
    principal,
    principalArn: principal?.arn ?? (kind === 'role' ? `arn:aws:iam::${accountId}:role/${name}` : arn),
    sessionArn: kind === 'role' ? arn : null,
    hasBoundary: principal !== null && principal.permissionsBoundaryArn !== null,
  };
}

/**
 * The context keys that AWS sets for every request of the caller (IAM User Guide, "Global condition context keys").
 * @param organization called only if a policy names a key of the organization
 */
export function callerContext(
  caller: Caller,
  organization: () => OrganizationView | null,
  now: number,
): RequestContext {
  const { account, principal, session, principalArn, accountId } = caller;
  const context =
    account === undefined || principal === null ? new RequestContext() : principalContext(account, principal, now);
  const set = (key: string, value: string): void => {
    context.set(key, [value]);
  };
  set('aws:PrincipalArn', principalArn);
  set('aws:PrincipalAccount', accountId);
  set('aws:PrincipalType', session.kind === 'role' ? 'AssumedRole' : 'User');
  set('aws:PrincipalIsAWSService', 'false');
  set('aws:userid', session.kind === 'role' ? session.userId : (principal?.id ?? session.userId));
  set('aws:SecureTransport', 'true');
  set('aws:CurrentTime', new Date(now).toISOString());
  set('aws:EpochTime', String(Math.floor(now / 1000)));
  if (session.kind === 'role') set('aws:MultiFactorAuthPresent', 'false');
  const { assumed } = session;
  if (assumed !== undefined && assumed.sourceIdentity !== null) set('aws:SourceIdentity', assumed.sourceIdentity);
  // A session tag replaces the role's tag with the same key.
  for (const [key, value] of Object.entries(assumed?.tags ?? {})) set(`aws:PrincipalTag/${key}`, value);
  const inOrganization = (read: (view: OrganizationView, path: string) => string) => (): string[] | undefined => {
    const view = organization();
    const path = view === null ? null : organizationPath(view, accountId);
    return view === null || path === null ? undefined : [read(view, path)];
  };
  context.setLater(
    'aws:PrincipalOrgID',
    inOrganization(({ id }) => id),
  );
  context.setLater(
    'aws:PrincipalOrgPaths',
    inOrganization((_view, path) => path),
  );
  return context;
}

/** `o-id/r-id/ou-id/`, with the units from the root down to the account's parent; null if the account is not a member. */
export function organizationPath({ id, nodes }: OrganizationView, accountId: string): string | null {
  const account = nodes.get(accountId);
  if (account === undefined) return null;
  const units: string[] = [];
  for (let parent = account.parentId; parent !== null; parent = nodes.get(parent)?.parentId ?? null) {
    units.unshift(parent);
  }
  return `${[id, ...units].join('/')}/`;
}
