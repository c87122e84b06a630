import type { AccessPath } from '../access/graph/access-path.ts';
import { pathsOf } from '../access/graph/paths-of.ts';
import type { Path } from '../contract/answers/path.ts';
import type { PrincipalNode } from '../access/node.ts';
import { pathEvidence } from '../findings/path-evidence.ts';
import type { RunAccess } from './run-access.ts';
import { RunPaths, sortedPaths } from './run-paths.ts';

/**
 * What a principal can become: its paths to more permissions, also in other accounts of the run, shortest first.
 * @param node null: the run stored no policies of it
 */
export async function pathsFrom(
  access: RunAccess,
  node: PrincipalNode | null,
): Promise<{ readonly paths: readonly AccessPath[]; readonly evidence: readonly Path[] }> {
  const graph = node === null ? null : await access.graph(node.accountId);
  if (node === null || graph === null || node.isAdministrator) return { paths: [], evidence: [] };
  const own = pathsOf(node, graph);
  // A path in the account is as short as any through another account, or longer: both are shown.
  const all = sortedPaths([...own, ...(await new RunPaths(access).acrossAccounts(node))]);
  return { paths: all, evidence: all.map(pathEvidence) };
}
