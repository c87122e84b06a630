import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import { addAuditRole, addOperator, generateAccount } from '../../local/emulated-aws/generate/account.ts';

export const FORMER_HUB = '111122223333';
/** When the run of the former version started. */
export const FORMER_START = Date.parse('2026-11-23T04:00:00Z');

/** The account that the former version audited. */
export function formerAccount(): EmulatedAccount {
  const account = generateAccount({ seed: 1, accountId: FORMER_HUB, users: 3, roles: 4, now: FORMER_START });
  addAuditRole(account, FORMER_HUB, FORMER_START);
  addOperator(account, FORMER_START);
  return account;
}
