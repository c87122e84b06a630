import type { Command } from 'commander';
import { defaultSettings, rateBounds, shareBounds } from '../../core/contract/environment.ts';
import { valueForms } from '../../core/member-role/iam-values.ts';
import { number, once, parseForm, roleArn } from '../option-parsers.ts';
import { withSessionOptions } from '../session-options.ts';
import { groups } from './option-groups.ts';
import { withAws } from './source.ts';

/** Options for the credentials, the pace and the refreshes of a run on this machine. */
export const withRunAccess = (command: Command): Command =>
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
