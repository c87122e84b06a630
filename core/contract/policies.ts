import * as v from 'valibot';

/** A policy document, as the JSON text stored in IAM. Null if the inventory does not contain the document. */
const Document = v.nullable(v.string());

/** A policy that belongs to one user, role or group. */
export const InlinePolicy = v.object({ name: v.string(), document: v.string() });

/** A principal's policies. The documents of its managed policies and its groups are in earlier lines. */
export const PrincipalPolicies = v.object({
  kind: v.literal('principal'),
  arn: v.string(),
  inline: v.array(InlinePolicy),
  attached: v.array(v.string()),
  groups: v.array(v.string()),
  boundary: v.nullable(v.string()),
  /** The trust policy, as the JSON text stored in IAM. Null for users. Missing in lines of earlier versions. */
  trust: v.optional(Document, null),
  /** Names of the instance profiles that have the role. Null for users. Missing in lines of earlier versions. */
  instanceProfiles: v.optional(v.nullable(v.array(v.string())), null),
});
export type PrincipalPolicies = v.InferOutput<typeof PrincipalPolicies>;

/**
 * A line of `policies.jsonl`: a principal, a managed policy or a group. First all groups and customer managed policies of
 * the account; then the principals in scope, in the inventory's order. Another managed policy is written once, before the
 * first principal that uses it.
 */
export const PolicyLine = v.variant('kind', [
  v.object({
    kind: v.literal('managed'),
    arn: v.string(),
    document: Document,
    /** Its other versions, newest first. Null for AWS's policies. Missing in lines of earlier versions. */
    otherVersions: v.optional(v.nullable(v.array(v.object({ id: v.string(), document: v.string() }))), null),
  }),
  /** `policies` is null for a group that was created after groups were read. */
  v.object({
    kind: v.literal('group'),
    name: v.string(),
    /** Missing in lines of earlier versions. */
    arn: v.optional(v.nullable(v.string()), null),
    policies: v.nullable(v.object({ inline: v.array(InlinePolicy), attached: v.array(v.string()) })),
  }),
  PrincipalPolicies,
]);
export type PolicyLine = v.InferOutput<typeof PolicyLine>;
