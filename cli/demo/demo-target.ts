import type { MemberRole } from '../../aws/account-access.ts';
import type { ExecutionInput } from '../../core/contract/execution-input.ts';
import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import type { OrganizationSettings } from '../../local/emulated-aws/organization.ts';

/** What a demo audits. */
export interface DemoTarget {
  readonly accounts: readonly EmulatedAccount[];
  readonly organization: OrganizationSettings | null;
  /** The user whose credentials the audit has. */
  readonly caller: { readonly accountId: string; readonly userName: string };
  readonly memberRole: MemberRole | null;
  readonly input: ExecutionInput;
  /** Number of principals in each account. */
  readonly principals: number;
  /** Completes "Auditing …". */
  readonly inWords: string;
}
