import { DEFAULT_OUT } from '../default-out.ts';
import type { estimate } from '../estimate.ts';
import { number } from '../option-parsers.ts';
import { withExamples, type Define } from './command-entry.ts';
import { withFindingDays } from './finding-days.ts';
import { groups } from './option-groups.ts';
import { withRunAccess } from './run-access-options.ts';
import { withAudited } from './scope.ts';

export const define: Define = (command, end) => {
  command
    .optionsGroup(groups.typical)
    .option(
      '--principals <n>',
      'estimate typical accounts with this number of principals each',
      number(1, 100_000, true),
    )
    .option('--accounts <n>', 'number of such accounts (default: 1)', number(1, 10_000, true));
  withRunAccess(withAudited(command))
    .optionsGroup(groups.pace)
    .option(
      '--rate <calls>',
      'calls per second that IAM accepts for each operation (default: as earlier runs measured it, otherwise assumed)',
      number(0.1, 1_000, false),
    );
  withFindingDays(command)
    .optionsGroup(groups.output)
    .option('--out <dir>', 'folder with the results of earlier runs; nothing is written to it', DEFAULT_OUT)
    .option('--stack <name>', 'stack of the deployed audit, to use the results of its runs instead of those in --out')
    .option('--state-machine-arn <arn>', 'ARN of the state machine of the deployed audit, instead of --stack')
    .option('--json', 'print the estimate as JSON to standard output', false)
    .action(async (options: Parameters<typeof estimate>[0]) => {
      end(await (await import('../estimate.ts')).estimate(options));
    });
  withExamples(command, [
    ['What a run of this account needs, today and on later days', 'estimate --profile my-profile'],
    ['With what the deployed audit has measured and knows', 'estimate --stack iam-audit --profile my-profile'],
    ['What an organization needs', 'estimate --organization --role-name iam-audit'],
    ['Without AWS: 50 accounts of 300 principals', 'estimate --principals 300 --accounts 50'],
    ['The same if IAM accepts 5 calls a second', 'estimate --principals 300 --accounts 50 --rate 5'],
  ]);
};
