import type { ManagedBy } from '../../contract/evidence.ts';
import type { TrustedParty } from '../../contract/trust.ts';
import type { ActionBits, Power } from './abilities.ts';

/** A principal as something that others may come to act as. */
export interface PrincipalView {
  readonly arn: string;
  readonly managedBy: ManagedBy | null;
  readonly isAdministrator: boolean;
  /** Null where its permissions could not be had. */
  readonly power: Power | null;
  /** What its permissions boundary takes away; null: it has none, as far as is known. */
  readonly withheld: ActionBits | null;
}

export interface RoleView extends PrincipalView {
  /** Services that its trust policy lets in, such as `lambda.amazonaws.com`; null where that can't be read. */
  readonly services: ReadonlySet<string> | null;
  readonly trust: readonly TrustedParty[] | null;
}

export interface UserView extends PrincipalView {
  /** Active or not, of which IAM allows two; null where the credential report does not tell. */
  readonly accessKeys: number | null;
}
