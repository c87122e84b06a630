import type { AccessPath, Hop } from '../core/access/graph/access-path.ts';
import type { PathAnswer } from '../core/contract/answers/path.ts';
import { decisiveAction } from '../core/findings/path-evidence.ts';
import { printable } from '../core/wording/printable.ts';
import { pathAnswer } from '../core/who/path-answer.ts';
import { RunAccess } from '../core/who/run-access.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { foundNode } from './found-principal.ts';
import { note, printJson, printLine, say } from './output.ts';
import { pathInWords } from './path-in-words.ts';
import { withRun, type ResultsOptions } from './results.ts';

export type PathOptions = ResultsOptions & {
  readonly json: boolean;
  readonly dot: boolean;
  readonly expect?: 'none';
};

/** Shows the steps from a principal to administrator permissions, or to another principal. */
export const path = (from: string, to: string | undefined, options: PathOptions): Promise<ExitCode> =>
  withRun(options, async (store, run) => {
    const access = new RunAccess(store, run);
    const start = await foundNode(store, access, from);
    const end = to === undefined ? null : await foundNode(store, access, to);
    if (start === null || (to !== undefined && end === null)) return exitCodes.usage;
    const { answer, paths } = await pathAnswer(access, start, end);
    if (options.json) printJson(answer);
    else if (options.dot) for (const line of inDot(paths)) process.stdout.write(`${line}\n`);
    else for (const line of inWords(answer, paths)) printLine(line);
    note(`Source: run ${run.runId} (${run.status}).`);
    for (const gap of answer.notKnown) say(`${gap} There may be more paths.`);
    const isThere = paths.length > 0 || (end === null ? answer.isAdministrator : start === end);
    if (options.expect === 'none' && isThere) return exitCodes.somethingFound;
    return isThere || answer.notKnown.length === 0 ? exitCodes.complete : exitCodes.partial;
  });

function inWords({ from, to, isAdministrator, notKnown }: PathAnswer, paths: readonly AccessPath[]): string[] {
  const goal = to === null ? 'administrator permissions' : to;
  if (to === null && isAdministrator) return [`${from} is an administrator.`];
  if (from === to) return [`${from} is the principal itself.`];
  if (paths.length > 0) return paths.flatMap((one, index) => pathInWords(one, index + 1));
  return [`There is no ${notKnown.length === 0 ? '' : 'known '}path from ${from} to ${goal}.`];
}

/** The paths as a graph in Graphviz's language. */
function inDot(paths: readonly AccessPath[]): string[] {
  const edges = new Set<string>();
  for (const { hops } of paths) for (const hop of hops) edges.add(edgeOf(hop));
  return ['digraph paths {', '  rankdir=LR;', '  node [shape=box];', ...edges, '}'];
}

const edgeOf = (hop: Hop): string => {
  const { from, way, target } = hop;
  const style = way.keys.length + way.doubts.length > 0 ? ', style=dashed' : '';
  const isSame = target === null || target.arn === from.arn;
  const to = hop.changes?.arn ?? (isSame ? `${from.arn} with more permissions` : target.arn);
  return `  ${quoted(from.arn)} -> ${quoted(to)} [label=${quoted(decisiveAction(hop))}${style}];`;
};

/** A quoted identifier. In one, `\\` starts an escape, and control characters could end the line. */
const quoted = (text: string): string => `"${printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
