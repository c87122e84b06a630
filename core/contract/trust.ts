import * as v from 'valibot';

/**
 * The kind of principal that a trust policy trusts. `otherAccount`: the organization's accounts are not known.
 * `everyone`: any AWS principal, unless `organizationIds` limits it. `deleted`: a deleted principal, which can't be
 * created again. `unknown`: a principal in an unknown form, which may match anyone.
 */
export const TrustKind = v.picklist([
  'sameAccount',
  'organizationAccount',
  'outsideAccount',
  'otherAccount',
  'service',
  'oidcProvider',
  'samlProvider',
  'everyone',
  'deleted',
  'unknown',
]);
export type TrustKind = v.InferOutput<typeof TrustKind>;

/** The request's value of `key` must be one of `values`. `like`: `*` and `?` in the values are wildcards. */
export const TrustRequirement = v.object({
  /** A condition key in lower case. */
  key: v.string(),
  match: v.picklist(['equals', 'like']),
  values: v.array(v.string()),
});
export type TrustRequirement = v.InferOutput<typeof TrustRequirement>;

/**
 * A principal that may assume a role, and the conditions. Conditions count as limits only if they certainly limit
 * access.
 */
export const TrustedParty = v.object({
  kind: TrustKind,
  /** The principal in the policy: an ARN, an account or a service; also `*` for `everyone`. */
  principal: v.string(),
  accountId: v.nullable(v.string()),
  /** For NotPrincipal: the excepted principals. */
  except: v.array(v.string()),
  /** Whether a specific `sts:ExternalId` is required. */
  externalId: v.boolean(),
  /** Subjects of the provider's tokens that are accepted; null: all. */
  oidcSubjects: v.nullable(v.array(v.string())),
  oidcAudiences: v.nullable(v.array(v.string())),
  /** Organizations that the caller must belong to; null: not limited. */
  organizationIds: v.nullable(v.array(v.string())),
  /** All conditions that certainly limit access, including those above. */
  requires: v.array(TrustRequirement),
  /** Keys of conditions that may or may not limit access further. */
  unjudged: v.array(v.string()),
  /** Whether a Deny statement denies a part that can't be determined. */
  deniedInPart: v.boolean(),
  /**
   * Whether strangers meet all conditions, and no Deny applies to them: principals of any account, or tokens of the
   * provider as far as conditions on other keys decide. False in earlier records.
   */
  openToStrangers: v.optional(v.boolean(), false),
  /**
   * Whether no principal of a strange account can meet the conditions: they name principals by their unique IDs, or a
   * key that only requests of AWS services have. False in earlier records.
   */
  closedToStrangers: v.optional(v.boolean(), false),
  /** Whether guests of a Cognito identity pool, who don't sign in, meet the conditions. False in earlier records. */
  guests: v.optional(v.boolean(), false),
});
export type TrustedParty = v.InferOutput<typeof TrustedParty>;
