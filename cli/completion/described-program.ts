import type { Command, Option } from 'commander';

export interface DescribedOption {
  /** With its dashes. */
  readonly name: string;
  readonly description: string;
  /** Null if the option has no value. */
  readonly value: { readonly choices: readonly string[]; readonly isOptional: boolean } | null;
}

export interface DescribedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly DescribedOption[];
  /** Values of its arguments, if they are known. */
  readonly choices: readonly string[];
}

export interface DescribedProgram {
  readonly name: string;
  /** Options that every command has. */
  readonly options: readonly DescribedOption[];
  readonly commands: readonly DescribedCommand[];
}

/** Commander's program as the shells need it: completion can't offer other commands and options than the program has. */
export function describeProgram(program: Command): DescribedProgram {
  const options = optionsOf(program);
  const ofProgram = new Set(options.map(({ name }) => name));
  return {
    name: program.name(),
    options,
    commands: program.commands.map((command) => ({
      name: command.name(),
      summary: command.summary(),
      options: optionsOf(command).filter(({ name }) => !ofProgram.has(name)),
      choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    })),
  };
}

const optionsOf = (command: Command): DescribedOption[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) => {
      const { long } = option;
      return typeof long === 'string' ? [{ name: long, description: option.description, value: valueOf(option) }] : [];
    });

const valueOf = ({ required, optional, argChoices }: Option): DescribedOption['value'] =>
  required || optional ? { choices: argChoices ?? [], isOptional: optional } : null;
