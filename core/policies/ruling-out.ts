import { actionPattern } from './action-pattern.ts';
import { LruCache } from '../streams/lru-cache.ts';
import { parsePolicy, type AllowStatement, type ParsedPolicy } from './policy-document.ts';

/** One Allow: the indexes of the catalogue's actions that it may match, and the resources that it names. */
export interface AllowMatch {
  readonly matches: readonly number[];
  readonly resources: readonly string[] | null;
}

export interface CompiledPolicy {
  /** Null: the policy can't be read and may allow anything. */
  readonly allows: readonly AllowMatch[] | null;
}

/** A document has at most 10,240 characters, so these use at most 20 MB, regardless of the account's size. */
export const KEPT_POLICIES = 2_000;

/**
 * Compiles policies for a list of actions. Each distinct text is compiled once, because accounts attach the same few
 * policies to thousands of principals.
 *
 * An action is ruled out only if no Allow statement matches it. Resources, conditions, permissions boundaries and Deny
 * statements are ignored. They can only remove permissions, so no allowed action is ruled out.
 */
export class PolicyCompiler {
  readonly #actions: readonly string[];
  readonly #compiled = new LruCache<CompiledPolicy>(KEPT_POLICIES);

  constructor(actions: readonly string[]) {
    this.#actions = actions.map((action) => action.toLowerCase());
  }

  compile(text: string): CompiledPolicy {
    return this.#compiled.get(text, () => this.#match(parsePolicy(text)));
  }

  #match(policy: ParsedPolicy): CompiledPolicy {
    if (policy.kind === 'unreadable') return { allows: null };
    return {
      allows: policy.allows.map((allow) => ({ matches: this.#matches(allow), resources: allow.resources })),
    };
  }

  #matches({ actions, notActions }: AllowStatement): number[] {
    const named = (actions ?? []).map(actionPattern);
    const excluded = notActions?.map(actionPattern) ?? null;
    return this.#actions.flatMap((action, index) => {
      const byAction = named.some((matches) => matches(action));
      const byNotAction = excluded !== null && !excluded.some((matches) => matches(action));
      return byAction || byNotAction ? [index] : [];
    });
  }
}

/** Indexes of the actions that some policy may allow. All actions if a policy is unknown or unreadable. */
export function possibleActions(policies: readonly (CompiledPolicy | null)[], actionCount: number): number[] {
  const possible = new Set<number>();
  for (const policy of policies) {
    if (policy === null || policy.allows === null) return Array.from({ length: actionCount }, (_, index) => index);
    for (const { matches } of policy.allows) for (const index of matches) possible.add(index);
  }
  return [...possible].sort((a, b) => a - b);
}
