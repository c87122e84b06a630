import { Command, Help, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { questionIds } from '../core/contract/doctor/diagnosis.ts';
import { defaultSettings, rateBounds, shareBounds } from '../core/contract/environment.ts';
import { PrincipalPattern, RunId } from '../core/contract/execution-input.ts';
import { valueForms } from '../core/member-role/iam-values.ts';
import { DEFAULT_OUT } from './default-out.ts';
import type { can } from './can.ts';
import type { demo } from './demo.ts';
import type { doctor } from './doctor/doctor.ts';
import { parseTime } from './doctor/period.ts';
import { parseThreshold } from './doctor/threshold-option.ts';
import type { diff } from './diff.ts';
import { parseDisturbances } from './disturbance-option.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { checkMemberTemplateOptions, withMemberTemplateOptions } from './member-template-options.ts';
import type { MemberTemplateOptions } from './member-template.ts';
import { callersPolicy } from './minimum-policy.ts';
import { accountId, collect, parseForm, parseWith } from './option-parsers.ts';
import type { path } from './path.ts';
import type { run } from './real-run.ts';
import type { report, status } from './results.ts';
import type { scan } from './scan.ts';
import { organizationLimits } from './scope-options.ts';
import { withSessionOptions } from './session-options.ts';
import type { start } from './start.ts';
import type { who } from './who.ts';

const Action = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9-]+:[a-z0-9]+$/i, 'It must be one action without wildcards, such as iam:PassRole.'),
);
const Resource = v.pipe(
  v.string(),
  v.regex(
    /^arn:[^:*?]+:[^:*?]+:[^:*?]*:[^:*?]*:[^*?]+$/,
    'It must be the ARN of one resource without wildcards, such as arn:aws:s3:::bucket/key.',
  ),
);

/** Adds an action to those given before. */
const collectActions = (text: string, before: string[] | undefined): string[] => [
  ...(before ?? []),
  parseWith(Action)(text),
];

const Unit = v.pipe(
  v.string(),
  v.regex(
    /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/,
    'It must be the ID of an organizational unit or of a root, such as ou-ab12-11111111.',
  ),
);

const Region = v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'It must be a Region such as eu-west-1.'));

const number = (least: number, most: number, whole: boolean): ((text: string) => number) => {
  const requirement = `It must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`;
  return parseWith(
    v.pipe(
      v.string(),
      v.regex(whole ? /^\d+$/ : /^\d+(\.\d+)?$/, requirement),
      v.transform(Number),
      v.minValue(least, requirement),
      v.maxValue(most, requirement),
    ),
  );
};

/** Accounts of a demo's organization if `--accounts` is not given: the management account and one in each unit. */
const ORGANIZATION_ACCOUNTS = 6;

/** Maximum length of an exceptions file. It leaves room for the other fields of the execution's input. */
const MAX_CHARACTERS = 200_000;

function fileText(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error: unknown) {
    throw new InvalidArgumentError(
      `The file can't be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  if (text.length <= MAX_CHARACTERS) return text;
  throw new InvalidArgumentError(
    `The file has ${text.length} characters; the maximum is ${MAX_CHARACTERS}. Store it as config/exceptions.json in the results instead.`,
  );
}

const withAws = (command: Command, regionOf: string): Command =>
  command
    .option('--profile <name>', 'AWS profile from ~/.aws/config')
    .option('--region <region>', `AWS Region of ${regionOf}`);

const withOrganizationLimits = (command: Command): Command =>
  organizationLimits.reduce(
    (built, { name, names, description }) =>
      built.option(`${name} <id>`, description, collect(names === 'unit' ? parseWith(Unit) : accountId), []),
    command,
  );

const withScope = (command: Command): Command =>
  withOrganizationLimits(
    command
      .addOption(
        new Option('--account-id <id>', 'account to audit (repeatable)')
          .argParser(collect(accountId))
          .default([])
          .conflicts(['organization']),
      )
      .option('--organization', 'audit the active accounts of the organization', false),
  )
    .option(
      '--principal <arn>',
      'audit only principals that match this ARN; * and ? are wildcards (repeatable)',
      collect(parseWith(PrincipalPattern)),
      [],
    )
    .option(
      '--spread-over <minutes>',
      'spread the run over this time; 0: as fast as possible',
      number(0, 1_440, false),
      0,
    )
    .option('--full', 'read everything again, including evidence that is still valid', false)
    .option('--resume <run>', 'continue a run that ended PARTIAL or was interrupted', parseWith(RunId))
    .option('--exceptions <file>', 'file of exceptions to use instead of config/exceptions.json', fileText)
    .option('--json', 'print run.json to standard output', false);

const withDeployment = (command: Command): Command =>
  withAws(command, 'the stack')
    .option('--stack <name>', 'stack of the deployed audit; needed only if there are several')
    .option('--state-machine-arn <arn>', 'ARN of the state machine of the deployed audit, instead of --stack');

const withResults = (command: Command, defaultRun = 'the last run'): Command =>
  withDeployment(command)
    .option('--out <dir>', 'folder with results on this machine, instead of the deployed audit')
    .option('--run <run>', `run ID (default: ${defaultRun})`, parseWith(RunId));

/** Default values that `--help` does not show, because they mean that the option is not set. */
const EMPTY_DEFAULTS = ['false', '[]', '{}'];

const optionDescription = (option: Option): string =>
  option.presetArg !== undefined || EMPTY_DEFAULTS.includes(JSON.stringify(option.defaultValue))
    ? option.description
    : new Help().optionDescription(option);

/**
 * The command line. Each command's module is loaded only when the command runs, because loading the SDK clients takes
 * most of a second. `--help` and errors in options therefore appear immediately.
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.complete;
  const program = new Command('iam-audit')
    .description('Audits what IAM users and roles can do in AWS and what they use, with few throttled calls.')
    .configureHelp({ optionDescription })
    .exitOverride();

  program
    .command('demo')
    .description('run the whole workflow against an emulated AWS on this machine')
    .option('--principals <n>', 'number of principals in each account', number(1, 100_000, true), 120)
    .option('--accounts <n>', 'number of accounts', number(1, 1_000, true), 1)
    .addOption(
      new Option(
        '--organization',
        `put the accounts, by default ${ORGANIZATION_ACCOUNTS}, into an organization with units and service control policies`,
      )
        .default(false)
        .implies({ accounts: ORGANIZATION_ACCOUNTS }),
    )
    .option('--seed <n>', 'seed for generating the accounts', number(0, 2 ** 31, true), 1)
    .option('--rate <n>', 'calls per second that IAM allows for each operation', number(0.5, 1_000, false), 20)
    .addOption(
      new Option(
        '--bystanders [share]',
        'add another application that uses this share of the rate (0.2 if no share is given)',
      )
        .preset('0.2')
        .argParser(number(0.01, 0.9, false)),
    )
    .option(
      '--disturb <parts>',
      'make the limits irregular: noise=SHARE, bursts=KxON/PERIOD, storm=KxSECONDS, window=CALLS/SECONDS, sliding=CALLS/SECONDS, late=SECONDS, debt=TOKENS, empty, hosts=N, steps=FACTOR@SECOND+…; several parts are separated by commas',
      parseDisturbances,
    )
    .option('--full', 'read everything again, including evidence that is still valid', false)
    .option('--out <dir>', 'folder for results', DEFAULT_OUT)
    .option('--json', 'print run.json to standard output', false)
    .action(async (options: Parameters<typeof demo>[0]) => {
      code = await (await import('./demo.ts')).demo(options);
    });

  const runCommand = program.command('run').description('audit real accounts from this machine (read-only)');
  withScope(
    withSessionOptions(
      withAws(runCommand, 'the STS endpoint')
        .option('--out <dir>', 'folder for results', DEFAULT_OUT)
        .option('--role-arn <arn>', 'ARN of a role to assume before the audit')
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
      .option(
        '--rate-share <share>',
        `share of the measured IAM rate to use; a lower one leaves more to other applications (default: ${defaultSettings.rateShare})`,
        number(shareBounds.least, shareBounds.most, false),
      )
      .option(
        '--max-rate <calls>',
        'maximum number of calls per second to each IAM operation, in each account (default: no maximum)',
        number(rateBounds.least, rateBounds.most, false),
      ),
  )
    .option(
      '--print-policy',
      'print the minimum policy that the audit needs with the other options, without auditing',
      false,
    )
    .action(async (options: Parameters<typeof run>[0] & { readonly printPolicy: boolean }) => {
      if (options.printPolicy) process.stdout.write(`${JSON.stringify(callersPolicy(options), null, 2)}\n`);
      else code = await (await import('./real-run.ts')).run(options);
    });

  withScope(withDeployment(program.command('start').description('start a run of the deployed audit')))
    .option('--wait', 'wait until the run ends; show its progress and summary', false)
    .action(async (options: Parameters<typeof start>[0]) => {
      code = await (await import('./start.ts')).start(options);
    });

  withResults(
    program.command('status').description('show the status of a run'),
    'the run in progress, otherwise the last run',
  )
    .option('--json', 'print run.json to standard output', false)
    .action(async (options: Parameters<typeof status>[0]) => {
      code = await (await import('./results.ts')).status(options);
    });

  withResults(program.command('report').description('print or open the report of a run'))
    .option('--open', 'open the report in the browser instead of printing it', false)
    .addOption(new Option('--format <format>', 'format of the report').choices(['html', 'csv', 'json']).default('html'))
    .action(async (options: Parameters<typeof report>[0]) => {
      code = await (await import('./results.ts')).report(options);
    });

  withDeployment(
    program.command('diff').description('show what changed between two runs (exit code 4 if something changed)'),
  )
    .option('--out <dir>', 'folder with results on this machine, instead of the deployed audit')
    .option('--from <run>', 'earlier run (default: the last run of all principals before --to)', parseWith(RunId))
    .option('--to <run>', 'later run (default: the last run)', parseWith(RunId))
    .option('--json', 'print the changes as JSON to standard output', false)
    .action(async (options: Parameters<typeof diff>[0]) => {
      code = await (await import('./diff.ts')).diff(options);
    });

  withResults(
    program
      .command('who')
      .description(
        'list the principals that can do an action, the policies that allow it, and when each principal last did it',
      ),
  )
    .argument('<action>', 'one action, such as iam:PassRole', parseWith(Action))
    .option('--resource <arn>', 'check the action on this resource only', parseWith(Resource))
    .option('--resource-account <id>', 'account of a resource whose ARN does not name it, such as a bucket', accountId)
    .option('--any', "accept an action that is not in AWS's Service Authorization Reference", false)
    .option('--json', 'print the whole answer as JSON to standard output', false)
    .action(async (action: string, options: Parameters<typeof who>[1]) => {
      code = await (await import('./who.ts')).who(action, options);
    });

  withResults(
    program
      .command('can')
      .description('show what a principal can do, what allows it, when it last did it, and what it can become'),
  )
    .argument('<principal>', 'ARN of a user or role, or its name if only one has it')
    .argument('[action...]', 'only these actions, such as iam:PassRole', collectActions)
    .option('--resource <arn>', 'check the actions on this resource only', parseWith(Resource))
    .option('--any', "accept actions that are not in AWS's Service Authorization Reference", false)
    .option('--json', 'print the whole answer as JSON to standard output', false)
    .action(async (principal: string, actions: string[] | undefined, options: Parameters<typeof can>[2]) => {
      code = await (await import('./can.ts')).can(principal, actions ?? [], options);
    });

  withResults(
    program
      .command('path')
      .description('show the steps from a principal to administrator permissions, or to another principal'),
  )
    .argument('<from>', 'ARN of a user or role, or its name if only one has it')
    .argument('[to]', 'ARN or name of another principal (default: any administrator)')
    .option('--json', 'print the paths as JSON to standard output', false)
    .addOption(
      new Option('--dot', "print the paths as a graph in Graphviz's language").default(false).conflicts('json'),
    )
    .addOption(new Option('--expect <what>', 'end with exit code 4 if there is a path').choices(['none']))
    .action(async (from: string, to: string | undefined, options: Parameters<typeof path>[2]) => {
      code = await (await import('./path.ts')).path(from, to, options);
    });

  program
    .command('scan')
    .description('find the same as a run from files, without calls to AWS; permissions are evaluated on this machine')
    .argument(
      '<file...>',
      'the JSON of aws iam get-account-authorization-details (all pages), or accounts in the format of test/fixtures/cases; - reads standard input',
    )
    .option(
      '--credential-report <file>',
      'credential report of an account: its CSV, or the JSON of aws iam get-credential-report (repeatable)',
      collect((text) => text),
      [],
    )
    .option(
      '--scp <file>',
      'service control policies of the accounts: one policy, or a list of levels from the root to the account, each a list of policies (repeatable)',
      collect((text) => text),
      [],
    )
    .option('--out <dir>', 'also write the results as a run to this folder, so that who, can and path can read them')
    .option('--json', 'print the findings as JSON to standard output', false)
    .action(async (files: string[], options: Parameters<typeof scan>[1]) => {
      code = await (await import('./scan.ts')).scan(files, options);
    });

  program
    .command('doctor')
    .description(
      'find which callers cause "Rate exceeded" in IAM and STS, and what they must change (exit code 4 if something was found)',
    )
    .addOption(
      new Option('--lookup', "read CloudTrail's event history, which needs no trail (default)").conflicts([
        'cloudtrail',
        'athena',
      ]),
    )
    .addOption(
      new Option('--cloudtrail <where>', 'read CloudTrail log files in a folder or under s3://bucket/prefix')
        .argParser(
          parseWith(v.pipe(v.string(), v.nonEmpty('It must be a folder or an address such as s3://bucket/prefix.'))),
        )
        .conflicts(['athena']),
    )
    .option('--athena', 'query the trail of the deployed stack with Athena', false)
    .option(
      '--since <time>',
      'start of the period: a time, or a duration before now such as 6h (default: 1h with --lookup, 1d with --athena)',
      parseTime,
    )
    .option('--until <time>', 'end of the period, like --since (default: now)', parseTime)
    .option(
      '--max-events <n>',
      'maximum number of events that --lookup reads (default: 30000)',
      number(50, 10_000_000, true),
    )
    .option(
      '--threshold <name=value>',
      'change a threshold (repeatable); --explain lists the thresholds of a question',
      parseThreshold,
      {},
    )
    .option('--profile <name>', 'AWS profile from ~/.aws/config')
    .option(
      '--region <region>',
      'Region of the STS calls that --lookup reads (repeatable), of the stack (--athena) or of the bucket (s3://)',
      collect(parseWith(Region)),
      [],
    )
    .option('--stack <name>', 'stack with the Athena queries; needed only if there are several')
    .option(
      '--html <file>',
      'also write the answer as an HTML page with a timeline',
      parseWith(v.pipe(v.string(), v.nonEmpty('It must be the name of a file such as doctor.html.'))),
    )
    .addOption(
      new Option('--explain <question>', 'explain a question and its thresholds, without reading logs').choices(
        questionIds,
      ),
    )
    .option('--json', 'print the answer as JSON to standard output', false)
    .action(async (options: Parameters<typeof doctor>[0]) => {
      code = await (await import('./doctor/doctor.ts')).doctor(options);
    });

  const memberTemplate = program
    .command('member-template')
    .description('print the template of the role that the audit assumes in each account')
    .option('--profile <name>', 'with --check: AWS profile from ~/.aws/config')
    .option('--region <region>', 'with --check: AWS Region of the STS endpoint');
  withMemberTemplateOptions(memberTemplate).action(async (options: MemberTemplateOptions) => {
    checkMemberTemplateOptions(options, memberTemplate);
    code = options.check
      ? await (await import('./check-organization.ts')).checkOrganization(options)
      : (await import('./member-template.ts')).memberTemplate(options);
  });

  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error: unknown) {
    const usage = v.safeParse(
      v.object({ code: v.pipe(v.string(), v.startsWith('commander.')), exitCode: v.number() }),
      error,
    );
    if (!usage.success) throw error;
    return usage.output.exitCode === 0 ? exitCodes.complete : exitCodes.usage;
  }
}
