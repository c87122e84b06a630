import type { NarrowerResources } from '../contract/account-objects.ts';
import type { CompiledPolicy } from './ruling-out.ts';

/** The contract's limit for one action. */
const MAX_RESOURCES = 10;

/** What policy variables of a principal stand for, by lower-case key such as `aws:username`. */
export type PrincipalVariables = ReadonlyMap<string, string>;

interface Identity {
  readonly accountId: string;
  readonly type: 'user' | 'role';
  readonly name: string;
  readonly principalId: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** `aws:userid` of a role carries the session's name, which nobody knows beforehand. */
export function principalVariables(identity: Identity): PrincipalVariables {
  const variables = new Map<string, string>([
    ['aws:principalaccount', identity.accountId],
    ['*', '*'],
    ['?', '?'],
    ['$', '$'],
  ]);
  if (identity.type === 'user') {
    variables.set('aws:username', identity.name);
    variables.set('aws:userid', identity.principalId);
  }
  for (const [key, value] of Object.entries(identity.tags)) {
    variables.set(`aws:principaltag/${key.toLowerCase()}`, value);
  }
  return variables;
}

/**
 * Resources that Allow statements name for actions, at most ten an action, in the order of the policies. Left out is
 * what SimulatePrincipalPolicy takes for no ARN, and what hangs on a variable that is not known before a request.
 */
export function narrowerResources(
  policies: readonly (CompiledPolicy | null)[],
  actions: readonly string[],
  variables: PrincipalVariables,
): NarrowerResources[] {
  const byAction = new Map<number, Set<string>>();
  for (const policy of policies) {
    for (const { matches, resources } of policy?.allows ?? []) {
      const named = (resources ?? []).flatMap((pattern) => simulatableResource(pattern, variables));
      if (named.length === 0) continue;
      for (const index of matches) {
        const known = byAction.get(index) ?? new Set();
        for (const arn of named) if (known.size < MAX_RESOURCES) known.add(arn);
        byAction.set(index, known);
      }
    }
  }
  const groups = new Map<string, NarrowerResources>();
  for (const [index, resources] of [...byAction].sort(([a], [b]) => a - b)) {
    const action = actions[index];
    if (action === undefined) continue;
    const list = [...resources];
    const key = JSON.stringify(list);
    const group = groups.get(key) ?? { resources: list, actions: [] };
    group.actions.push(action);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function simulatableResource(pattern: string, variables: PrincipalVariables): string[] {
  if (/^\*+$/.test(pattern)) return [];
  const unknown: string[] = [];
  const resource = pattern.replace(/\$\{([^}]*)\}/g, (whole: string, name: string) => {
    const [key = '', fallback] = name.split(',').map((part) => part.trim());
    const value = variables.get(key.toLowerCase()) ?? fallback?.replace(/^'(.*)'$/, '$1');
    if (value === undefined) unknown.push(name);
    return value ?? whole;
  });
  // arn:partition:service:region:account:resource, of which the simulator wants the first three to be plain.
  return unknown.length > 0 || !/^arn:[a-z-]+:[a-z0-9-]+:[^:]*:[^:]*:.+$/s.test(resource) ? [] : [resource];
}
