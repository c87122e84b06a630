import type { PathAnswer } from '../contract/answers/path.ts';
import { searchLimitInWords } from '../findings/search-limit.ts';
import { pathEvidence } from '../findings/path-evidence.ts';
import type { AccessPath } from '../access/graph/access-path.ts';
import type { PrincipalNode } from '../access/node.ts';
import type { RunAccess } from './run-access.ts';
import { RunPaths } from './run-paths.ts';

/** @throws StoreError, ValiError for a damaged line */
export async function pathAnswer(
  access: RunAccess,
  from: PrincipalNode,
  to: PrincipalNode | null,
): Promise<{ readonly answer: PathAnswer; readonly paths: readonly AccessPath[] }> {
  const search = new RunPaths(access);
  const paths = to === null ? await search.toAdministrator(from) : await search.toPrincipal(from, to);
  const { runId, status } = access.run;
  return {
    paths,
    answer: {
      schemaVersion: 1,
      runId,
      status,
      from: from.arn,
      to: to?.arn ?? null,
      isAdministrator: from.isAdministrator,
      paths: paths.map(pathEvidence),
      notKnown: await gapsOf(access),
    },
  };
}

const MOST_ARNS = 3;

/** What the run does not know of the principals in its accounts. */
async function gapsOf(access: RunAccess): Promise<string[]> {
  const gaps: string[] = [];
  for (const accountId of await access.accountIds()) {
    const graph = await access.graph(accountId);
    if (graph === null) {
      gaps.push(`Account ${accountId} was not read.`);
      continue;
    }
    const limit = searchLimitInWords(graph);
    if (limit !== null) gaps.push(limit);
    const unread = graph.account.principals.filter(({ power }) => power === null);
    if (unread.length === 0) continue;
    const some = unread.slice(0, MOST_ARNS).map(({ arn }) => arn);
    const more = unread.length > some.length ? ` and ${unread.length - some.length} more` : '';
    gaps.push(`The permissions of ${some.join(', ')}${more} are not known.`);
  }
  if (access.run.scope.principals !== 'all') gaps.push('The run audited only some principals.');
  return gaps;
}
