import * as v from 'valibot';
import { AccountId } from '../execution-input.ts';
import type { Immutable } from './immutable.ts';

/** An answer that AWS may deny to the caller. */
export const SetupAnswer = v.variant('known', [
  v.object({ known: v.literal(true), yes: v.boolean() }),
  v.object({ known: v.literal(false), reason: v.string() }),
]);
export type SetupAnswer = Immutable<v.InferOutput<typeof SetupAnswer>>;

/** What `member-template --check --json` prints: whether StackSets can deploy the member role from the caller's account. */
export const OrganizationSetup = v.object({
  schemaVersion: v.literal(1),
  accountId: AccountId,
  /** Null: the account is in no organization. */
  organization: v.nullable(
    v.object({
      organizationId: v.string(),
      managementAccountId: AccountId,
      allFeatures: v.boolean(),
      /** Whether trusted access of StackSets is activated. */
      trustedAccess: SetupAnswer,
      /** Whether the caller's account is a delegated administrator for StackSets. */
      delegatedAdministrator: SetupAnswer,
    }),
  ),
  /** The right value of `memberRole.callAs`. Null: this account can't deploy StackSets to the organization. */
  callAs: v.nullable(v.picklist(['SELF', 'DELEGATED_ADMIN'])),
  /** Whether everything is known to be in place. */
  ready: v.boolean(),
});
export type OrganizationSetup = Immutable<v.InferOutput<typeof OrganizationSetup>>;
