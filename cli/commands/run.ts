import { defaultSettings, rateBounds, shareBounds } from '../../core/contract/environment.ts';
import { valueForms } from '../../core/member-role/iam-values.ts';
import { DEFAULT_OUT } from '../default-out.ts';
import { callersPolicy } from '../minimum-policy.ts';
import { number, once, parseForm, roleArn } from '../option-parsers.ts';
import type { run } from '../real-run.ts';
import { withSessionOptions } from '../session-options.ts';
import { withExamples, type Define } from './command-entry.ts';
import { withFindingDays } from './finding-days.ts';
import { groups } from './option-groups.ts';
import { withScope } from './scope.ts';
import { withAws } from './source.ts';

export const define: Define = (command, end) => {
  withScope(command);
  withSessionOptions(
    withAws(command.optionsGroup(groups.credentials), 'the STS endpoint')
      .option('--role-arn <arn>', 'ARN of a role to assume before the audit', once(roleArn))
      .option(
        '--role-name <name>',
        "name of the role to assume in each account, after its path if it has one, including the caller's own account",
        parseForm(valueForms.memberRoleName),
      )
      .option(
        '--external-id <id>',
        "external ID that the role's trust policy requires",
        parseForm(valueForms.externalId),
      ),
  )
    .optionsGroup(groups.pace)
    .option(
      '--rate-share <share>',
      `share of the measured IAM rate to use; a lower one leaves more to other applications (default: ${defaultSettings.rateShare})`,
      number(shareBounds.least, shareBounds.most, false),
    )
    .option(
      '--max-rate <calls>',
      'maximum number of calls per second to each IAM operation, in each account (default: no maximum)',
      number(rateBounds.least, rateBounds.most, false),
    )
    .optionsGroup(groups.evidence)
    .option(
      '--refresh-every-days <days>',
      `days after which all evidence is read again, even if no change is visible (default: ${defaultSettings.refreshEveryDays})`,
      number(1, 30, true),
    );
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
