import { Option } from 'commander';
import { choice } from '../option-parsers.ts';
import type { path } from '../path.ts';
import { withExamples, type Define } from './command-entry.ts';
import { groups } from './option-groups.ts';
import { withResults } from './source.ts';

export const define: Define = (command, end) => {
  withResults(
    command
      .argument('<from>', 'ARN of a user or role, or its name if only one has it')
      .argument('[to]', 'ARN or name of another principal (default: any administrator)'),
  )
    .optionsGroup(groups.output)
    .option('--json', 'print the paths as JSON to standard output', false)
    .addOption(
      new Option('--dot', "print the paths as a graph in Graphviz's language").default(false).conflicts('json'),
    )
    .addOption(choice('--expect <what>', 'end with exit code 4 if there is a path', ['none']))
    .action(async (from: string, to: string | undefined, options: Parameters<typeof path>[2]) => {
      end(await (await import('../path.ts')).path(from, to, options));
    });
  withExamples(command, [
    ['How can the principal with the name deploy become an administrator?', 'path deploy'],
    ['How can it become the role app? As a picture', 'path deploy app --dot | dot -Tsvg > paths.svg'],
    ['Fail a build if there is a path', 'path ci-runner --expect none'],
  ]);
};
