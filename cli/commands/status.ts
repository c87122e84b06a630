import type { status } from '../results.ts';
import { withExamples, type Define } from './command-entry.ts';
import { groups } from './option-groups.ts';
import { withResults } from './source.ts';

export const define: Define = (command, end) => {
  withResults(command, 'the run in progress, otherwise the last run')
    .optionsGroup(groups.output)
    .option('--json', 'print run.json to standard output', false)
    .action(async (options: Parameters<typeof status>[0]) => {
      end(await (await import('../results.ts')).status(options));
    });
  withExamples(command, [
    ['Show the last run on this machine, or of the deployed audit', 'status'],
    ['Show a run of the deployed audit in a Region', 'status --region eu-west-1 --run 20261123T040000Z-1a2b3c'],
  ]);
};
