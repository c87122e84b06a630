import { DAY_MS } from '../ports/clock.ts';
import type { ManagedBy, PrincipalIdentity } from '../contract/evidence.ts';

/** IAM lets only AWS itself make roles under this path (IAM User Guide, "Service-linked roles"). */
const SERVICE_LINKED = '/aws-service-role/';
/** Identity Center's permission sets become roles under it, in some Regions one level deeper. */
const IDENTITY_CENTER = '/aws-reserved/sso.amazonaws.com/';

/** Who keeps a principal, where that is not the account itself: told by its path, which nobody else may use. */
export function managedBy({ type, path }: Pick<PrincipalIdentity, 'type' | 'path'>): ManagedBy | null {
  if (type !== 'role') return null;
  if (path.startsWith(SERVICE_LINKED)) return 'service';
  return path.startsWith(IDENTITY_CENTER) ? 'identityCenter' : null;
}

/**
 * Whether it makes sense to say that a principal is unused or should go: somebody in the account can remove it, and
 * it is old enough to have been used.
 * @param graceDays how old that is
 * @param now milliseconds since the epoch
 */
export const canBeRemoved = (
  principal: { readonly managedBy: ManagedBy | null; readonly createdAt: string },
  graceDays: number,
  now: number,
): boolean => principal.managedBy === null && now - Date.parse(principal.createdAt) >= graceDays * DAY_MS;
