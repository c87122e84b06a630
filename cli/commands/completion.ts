import { Argument, InvalidArgumentError } from 'commander';
import { completionScript, shells } from '../completion/completion-script.ts';
import { describeProgram } from '../completion/described-program.ts';
import { exitCodes } from '../exit-codes.ts';
import { suggestionFor } from '../../core/wording/near-names.ts';
import { withExamples, type Define } from './command-entry.ts';

const parseShell = (text: string): (typeof shells)[number] => {
  const shell = shells.find((one) => one === text);
  if (shell !== undefined) return shell;
  throw new InvalidArgumentError(
    `${suggestionFor(text, shells)} Allowed choices are ${shells.join(', ')}.`.trimStart(),
  );
};

export const define: Define = (command, end) => {
  command
    .addArgument(new Argument('<shell>', 'shell that is to complete').choices([...shells]).argParser(parseShell))
    .action((shell: (typeof shells)[number]) => {
      process.stdout.write(completionScript(shell, describeProgram(command.parent ?? command)));
      end(exitCodes.complete);
    });
  withExamples(command, [
    ['bash, for this session', 'completion bash > iam-audit.bash && source iam-audit.bash'],
    ['zsh, in a folder of $fpath', 'completion zsh > ~/.zfunc/_iam-audit'],
    ['fish', 'completion fish > ~/.config/fish/completions/iam-audit.fish'],
  ]);
  command.addHelpText(
    'after',
    '\nThe shell completes the command iam-audit. For a checkout, define it: alias iam-audit="npx iam-audit"',
  );
};
