import type { EmulatedAccount } from '../account.ts';
import { identityPolicies } from './principal-policies.ts';
import { services } from './services.ts';
import { statementsOf } from './statements.ts';
import { matchesWildcards } from './wildcards.ts';

/** Management actions that service last accessed tracks. Empty for services that it does not track by action. */
export const trackedActions = (namespace: string): readonly string[] =>
  services.find((service) => service.namespace === namespace)?.tracked ?? [];

/** Services that a principal's identity policies allow. Like AWS, it ignores permissions boundaries and SCPs. */
export function servicesGranted(account: EmulatedAccount, arn: string): { namespace: string; name: string }[] {
  const name = arn.split('/').at(-1) ?? '';
  const principal = arn.includes(':role/') ? account.roles.get(name) : account.users.get(name);
  if (principal === undefined) return [];
  const allows = identityPolicies(account, principal)
    .flatMap(({ document }) => statementsOf(document))
    .filter((statement) => statement.allows);
  return services.filter(({ namespace }) =>
    allows.some(
      ({ actions, notActions }) =>
        actions?.some((pattern) => matchesWildcards(pattern.split(':')[0]?.toLowerCase() ?? '', namespace)) ??
        !(notActions ?? []).some((pattern) => pattern === '*' || pattern.toLowerCase() === `${namespace}:*`),
    ),
  );
}
