import { choice } from '../option-parsers.ts';
import type { report } from '../results.ts';
import { withExamples, type Define } from './command-entry.ts';
import { groups } from './option-groups.ts';
import { withResults } from './source.ts';

export const define: Define = (command, end) => {
  withResults(command)
    .optionsGroup(groups.output)
    .option('--open', 'open the report in the browser instead of printing it', false)
    .addOption(
      choice('--format <format>', 'format of the report', ['html', 'csv', 'json', 'asff', 'ocsf', 'sarif']).default(
        'html',
      ),
    )
    .addOption(
      choice('--push <service>', 'imports the findings into this service instead of printing them', ['security-hub']),
    )
    .action(async (options: Parameters<typeof report>[0]) => {
      end(await (await import('../results.ts')).report(options));
    });
  withExamples(command, [
    ['Open the report of the last run in the browser', 'report --open'],
    ['Save the findings as a table', 'report --format csv > findings.csv'],
    ['Import the findings into Security Hub', 'report --push security-hub --region eu-west-1'],
    ['Save the findings for code scanning', 'report --format sarif > findings.sarif'],
    ['Print the report of a run in another folder', 'report --out ./audit --run 20261123T040000Z-1a2b3c'],
  ]);
};
