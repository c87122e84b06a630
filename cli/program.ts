import { Command, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { AccountId, PrincipalPattern, RunId } from '../core/contract/execution-input.ts';
import { leastPolicy } from '../core/contract/permissions.ts';
import { DEFAULT_OUT } from './default-out.ts';
import type { demo } from './demo.ts';
import type { diff } from './diff.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import type { run } from './real-run.ts';
import type { report, status } from './results.ts';
import type { start } from './start.ts';
import type { who } from './who.ts';

const checked =
  <T>(schema: v.GenericSchema<unknown, T>) =>
  (text: string): T => {
    const parsed = v.safeParse(schema, text);
    if (parsed.success) return parsed.output;
    throw new InvalidArgumentError(parsed.issues[0].message);
  };

const collected =
  <T>(parse: (text: string) => T) =>
  (text: string, list: T[]): T[] => [...list, parse(text)];

const Action = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9-]+:[a-z0-9]+$/i,
    'It must be one action, such as iam:PassRole: a service, a colon and a name, without wildcards.',
  ),
);
const Resource = v.pipe(
  v.string(),
  v.regex(
    /^arn:[^:*?]+:[^:*?]+:[^:*?]*:[^:*?]*:[^*?]+$/,
    'It must be the ARN of one resource, such as arn:aws:s3:::bucket/key, without wildcards.',
  ),
);

const number = (least: number, most: number, whole: boolean): ((text: string) => number) => {
  const right = `It must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`;
  return checked(
    v.pipe(
      v.string(),
      v.regex(whole ? /^\d+$/ : /^\d+(\.\d+)?$/, right),
      v.transform(Number),
      v.minValue(least, right),
      v.maxValue(most, right),
    ),
  );
};

/** As much as an execution's input takes, with room for the rest of it. */
const MOST_CHARACTERS = 200_000;

function fileText(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error: unknown) {
    throw new InvalidArgumentError(`It can't be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (text.length <= MOST_CHARACTERS) return text;
  throw new InvalidArgumentError(
    `It has ${text.length} characters, and ${MOST_CHARACTERS} fit. Put it into config/exceptions.json of the results instead.`,
  );
}

const withAws = (command: Command): Command =>
  command
    .option('--profile <name>', 'profile of ~/.aws/config')
    .option('--region <region>', 'Region of STS and of the stack');

const withScope = (command: Command): Command =>
  command
    .option('--account-id <id>', 'account to audit; repeatable', collected(checked(AccountId)), [])
    .option(
      '--principal <arn>',
      'only principals with this ARN, * and ? are wildcards; repeatable',
      collected(checked(PrincipalPattern)),
      [],
    )
    .option('--spread-over <minutes>', 'spread the calls', number(0, 1_440, false), 0)
    .option('--full', 'ask for everything, also what is known', false)
    .option('--resume <run>', 'go on with what this run has not finished', checked(RunId))
    .option('--exceptions <file>', 'exceptions from findings, instead of config/exceptions.json', fileText)
    .option('--json', 'print run.json on standard output', false);

const withDeployment = (command: Command): Command =>
  withAws(command)
    .option('--stack <name>', 'stack of the deployed audit, where there are several')
    .option('--state-machine-arn <arn>', 'state machine of the deployed audit');

const withResults = (command: Command): Command =>
  withDeployment(command)
    .option('--out <dir>', 'results on this machine instead of those of the deployed audit')
    .option('--run <run>', 'another run than the last', checked(RunId));

/**
 * The command line. Each command's module is loaded when the command runs: the SDK clients take most of a second, which
 * `--help` and a wrong option need not wait for.
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.complete;
  const program = new Command('iam-audit')
    .description('Audits who can do what in AWS, and who still uses it, without meeting "Rate exceeded".')
    .exitOverride();

  program
    .command('demo')
    .description('the whole workflow against an emulated AWS on this machine')
    .option('--principals <n>', 'principals in each account', number(1, 100_000, true), 120)
    .option('--accounts <n>', 'accounts', number(1, 1_000, true), 1)
    .option('--seed <n>', 'the accounts are generated from it', number(0, 2 ** 31, true), 1)
    .option('--rate <n>', 'calls a second that each IAM operation takes', number(0.5, 1_000, false), 20)
    .addOption(
      new Option('--bystanders [share]', 'another application asks for this share of the rate, 0.2 without a number')
        .preset('0.2')
        .argParser(number(0.01, 0.9, false)),
    )
    .option('--full', 'ask for everything, also what is known already', false)
    .option('--out <dir>', 'where results go', DEFAULT_OUT)
    .option('--json', 'print run.json on standard output', false)
    .action(async (options: Parameters<typeof demo>[0]) => {
      code = await (await import('./demo.ts')).demo(options);
    });

  withScope(
    withAws(program.command('run').description('audits real accounts from this machine; it only reads'))
      .option('--out <dir>', 'where results go', DEFAULT_OUT)
      .option('--role-arn <arn>', 'role to assume before anything else')
      .option('--role-name <name>', 'role to assume in each account, the own one included')
      .option('--external-id <id>', 'what the role wants to be told'),
  )
    .option('--print-policy', 'print the least policy that the audit needs, and end', false)
    .action(async (options: Parameters<typeof run>[0] & { readonly printPolicy: boolean }) => {
      if (options.printPolicy) process.stdout.write(`${JSON.stringify(leastPolicy, null, 2)}\n`);
      else code = await (await import('./real-run.ts')).run(options);
    });

  withScope(withDeployment(program.command('start').description('starts the deployed audit')))
    .option('--wait', 'follow the run to its end', false)
    .action(async (options: Parameters<typeof start>[0]) => {
      code = await (await import('./start.ts')).start(options);
    });

  withResults(program.command('status').description('how the last run, or a given one, went or goes'))
    .option('--json', 'print run.json on standard output', false)
    .action(async (options: Parameters<typeof status>[0]) => {
      code = await (await import('./results.ts')).status(options);
    });

  withResults(program.command('report').description('the report of the last run, or of a given one'))
    .option('--open', 'open it in the browser instead of printing it', false)
    .addOption(new Option('--format <format>', 'what to print').choices(['html', 'csv', 'json']).default('html'))
    .action(async (options: Parameters<typeof report>[0]) => {
      code = await (await import('./results.ts')).report(options);
    });

  withDeployment(
    program.command('diff').description('what has changed between two runs; ends with 4 where something has'),
  )
    .option('--out <dir>', 'results on this machine instead of those of the deployed audit')
    .option(
      '--from <run>',
      'the earlier run; without it the last one of all principals before the other',
      checked(RunId),
    )
    .option('--to <run>', 'the later run; without it the last', checked(RunId))
    .option('--json', 'print the changes as JSON on standard output', false)
    .action(async (options: Parameters<typeof diff>[0]) => {
      code = await (await import('./diff.ts')).diff(options);
    });

  withResults(program.command('who').description('which principals can do an action, by which policy, and last did'))
    .argument('<action>', 'such as iam:PassRole', checked(Action))
    .option('--resource <arn>', 'only whether they can do it on this one', checked(Resource))
    .option('--json', 'print the whole answer as JSON on standard output', false)
    .action(async (action: string, options: Parameters<typeof who>[1]) => {
      code = await (await import('./who.ts')).who(action, options);
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
