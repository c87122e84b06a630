import { Option, type Command } from 'commander';
import { Tags, valueForms } from '../../core/member-role/iam-values.ts';
import { DEFAULT_MEMBER_ROLE_NAME } from '../../core/member-role/member-role.ts';
import type { MemberTemplateOptions } from '../member-template.ts';
import { groups } from './option-groups.ts';
import { Region } from './option-values.ts';
import { accountId, addTag, choice, collect, once, parseForm, parseWith } from '../option-parsers.ts';

/** Options with which the command prints something other than the template, and the options that count then. */
const instead = [
  { name: '--scp', counted: ['--role-name', '--exempt', '--json'] },
  { name: '--check', counted: ['--profile', '--region', '--json'] },
] as const;

export const withMemberTemplateOptions = (command: Command): Command =>
  command
    .optionsGroup(groups.output)
    .addOption(
      choice('--format <format>', 'language of the template', ['cloudformation', 'terraform']).default(
        'cloudformation',
      ),
    )
    .option('--json', 'print the CloudFormation template, or the result of --check, as JSON', false)
    .optionsGroup(groups.role)
    .option('--hub-account <id>', 'account that runs the audit (required for a template)', once(accountId))
    .option(
      '--organization-id <id>',
      'organization that callers must be in; omit it only for accounts outside an organization',
      parseForm(valueForms.organizationId),
    )
    .option('--external-id <id>', 'external ID that callers must send', parseForm(valueForms.externalId))
    .option(
      '--allow-source-identity',
      'allow callers to set a source identity: needed with the setting sourceIdentity or run --source-identity',
      false,
    )
    .option(
      '--allow-session-tags',
      'allow callers to set session tags: needed with the setting sessionTags or run --session-tag',
      false,
    )
    .option(
      '--role-name <name>',
      'name of the role, after its path if it has one: the setting memberRoleName',
      parseForm(valueForms.memberRoleName),
      DEFAULT_MEMBER_ROLE_NAME,
    )
    .option(
      '--role-path <path>',
      "path of the hub's roles: the setting rolePath",
      parseForm(valueForms.rolePath),
      '/iam-audit/',
    )
    .option(
      '--role-name-prefix <prefix>',
      "prefix of the names of the hub's roles: the setting roleNamePrefix",
      parseForm(valueForms.roleNamePrefix),
    )
    .option(
      '--trusted-principal <pattern>',
      'another role or user of the hub account that may assume the role, for audits from a laptop (repeatable)',
      collect(parseForm(valueForms.principalPattern)),
      [],
    )
    .option(
      '--permissions-boundary <name>',
      'name of a managed policy of the account that is the permissions boundary of the role',
      parseForm(valueForms.boundaryName),
    )
    .option('--tag <key=value>', 'tag of the role (repeatable)', addTag(Tags), {})
    .optionsGroup(groups.other)
    .option('--scp', 'print a service control policy that protects the role, instead of a template', false)
    .option(
      '--exempt <pattern>',
      'with --scp: a role that may still change the role, such as role/OrganizationAccountAccessRole (repeatable)',
      collect(parseForm(valueForms.rolePattern)),
      [],
    )
    .addOption(
      new Option(
        '--check',
        "check with the caller's credentials, read-only, whether StackSets can deploy to the organization",
      )
        .conflicts(['scp'])
        .default(false),
    )
    .option('--profile <name>', 'with --check: AWS profile from ~/.aws/config')
    .option('--region <region>', 'with --check: AWS Region of the STS endpoint', parseWith(Region));

/** Checks options that depend on each other. @throws CommanderError */
export function checkMemberTemplateOptions(options: MemberTemplateOptions, command: Command): void {
  const fail = (message: string): never => command.error(`error: ${message}`, { code: 'commander.invalidArgument' });
  const given = command.options.filter(
    (option) => command.getOptionValueSource(option.attributeName()) === 'cli' && option.long !== undefined,
  );
  const chosen = instead.find(({ name }) => given.some(({ long }) => long === name));
  const counted: readonly string[] = chosen === undefined ? [] : [chosen.name, ...chosen.counted];
  const useless = chosen && given.find(({ long = '' }) => !counted.includes(long));
  if (useless !== undefined) {
    const others = chosen?.counted.join(', ').replace(/, ([^,]+)$/, ' and $1');
    fail(
      `option '${useless.flags}' cannot be used with option '${chosen?.name}': only ${others} have an effect with it.`,
    );
  }
  if (chosen !== undefined) return;
  if (options.exempt.length > 0) fail('--exempt has no effect without --scp. Add --scp, or omit --exempt.');
  const credentials = options.profile === undefined ? '--region' : '--profile';
  if (options.profile !== undefined || options.region !== undefined) {
    fail(`${credentials} has no effect without --check. Add --check, or omit ${credentials}.`);
  }
  if (options.hubAccount === undefined) {
    fail(
      '--hub-account is missing. It must be the ID of the account that runs the audit, which the role trusts. This command prints the ID of your own account: aws sts get-caller-identity',
    );
  }
  if (options.rolePath === '/' && options.roleNamePrefix === undefined) {
    fail(
      '--role-path must not be "/" without --role-name-prefix, because the role would trust every role of the hub account.',
    );
  }
  if (options.json && options.format === 'terraform') {
    fail('--json is for --format cloudformation. Omit --json.');
  }
}
