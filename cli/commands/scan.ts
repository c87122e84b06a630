import { collect } from '../option-parsers.ts';
import type { scan } from '../scan.ts';
import { withExamples, type Define } from './command-entry.ts';
import { withFindingDays } from './finding-days.ts';
import { groups } from './option-groups.ts';

export const define: Define = (command, end) => {
  command
    .argument(
      '<file...>',
      'the JSON of aws iam get-account-authorization-details (all pages), or accounts in the format of test/fixtures/cases; - reads standard input',
    )
    .optionsGroup(groups.files)
    .option(
      '--credential-report <file>',
      'credential report of an account: its CSV, or the JSON of aws iam get-credential-report (repeatable)',
      collect((text) => text),
      [],
    )
    .option(
      '--scp <file>',
      'service control policies of the accounts: one policy, also as aws organizations describe-policy prints it, or a list of levels from the root to the account, each a list of policies (repeatable)',
      collect((text) => text),
      [],
    );
  withFindingDays(command)
    .optionsGroup(groups.output)
    .option('--out <dir>', 'also write the results as a run to this folder, so that who, can and path can read them')
    .option('--json', 'print the findings as JSON to standard output', false)
    .action(async (files: string[], options: Parameters<typeof scan>[1]) => {
      end(await (await import('../scan.ts')).scan(files, options));
    });
  withExamples(command, [
    ['Scan a file of aws iam get-account-authorization-details', 'scan account.json --credential-report report.csv'],
    ['Also write results that who, can and path can read', 'scan account.json --out scanned'],
  ]);
};
