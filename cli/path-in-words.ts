import type { AccessPath } from '../core/access/graph/access-path.ts';
import { inWords } from '../core/access/ways/way.ts';
import { decisiveAction } from '../core/findings/path-evidence.ts';
import { countedInWords } from '../core/wording/wording.ts';
import { groundsOf } from './access-in-words.ts';

/** A path's steps, one after another, with their grounds. */
export function pathInWords(path: AccessPath, number: number): string[] {
  const { hops, certainty, gain, targets, keys, doubts } = path;
  const missing = [...keys, ...new Set(doubts)];
  const others = targets.count > 1 ? ` The last step leads to ${targets.count} principals in the same way.` : '';
  return [
    `${number}. ${countedInWords(hops.length, 'step')}, ${certainty}: gains ${gain === 'administrator' ? 'administrator permissions' : gain}.${others}`,
    ...hops.flatMap((hop) => [
      `   ${hop.from.arn}`,
      `     by ${decisiveAction(hop)} (${inWords(hop.way)}${hop.changes === undefined ? '' : `: ${hop.changes.arn}`}), allowed by ${groundsOf(hop.way.grounds)}`,
    ]),
    `   ${endOf(path)}`,
    ...(missing.length === 0 ? [] : [`   It depends on: ${missing.join(', ')}`]),
  ];
}

/** A step without a target changes the principal itself, or creates a principal. */
function endOf({ hops }: AccessPath): string {
  const last = hops.at(-1);
  if (last === undefined) return '';
  return last.target === null
    ? `${last.from.arn} with more permissions, or a principal that it creates`
    : last.target.arn;
}
