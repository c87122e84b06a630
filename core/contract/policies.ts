import * as v from 'valibot';

/** JSON text as IAM keeps it; null where the inventory did not bring it. */
const Document = v.nullable(v.string());

/** A policy that belongs to one user, role or group. */
export const InlinePolicy = v.object({ name: v.string(), document: v.string() });

/** What a principal's policies are, by name: their documents stand in lines before. */
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
 * A line of `policies.jsonl`: what a principal is granted by, in the inventory's order. A document that several may
 * share stands once, before the first principal in scope that it is meant for.
 */
export const PolicyLine = v.variant('kind', [
  v.object({ kind: v.literal('managed'), arn: v.string(), document: Document }),
  /** `policies` is null for a group that came after groups were read. */
  v.object({
    kind: v.literal('group'),
    name: v.string(),
    policies: v.nullable(v.object({ inline: v.array(InlinePolicy), attached: v.array(v.string()) })),
  }),
  PrincipalPolicies,
]);
export type PolicyLine = v.InferOutput<typeof PolicyLine>;
