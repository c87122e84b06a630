import { DAY_MS } from '../../core/ports/clock.ts';
import {
  addAuditRole,
  addOperator,
  AUDIT_ROLE,
  generateAccount,
  OPERATOR,
} from '../../local/emulated-aws/generate/account.ts';
import { placeInOrganization } from '../../local/emulated-aws/generate/organization.ts';
import { systemClock } from '../../local/system-clock.ts';
import type { DemoTarget } from './demo-target.ts';

/** ID of the first emulated account, which runs the audit. */
const HUB = 111_122_223_333;

export interface GeneratedDemo {
  readonly principals: number;
  readonly accounts: number;
  readonly organization: boolean;
  readonly seed: number;
}

/** Generated accounts. A second demo on the same day generates the same ones. */
export function generatedTarget(options: GeneratedDemo): DemoTarget {
  const now = Math.floor(systemClock.now() / DAY_MS) * DAY_MS;
  const accounts = Array.from({ length: options.accounts }, (_, n) => {
    const users = Math.floor(options.principals * 0.3);
    const account = generateAccount({
      seed: options.seed + n,
      accountId: String(HUB + n),
      users,
      roles: Math.max(0, options.principals - users - (n === 0 ? 2 : 1)),
      now,
    });
    addAuditRole(account, String(HUB), now, `arn:aws:iam::${HUB}:user/${OPERATOR}`);
    if (n === 0) addOperator(account, now);
    return account;
  });
  const isOne = options.accounts === 1;
  return {
    accounts,
    organization: options.organization ? placeInOrganization(accounts) : null,
    caller: { accountId: String(HUB), userName: OPERATOR },
    memberRole: { roleName: AUDIT_ROLE, externalId: null },
    input: options.organization
      ? { accounts: 'organization' }
      : { accountIds: accounts.map(({ accountId }) => accountId) },
    principals: options.principals,
    inWords: `${options.accounts} emulated account${isOne ? '' : 's'}${options.organization ? ' of an organization' : ''} with ${options.principals} principals${isOne ? '' : ' each'}.`,
  };
}
