import { execFileSync } from 'node:child_process';
import { resumeCommand } from '../../cli/resume-command.ts';
import type { RunOptions } from '../../cli/real-run.ts';

/** The arguments that a shell passes to a command. */
const argumentsOf = (command: string): string[] =>
  execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

const options = (values: Partial<RunOptions>): RunOptions =>
  ({ out: './iam-audit-results', sessionTag: {}, ...values }) as RunOptions;

test.each([
  'plain',
  'two words',
  "it's",
  "'; rm -rf / #",
  '$(id) `id` ${HOME}',
  'a"b\\c',
  'line\nbreak',
  '*?[a-z]~',
  '',
  '-x',
])('a shell reads the value %j of the resume command unchanged', (value) => {
  const command = resumeCommand(
    options({ out: value, profile: value, externalId: value, sessionTag: { team: value } }),
  );
  expect(argumentsOf(command)).toEqual([
    ...['npx', 'iam-audit', 'run', '--out', value, '--profile', value, '--external-id', value],
    ...['--session-tag', `team=${value}`],
  ]);
});
