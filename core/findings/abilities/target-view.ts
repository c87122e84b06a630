import type { ManagedBy } from '../../contract/evidence.ts';
import type { TrustedParty } from '../../contract/trust.ts';
import type { ActionBits, Power } from './abilities.ts';

/** A principal that others may be able to act as: the target of an escalation path. */
export interface TargetView {
  readonly arn: string;
  readonly managedBy: ManagedBy | null;
  readonly isAdministrator: boolean;
  /** Null if its permissions could not be read. */
  readonly power: Power | null;
  /** Actions that only its permissions boundary denies; null if it is not known to have one. */
  readonly withheld: ActionBits | null;
}

export interface RoleTarget extends TargetView {
  /** Services that its trust policy trusts, such as `lambda.amazonaws.com`; null if it can't be read. */
  readonly services: ReadonlySet<string> | null;
  readonly trust: readonly TrustedParty[] | null;
}

export interface UserTarget extends TargetView {
  /** Number of access keys, active or not; null if the credential report has no row for the user. */
  readonly accessKeys: number | null;
}
