import { DAY_MS } from '../ports/clock.ts';
import type { ManagedBy, PrincipalIdentity } from '../contract/evidence.ts';

/** Only AWS can create roles under this path (IAM User Guide, "Service-linked roles"). */
const SERVICE_LINKED = '/aws-service-role/';
/** IAM Identity Center creates roles for permission sets under this path, in some Regions one level deeper. */
const IDENTITY_CENTER = '/aws-reserved/sso.amazonaws.com/';

/** The AWS service that manages a principal, from its path, which is reserved for that service. Null: the account. */
export function managedBy({ type, path }: Pick<PrincipalIdentity, 'type' | 'path'>): ManagedBy | null {
  if (type !== 'role') return null;
  if (path.startsWith(SERVICE_LINKED)) return 'service';
  return path.startsWith(IDENTITY_CENTER) ? 'identityCenter' : null;
}

/**
 * Whether a finding may call a principal unused or recommend its removal. The account must be able to remove the
 * principal, and the principal must be old enough to have been used.
 * @param graceDays minimum age in days
 * @param now milliseconds since the epoch
 */
export const canBeRemoved = (
  principal: { readonly managedBy: ManagedBy | null; readonly createdAt: string },
  graceDays: number,
  now: number,
): boolean => principal.managedBy === null && now - Date.parse(principal.createdAt) >= graceDays * DAY_MS;
