import { RunId } from '../../core/contract/execution-input.ts';
import type { diff } from '../diff.ts';
import { parseWith } from '../option-parsers.ts';
import { withExamples, type Define } from './command-entry.ts';
import { groups } from './option-groups.ts';
import { withSource } from './source.ts';

export const define: Define = (command, end) => {
  withSource(command)
    .option('--from <run>', 'earlier run (default: the last run of all principals before --to)', parseWith(RunId))
    .option('--to <run>', 'later run (default: the last run)', parseWith(RunId))
    .optionsGroup(groups.output)
    .option('--json', 'print the changes as JSON to standard output', false)
    .action(async (options: Parameters<typeof diff>[0]) => {
      end(await (await import('../diff.ts')).diff(options));
    });
  withExamples(command, [
    ['Show what the last run found changed', 'diff'],
    ['Compare two runs', 'diff --from 20261122T040000Z-1a2b3c --to 20261123T040000Z-4d5e6f'],
  ]);
};
