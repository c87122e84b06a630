import { Command, CommanderError, Help, type Option } from 'commander';
import { styleText } from 'node:util';
import packageFile from '../package.json' with { type: 'json' };
import { allCommands } from './commands/all-commands.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { say, setVerbosity } from './output.ts';
import { WrongUsage } from './wrong-usage.ts';

/** Default values that `--help` does not show, because they mean that the option is not set. */
const EMPTY_DEFAULTS = ['false', '[]', '{}'];

const optionDescription = (option: Option): string =>
  option.presetArg !== undefined || EMPTY_DEFAULTS.includes(JSON.stringify(option.defaultValue))
    ? option.description
    : new Help().optionDescription(option);

/**
 * The command line. Commander removes the styles if the output is not a terminal, or if NO_COLOR is set.
 * @param isNeeded whether the options of a command are needed; loading those of all commands takes longer
 * @param end is given the exit code of the command
 */
export async function buildProgram(
  isNeeded: (name: string) => boolean,
  end: (code: ExitCode) => void,
): Promise<Command> {
  const program = new Command('iam-audit')
    .description('Audits what IAM users and roles can do in AWS and what they use, with few throttled calls.')
    .version(packageFile.version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--quiet', 'print no progress and no notes; print results, warnings and errors')
    .option('--verbose', 'also print each step of a run, and where an unexpected error occurred')
    .configureHelp({
      optionDescription,
      showGlobalOptions: true,
      subcommandTerm: (command) => command.name(),
      styleTitle: (title) => styleText('bold', title, { validateStream: false }),
    })
    .addHelpCommand(
      new Command('help').argument('[command]').description('print the help of a command').helpGroup('Set-up:'),
    )
    .addHelpText('after', '\niam-audit <command> --help prints the options of a command, with examples.')
    .exitOverride()
    .hook('preAction', () => {
      const { quiet, verbose }: { quiet?: boolean; verbose?: boolean } = program.opts();
      if (quiet === true && verbose === true) program.error('error: --quiet and --verbose exclude each other.');
      setVerbosity(quiet === true ? 'quiet' : verbose === true ? 'verbose' : 'normal');
    });
  for (const { name, group, summary, description = summary, load } of allCommands) {
    const command = program.command(name).summary(summary).description(description).helpGroup(group);
    if (isNeeded(name)) (await load())(command, end);
  }
  return program;
}

/** SQL may begin with a comment, which would be taken for an option. White space before it has no meaning. */
const notAnOption = (argument: string): string => (/^--[^=]*\s/.test(argument) ? ` ${argument}` : argument);

/** Runs the command line. @returns the exit code */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.complete;
  const describesAll = allCommands.some(({ name, describesAll: all }) => all === true && argv.includes(name));
  const program = await buildProgram(
    (name) => describesAll || argv.includes(name),
    (ended) => {
      code = ended;
    },
  );
  try {
    await program.parseAsync(argv.includes('query') ? argv.map(notAnOption) : [...argv]);
    return code;
  } catch (error: unknown) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.complete : exitCodes.usage;
    if (!(error instanceof WrongUsage)) throw error;
    say(error.message);
    return exitCodes.usage;
  }
}
