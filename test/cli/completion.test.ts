import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildProgram } from '../../cli/program.ts';
import { completionScript, shells } from '../../cli/completion/completion-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { describeProgram, type DescribedProgram } from '../../cli/completion/described-program.ts';

const folder = temporaryFolder('completion');
writeFileSync(join(folder, 'with a space.json'), '');

const program = () =>
  buildProgram(
    () => true,
    () => undefined,
  );
const described = async (): Promise<DescribedProgram> => describeProgram(await program());

/** How each shell's script writes an option of a command. */
const partsOf = {
  bash: (script: string, command: string) => new RegExp(`^    ${command}\\) words='(.*)' ;;$`, 'm').exec(script)![1]!,
  zsh: (script: string, command: string) => script.split(`\n    ${command})\n`)[1]!.split(' ;;')[0]!,
  fish: (script: string, command: string) =>
    script
      .split('\n')
      .filter((line) => line.includes(`__fish_seen_subcommand_from ${command}'`))
      .join('\n')
      .replaceAll(' -l ', ' --'),
};

test.each(shells)('every command and every option of commander is in the script for %s', async (shell) => {
  const commander = await program();
  const script = completionScript(shell, describeProgram(commander));
  expect(commander.commands.length).toBeGreaterThan(10);
  for (const command of commander.commands) {
    const part = partsOf[shell](script, command.name());
    for (const { long } of command.options) expect(part).toMatch(new RegExp(`${long!}\\b`));
    expect(command.options.length > 0 || command.name() === 'completion').toBe(true);
  }
  for (const { long } of commander.options) expect(script).toContain(long!.slice(2));
});

test.each([
  [['st'], ['start', 'status']],
  [['run', '--princ'], ['--principal']],
  [
    ['report', '--format', ''],
    ['asff', 'csv', 'html', 'json', 'ocsf', 'sarif'],
  ],
  [['completion', 'z'], ['zsh']],
  [['report', '--open', '--fo'], ['--format']],
  [['scan', 'package.js'], ['package.json']],
  [['run', '--exceptions', 'package.js'], ['package.json']],
  [['scan', '--scp', 'package.js'], ['package.json']],
  [['member-template', '--scp', '--exe'], ['--exempt']],
  [['scan', `${folder}/with a`], [`${folder}/with a space.json`]],
])('bash completes %j', async (words, expected) => {
  const script = completionScript('bash', await described());
  const { stdout } = spawnSync(
    'bash',
    [
      '--norc',
      '-c',
      `${script}\nCOMP_WORDS=(iam-audit "$@"); COMP_CWORD=$#; _iam_audit; printf '%s\\n' "\${COMPREPLY[@]}"`,
      'bash',
      ...words,
    ],
    { encoding: 'utf8' },
  );
  expect(stdout.trim().split('\n').sort()).toEqual(expected);
});
