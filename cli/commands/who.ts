import { accountId, parseWith } from '../option-parsers.ts';
import type { who } from '../who.ts';
import { withExamples, type Define } from './command-entry.ts';
import { groups } from './option-groups.ts';
import { Action, Resource } from './option-values.ts';
import { withResults } from './source.ts';

export const define: Define = (command, end) => {
  command
    .argument('<action>', 'one action, such as iam:PassRole', parseWith(Action))
    .optionsGroup(groups.question)
    .option('--resource <arn>', 'check the action on this resource only', parseWith(Resource))
    .option('--resource-account <id>', 'account of a resource whose ARN does not name it, such as a bucket', accountId)
    .option('--any', "accept an action that is not in AWS's Service Authorization Reference", false);
  withResults(command)
    .optionsGroup(groups.output)
    .option('--json', 'print the whole answer as JSON to standard output', false)
    .action(async (action: string, options: Parameters<typeof who>[1]) => {
      end(await (await import('../who.ts')).who(action, options));
    });
  withExamples(command, [
    ['Who can pass a role to a service?', 'who iam:PassRole'],
    [
      'Who can read an object of a bucket?',
      'who s3:GetObject --resource arn:aws:s3:::reports/x --resource-account 111122223333',
    ],
    ['Who can assume a role?', 'who sts:AssumeRole --resource arn:aws:iam::111122223333:role/app'],
  ]);
};
