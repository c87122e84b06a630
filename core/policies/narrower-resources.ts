import type { NarrowerResources } from '../contract/account-objects.ts';
import { wildcardPattern } from './wildcards.ts';
import type { CompiledPolicy } from './ruling-out.ts';

/** The contract's limit for one action. */
const MAX_RESOURCES = 10;

/** Values of the principal that are known before a request and can replace parts of resource patterns. */
export interface NarrowingContext {
  /** `aws`, `aws-cn` and so on. It replaces a wildcard in the partition. */
  readonly partition: string;
  /**
   * Values of policy variables, by key in lower case, such as `aws:username`. Null: the principal never has the key.
   */
  readonly variables: ReadonlyMap<string, string | null>;
}

interface Identity {
  readonly arn: string;
  readonly accountId: string;
  readonly type: 'user' | 'role';
  readonly name: string;
  readonly principalId: string;
  readonly tags: Readonly<Record<string, string>>;
}

export function narrowingContext(identity: Identity): NarrowingContext {
  const user = identity.type === 'user';
  const variables = new Map<string, string | null>([
    ['aws:principalaccount', identity.accountId],
    ['*', '*'],
    ['?', '?'],
    ['$', '$'],
    // A role has no user name, so a resource with this variable never matches.
    ['aws:username', user ? identity.name : null],
  ]);
  // A role's user ID contains the session name, which is not known before the session.
  if (user) variables.set('aws:userid', identity.principalId);
  for (const [key, value] of Object.entries(identity.tags)) {
    variables.set(`aws:principaltag/${key.toLowerCase()}`, value);
  }
  return { partition: identity.arn.split(':')[1] ?? 'aws', variables };
}

export interface Narrowing {
  readonly requests: NarrowerResources[];
  /** Resources that an Allow names and that can't be simulated. The permissions on them stay unknown. */
  readonly unaskable: string[];
}

/**
 * Resources that Allow statements name for actions, at most ten for each action, in the order of the policies.
 * SimulatePrincipalPolicy requires ARNs with six parts and no wildcards in the first three. Wildcards there are
 * replaced by the principal's partition and the action's service. A variable without a known value becomes `*`, and the
 * simulator then reports it as missing.
 */
export function narrowerResources(
  policies: readonly (CompiledPolicy | null)[],
  actions: readonly string[],
  context: NarrowingContext,
): Narrowing {
  const byAction = new Map<number, Set<string>>();
  const unaskable = new Set<string>();
  for (const policy of policies) {
    for (const { matches, resources } of policy?.allows ?? []) {
      const resolvedPatterns = (resources ?? []).flatMap((pattern) => resolved(pattern, context));
      for (const index of resolvedPatterns.length === 0 ? [] : matches) {
        const service = actions[index]?.split(':')[0] ?? '';
        const arns = byAction.get(index) ?? new Set();
        byAction.set(index, arns);
        for (const pattern of resolvedPatterns) {
          const arn = simulatableArn(pattern, context.partition, service);
          if (arn === null) unaskable.add(pattern);
          else if (arn !== 'other service' && arns.size < MAX_RESOURCES) arns.add(arn);
        }
      }
    }
  }
  const groups = new Map<string, NarrowerResources>();
  for (const [index, resources] of [...byAction].sort(([a], [b]) => a - b)) {
    const action = actions[index];
    if (action === undefined || resources.size === 0) continue;
    const list = [...resources];
    const key = JSON.stringify(list);
    const group = groups.get(key) ?? { resources: list, actions: [] };
    group.actions.push(action);
    groups.set(key, group);
  }
  return { requests: [...groups.values()], unaskable: [...unaskable] };
}

/** Replaces known variables in the pattern. Empty for `*`, and for a pattern that the principal can never match. */
function resolved(pattern: string, { variables }: NarrowingContext): string[] {
  if (/^\*+$/.test(pattern)) return [];
  const never: string[] = [];
  const text = pattern.replace(/\$\{([^}]*)\}/g, (_whole: string, name: string) => {
    const [key = '', fallback] = name.split(',').map((part) => part.trim());
    const value = variables.get(key.toLowerCase());
    if (value !== undefined && value !== null) return value;
    if (fallback !== undefined) return fallback.replace(/^'(.*)'$/, '$1');
    if (value === null) never.push(key);
    return '*';
  });
  return never.length === 0 ? [text] : [];
}

/**
 * An ARN that the simulator accepts. Null: not possible. `other service`: the pattern excludes the action's service.
 */
function simulatableArn(pattern: string, partition: string, service: string): string | null {
  const parts = pattern.split(':');
  // A star at the end of a short pattern matches all following parts.
  while (parts.length < 6 && parts.at(-1)?.endsWith('*') === true) parts.push('*');
  const [arn = '', itsPartition = '', itsService = '', region = '', account = '', ...resource] = parts;
  if (resource.length === 0 || resource.join(':') === '' || !wildcardPattern(arn)('arn')) return null;
  const fill = (part: string, value: string): string | null => {
    if (!/[*?]/.test(part)) return /^[a-z0-9-]+$/.test(part) ? part : null;
    return wildcardPattern(part)(value) ? value : 'other service';
  };
  const filled = [fill(itsPartition, partition), fill(itsService, service)];
  if (filled.includes(null)) return null;
  if (filled.includes('other service')) return 'other service';
  return ['arn', ...filled, region, account, ...resource].join(':');
}
