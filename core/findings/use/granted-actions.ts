import type { AccessGraph } from '../../access/graph/access-graph.ts';
import type { PrincipalRecord } from '../../contract/evidence.ts';
import { hasWildcard } from '../../policies/action-pattern-parts.ts';
import { isNeverReported, isUntracked } from './untracked-actions.ts';
import { serviceOf } from './usage.ts';

/**
 * Whether AWS reports the use of none of the actions that a principal's policies grant in a service. Then the report
 * can't show that the service is unused.
 */
export function grantsOnlyUntracked(record: PrincipalRecord, namespace: string, { account }: AccessGraph): boolean {
  const node = account.principal(record.arn);
  if (node === null) return false;
  const service = namespace.toLowerCase();
  const granted = account.evaluator.grantedWithin(node.policies.identity, service);
  if (granted === null || granted.length === 0) return false;
  const actions = serviceOf(record, namespace)?.actions ?? null;
  const tracked = actions === null ? null : new Set(actions.map(({ name }) => name.toLowerCase()));
  return granted.every(
    (name) =>
      !hasWildcard(name) &&
      (isNeverReported(`${service}:${name}`) ||
        // Where AWS reports no actions of a service, the service's last use includes its data.
        (tracked !== null && !tracked.has(name) && isUntracked(service, name))),
  );
}
