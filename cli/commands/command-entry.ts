import type { Command } from 'commander';
import type { ExitCode } from '../exit-codes.ts';

/** Adds the arguments, options, examples and the action of a command. The action gives the exit code to `end`. */
export type Define = (command: Command, end: (code: ExitCode) => void) => void;

/** What the list of commands says about a command. Its options are loaded when the command is named. */
export interface CommandEntry {
  readonly name: string;
  readonly group: 'Audits:' | 'Results:' | 'Without an audit:' | 'Set-up:';
  readonly summary: string;
  /** For the command's own help, if the summary is too short for it. */
  readonly description?: string;
  readonly load: () => Promise<Define>;
  /** Whether the command needs the options of all commands. */
  readonly describesAll?: boolean;
}

/** Adds examples to the help of a command: what each does, and its words after `iam-audit`. */
export const withExamples = (command: Command, examples: readonly (readonly [string, string])[]): Command =>
  command.addHelpText(
    'after',
    ['', 'Examples:', ...examples.flatMap(([does, words]) => [`  # ${does}`, `  npx iam-audit ${words}`])].join('\n'),
  );
