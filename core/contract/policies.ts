import * as v from 'valibot';

/** JSON text as in IAM; null if the inventory does not have it. */
const Document = v.nullable(v.string());

/** A policy that belongs to one user, role or group. */
export const InlinePolicy = v.object({ name: v.string(), document: v.string() });

/** The names of a principal's policies. The documents of shared policies are in earlier lines. */
export const PrincipalPolicies = v.object({
  kind: v.literal('principal'),
  arn: v.string(),
  inline: v.array(InlinePolicy),
  attached: v.array(v.string()),
  groups: v.array(v.string()),
  boundary: v.nullable(v.string()),
});
export type PrincipalPolicies = v.InferOutput<typeof PrincipalPolicies>;

/**
 * A line of `policies.jsonl`: a principal's policies, or a shared document. Principals are in the inventory's order. A
 * shared document is written once, before the first principal in scope that uses it.
 */
export const PolicyLine = v.variant('kind', [
  v.object({ kind: v.literal('managed'), arn: v.string(), document: Document }),
  /** `policies` is null for a group that was created after groups were read. */
  v.object({
    kind: v.literal('group'),
    name: v.string(),
    policies: v.nullable(v.object({ inline: v.array(InlinePolicy), attached: v.array(v.string()) })),
  }),
  PrincipalPolicies,
]);
export type PolicyLine = v.InferOutput<typeof PolicyLine>;
