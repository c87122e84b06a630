import * as v from 'valibot';
import type { Immutable } from '../answers/immutable.ts';
import { Gain, Path } from '../answers/path.ts';

/** What a role leads to for somebody who assumes it. */
export const RoleGain = v.object({
  gain: Gain,
  /** The path inside its account that leads there. Null: the role itself has these permissions. */
  path: v.nullable(Path),
});

export type RoleGain = Immutable<v.InferOutput<typeof RoleGain>>;

/** A statement of a trust policy. Names of actions, keys and operators are in lower case. */
const StoredTrustStatement = v.object({
  allows: v.boolean(),
  /** True for NotPrincipal: everyone except these. */
  exceptThese: v.boolean(),
  principals: v.array(
    v.object({ type: v.picklist(['everyone', 'aws', 'service', 'federated', 'canonicaluser']), name: v.string() }),
  ),
  /** True for NotAction: all actions except these. */
  exceptActions: v.boolean(),
  actions: v.array(v.string()),
  /** All must hold. */
  clauses: v.array(v.object({ operator: v.string(), key: v.string(), values: v.array(v.string()) })),
  /** Whether values may have policy variables. */
  hasVariables: v.boolean(),
});

/** A line of `open-roles.jsonl`: a role whose trust policy may let in principals of other accounts. */
export const OpenRoleLine = v.object({
  arn: v.string(),
  tags: v.record(v.string(), v.string()),
  trust: v.array(StoredTrustStatement),
  /** What the role leads to without leaving its account. Empty: nothing that the audit looks for. */
  gains: v.array(RoleGain),
});
export type OpenRoleLine = Immutable<v.InferOutput<typeof OpenRoleLine>>;
