import type { DenyPolicy } from '../../contract/organization-use/organization-use.ts';

/** Maximum size of a service control policy in characters (Organizations User Guide, "Quotas"). */
export const MAX_POLICY_CHARACTERS = 5_120;
/** Maximum number of service control policies that are attached to one root, unit or account (the same page). */
export const MAX_ATTACHED = 5;

const policyOf = (namespaces: readonly string[]): DenyPolicy => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'DenyUnusedServices',
      Effect: 'Deny',
      Action: namespaces.map((namespace) => `${namespace}:*`),
      Resource: '*',
    },
  ],
});

/** Characters of the policy without white space. AWS stores a policy as it is sent. */
export const charactersOf = (policy: DenyPolicy): number => JSON.stringify(policy).length;

const EMPTY_CHARACTERS = charactersOf(policyOf([]));

/** Policies that deny every action of the services: as few as needed, each within the maximum size. */
export function denyPolicies(namespaces: readonly string[]): DenyPolicy[] {
  const parts: string[][] = [];
  let characters = MAX_POLICY_CHARACTERS;
  for (const namespace of namespaces) {
    // Quotation marks, `:*` and a comma. The last service of a policy needs no comma.
    const own = namespace.length + 5;
    if (characters + own - 1 > MAX_POLICY_CHARACTERS) {
      parts.push([]);
      characters = EMPTY_CHARACTERS;
    }
    parts.at(-1)?.push(namespace);
    characters += own;
  }
  return parts.map(policyOf);
}
