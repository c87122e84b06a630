import { DEFAULT_OUT } from '../default-out.ts';
import { callersPolicy } from '../minimum-policy.ts';
import type { run } from '../real-run.ts';
import { withExamples, type Define } from './command-entry.ts';
import { withFindingDays } from './finding-days.ts';
import { groups } from './option-groups.ts';
import { withRunAccess } from './run-access-options.ts';
import { withScope } from './scope.ts';

export const define: Define = (command, end) => {
  withRunAccess(withScope(command));
  withFindingDays(command)
    .optionsGroup(groups.output)
    .option('--json', 'print run.json to standard output', false)
    .option('--out <dir>', 'folder for results', DEFAULT_OUT)
    .option(
      '--print-policy',
      'print the minimum policy that the audit needs with the other options, without auditing',
      false,
    )
    .action(async (options: Parameters<typeof run>[0] & { readonly printPolicy: boolean }) => {
      if (options.printPolicy) process.stdout.write(`${JSON.stringify(callersPolicy(options), null, 2)}\n`);
      else end(await (await import('../real-run.ts')).run(options));
    });
  withExamples(command, [
    ['Audit the account of a profile', 'run --profile my-profile'],
    ['Audit the roles under a path only', 'run --principal "arn:aws:iam::*:role/app/*"'],
    [
      'Audit two accounts in which the role can be assumed',
      'run --account-id 111122223333 --account-id 444455556666 --role-name iam-audit',
    ],
    ['Audit an organization slowly, over an hour', 'run --organization --role-name iam-audit --spread-over 60'],
    ['See which permissions an audit needs', 'run --print-policy'],
  ]);
};
