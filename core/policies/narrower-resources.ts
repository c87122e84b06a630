import type { NarrowerResources } from '../contract/account-objects.ts';
import { wildcardPattern } from './wildcards.ts';
import type { CompiledPolicy } from './ruling-out.ts';

/** The contract's limit for one action. */
const MAX_RESOURCES = 10;

/** What is known of the principal beforehand, to put into the resources that its policies name. */
export interface NarrowingContext {
  /** `aws`, `aws-cn` and so on: what a wildcard in the place of the partition stands for. */
  readonly partition: string;
  /** What policy variables stand for, by lower-case key such as `aws:username`; null: the principal never has it. */
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
    // A role has no user name: what hangs on one it can never do.
    ['aws:username', user ? identity.name : null],
  ]);
  // A role's carries the session's name, which nobody knows beforehand.
  if (user) variables.set('aws:userid', identity.principalId);
  for (const [key, value] of Object.entries(identity.tags)) {
    variables.set(`aws:principaltag/${key.toLowerCase()}`, value);
  }
  return { partition: identity.arn.split(':')[1] ?? 'aws', variables };
}

export interface Narrowing {
  readonly requests: NarrowerResources[];
  /** Resources that an Allow names and that no request can: what they grant stays unknown. */
  readonly unaskable: string[];
}

/**
 * Resources that Allow statements name for actions, at most ten an action, in the order of the policies.
 * SimulatePrincipalPolicy wants ARNs of six parts, the first three plain: wildcards there are filled in from the
 * principal's partition and the action's service. A variable that is not known beforehand becomes `*`; the simulator
 * then names it as missing.
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
      const named = (resources ?? []).flatMap((pattern) => resolved(pattern, context));
      for (const index of named.length === 0 ? [] : matches) {
        const service = actions[index]?.split(':')[0] ?? '';
        const known = byAction.get(index) ?? new Set();
        byAction.set(index, known);
        for (const pattern of named) {
          const arn = simulatableArn(pattern, context.partition, service);
          if (arn === null) unaskable.add(pattern);
          else if (arn !== 'other service' && known.size < MAX_RESOURCES) known.add(arn);
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

/** The pattern with what is known filled in; nothing for `*` itself and for what the principal can never match. */
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

/** An ARN that the simulator takes; null where there is none, `other service` where the action's is not meant. */
function simulatableArn(pattern: string, partition: string, service: string): string | null {
  const parts = pattern.split(':');
  // A star at the end of a short pattern reaches over every part that follows.
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
