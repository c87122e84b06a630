import * as v from 'valibot';

/**
 * Who a trust policy lets in. `otherAccount`: which accounts are the organization's is not known. `everyone`: any AWS
 * principal, unless `organizationIds` limit it. `deleted`: a principal that is gone, which nobody can be again.
 * `unknown`: a form that nobody here can read: it may be anybody.
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

/** The request's value of `key` must be one of `values`; `like`: `*` and `?` in them are wildcards. */
export const TrustRequirement = v.object({
  /** A condition key in lower case. */
  key: v.string(),
  match: v.picklist(['equals', 'like']),
  values: v.array(v.string()),
});
export type TrustRequirement = v.InferOutput<typeof TrustRequirement>;

/** One that may assume a role, and under which conditions. What is not sure to limit is told as no limit. */
export const TrustedParty = v.object({
  kind: TrustKind,
  /** As the policy names it: an ARN, an account, a service; for `everyone` also `*`. */
  principal: v.string(),
  accountId: v.nullable(v.string()),
  /** Of a NotPrincipal: everyone but these. */
  except: v.array(v.string()),
  /** Whether a certain `sts:ExternalId` is needed. */
  externalId: v.boolean(),
  /** Subjects of its tokens that are let in; null: all. */
  oidcSubjects: v.nullable(v.array(v.string())),
  oidcAudiences: v.nullable(v.array(v.string())),
  /** Organizations that the caller must be of; null: none in particular. */
  organizationIds: v.nullable(v.array(v.string())),
  /** Everything that surely limits it, those above too. */
  requires: v.array(TrustRequirement),
  /** Keys of conditions that may limit it further, or may not. */
  unjudged: v.array(v.string()),
  /** A Deny takes a part of it away that can't be told. */
  deniedInPart: v.boolean(),
});
export type TrustedParty = v.InferOutput<typeof TrustedParty>;
