import type { EscalationPath } from './escalation-path.ts';
import { federationPaths } from './federation-paths.ts';
import { newPrincipalPaths } from './new-principal-paths.ts';
import { passedRolePaths } from './passed-role-paths.ts';
import { principalPaths } from './principal-paths.ts';

/**
 * Known escalation paths. The sets of actions, their kinds and most services are facts from pathfinding.cloud (Datadog)
 * and Prowler, both under Apache-2.0, and from what PMapper (NCC Group) checks, named by `reference`. Our additions are:
 * the services of `existing-passrole` paths, the targets, the texts, and the kinds of `cloudformation-005` (needs no
 * PassRole), `assume-role-delete-role-permissions-boundary` and `sso-…`, and the paths whose `reference` is AWS's
 * documentation. `mwaa-…` and `amplify-001` are without actions that do not use the role: those on the network, or on the
 * repository of the code.
 */
export const escalationPaths: readonly EscalationPath[] = [
  ...passedRolePaths,
  ...principalPaths,
  ...newPrincipalPaths,
  ...federationPaths,
];
