import type { can } from '../can.ts';
import { parseWith } from '../option-parsers.ts';
import { withExamples, type Define } from './command-entry.ts';
import { groups } from './option-groups.ts';
import { collectActions, Resource } from './option-values.ts';
import { withResults } from './source.ts';

export const define: Define = (command, end) => {
  command
    .argument('<principal>', 'ARN of a user or role, or its name if only one has it')
    .argument('[action...]', 'only these actions, such as iam:PassRole', collectActions)
    .optionsGroup(groups.question)
    .option('--resource <arn>', 'check the actions on this resource only', parseWith(Resource))
    .option('--any', "accept actions that are not in AWS's Service Authorization Reference", false);
  withResults(command)
    .optionsGroup(groups.output)
    .option('--json', 'print the whole answer as JSON to standard output', false)
    .action(async (principal: string, actions: string[] | undefined, options: Parameters<typeof can>[2]) => {
      end(await (await import('../can.ts')).can(principal, actions ?? [], options));
    });
  withExamples(command, [
    ['What can the role or user with the name deploy do?', 'can deploy'],
    ['Can it do these two actions?', 'can deploy iam:PassRole kms:Decrypt'],
    [
      'Can a user of a certain account write to a bucket?',
      'can arn:aws:iam::111122223333:user/ana s3:PutObject --resource arn:aws:s3:::reports/x',
    ],
  ]);
};
