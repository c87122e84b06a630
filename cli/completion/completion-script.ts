import type { DescribedCommand, DescribedOption, DescribedProgram } from './described-program.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

/** The script with which a shell completes the program's commands, options and values. Other values are file names. */
export function completionScript(shell: (typeof shells)[number], program: DescribedProgram): string {
  switch (shell) {
    case 'bash':
      return bashScript(program);
    case 'zsh':
      return zshScript(program);
    case 'fish':
      return fishScript(program);
  }
}

/** Quotes text for all three shells, if `escapeQuote` is what the shell writes for a quote. */
const quoted = (text: string, escapeQuote: string): string => `'${text.replaceAll("'", escapeQuote)}'`;

function bashScript({ name, options, commands }: DescribedProgram): string {
  const ofCommands = commands.map(
    (command) =>
      `    ${command.name}) words=${quoted([...namesOf([...command.options, ...options]), ...command.choices].join(' '), `'\\''`)} ;;`,
  );
  // The same option may have a value in one command, and none in another.
  const withValue = commands.flatMap((command) =>
    command.options.flatMap(({ name: option, value }) =>
      value === null || value.isOptional ? [] : [`${command.name}:${option}`],
    ),
  );
  const values = commands.flatMap((command) =>
    command.options.flatMap(({ name: option, value }) =>
      value === null || value.choices.length === 0
        ? []
        : [
            `    ${command.name}:${option}) COMPREPLY=($(compgen -W '${value.choices.join(' ')}' -- "$current")); return ;;`,
          ],
    ),
  );
  return `# bash completion of ${name}
_iam_audit_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$1"))
}
_iam_audit() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in ${commands.map((command) => command.name).join('|')}) command="$word"; break ;; esac
  done
  COMPREPLY=()
  case "$command:$previous" in
${values.join('\n')}
    ${withValue.join('|')}) _iam_audit_files "$current"; return ;;
  esac
  case "$command" in
    '') words='${[...commands.map((command) => command.name), ...namesOf(options)].join(' ')}' ;;
${ofCommands.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ \${#COMPREPLY[@]} -eq 0 && "$current" != -* ]]; then _iam_audit_files "$current"; fi
}
complete -F _iam_audit ${name}
`;
}

const namesOf = (options: readonly DescribedOption[]): string[] => options.map((option) => option.name);

function zshScript({ name, options, commands }: DescribedProgram): string {
  const quote = (text: string): string => quoted(text, `'\\''`);
  // In a specification of _arguments, brackets and colons separate its parts.
  const specification = ({ name: option, description, value }: DescribedOption): string => {
    const what = description.replace(/[[\]:\\]/g, '\\$&');
    const of = value === null ? '' : `:value:${value.choices.length === 0 ? '_files' : `(${value.choices.join(' ')})`}`;
    return quote(`*${option}[${what}]${of}`);
  };
  const argumentsOf = ({ choices }: DescribedCommand): string =>
    quote(choices.length === 0 ? '*:argument:_files' : `*:argument:(${choices.join(' ')})`);
  const cases = commands.map(
    (command) => `    ${command.name})
      _arguments ${[...[...command.options, ...options].map(specification), argumentsOf(command)].join(' \\\n        ')} ;;`,
  );
  const described = commands.map((command) => `    ${quote(`${command.name}:${command.summary}`)}`);
  return `#compdef ${name}
# zsh completion of ${name}
_iam_audit() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  local command=\${words[(r)(${commands.map((command) => command.name).join('|')})]}
  case $command in
${cases.join('\n')}
    *)
      _describe command commands
      _arguments ${options.map(specification).join(' \\\n        ')} ;;
  esac
}
if [ "$funcstack[1]" = "_iam_audit" ] || [ "$funcstack[1]" = "_${name}" ]; then _iam_audit "$@"; else compdef _iam_audit ${name}; fi
`;
}

function fishScript({ name, options, commands }: DescribedProgram): string {
  const quote = (text: string): string => quoted(text.replaceAll('\\', '\\\\'), `\\'`);
  const names = commands.map((command) => command.name).join(' ');
  const option = (when: string, { name: long, description, value }: DescribedOption): string => {
    const of = value === null ? '' : value.choices.length === 0 ? ' -r' : ` -x -a ${quote(value.choices.join(' '))}`;
    return `complete -c ${name}${when} -l ${long.replace(/^--/, '')}${of} -d ${quote(description)}`;
  };
  return [
    `# fish completion of ${name}`,
    ...options.map((one) => option('', one)),
    ...commands.flatMap((command) => {
      const inCommand = ` -n ${quote(`__fish_seen_subcommand_from ${command.name}`)}`;
      return [
        `complete -c ${name} -f -n ${quote(`not __fish_seen_subcommand_from ${names}`)} -a ${command.name} -d ${quote(command.summary)}`,
        ...command.options.map((one) => option(inCommand, one)),
        ...(command.choices.length === 0
          ? []
          : [`complete -c ${name} -f${inCommand} -a ${quote(command.choices.join(' '))}`]),
      ];
    }),
    '',
  ].join('\n');
}
