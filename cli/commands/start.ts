import type { start } from '../start.ts';
import { withExamples, type Define } from './command-entry.ts';
import { groups } from './option-groups.ts';
import { withScope } from './scope.ts';
import { withDeployment } from './source.ts';

export const define: Define = (command, end) => {
  withScope(withDeployment(command))
    .optionsGroup(groups.output)
    .option('--wait', 'wait until the run ends; show its progress and summary', false)
    .option('--json', 'print the started run as JSON to standard output; with --wait, print run.json', false)
    .action(async (options: Parameters<typeof start>[0]) => {
      end(await (await import('../start.ts')).start(options));
    });
  withExamples(command, [
    ['Start a run of the deployed audit, and follow it', 'start --wait'],
    ['Continue a run that ended PARTIAL', 'start --resume 20261123T040000Z-1a2b3c'],
    ['Audit one account with a stack in another Region', 'start --region eu-west-1 --account-id 111122223333'],
  ]);
};
