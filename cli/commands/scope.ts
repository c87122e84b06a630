import { Option, type Command } from 'commander';
import { PrincipalPattern, RunId } from '../../core/contract/execution-input.ts';
import { accountId, collect, number, parseWith } from '../option-parsers.ts';
import { organizationLimits } from '../scope-options.ts';
import { groups } from './option-groups.ts';
import { fileText, Unit } from './option-values.ts';

/** Options for the accounts and principals of a run, its window, and whether it reads everything. */
export function withAudited(command: Command): Command {
  command
    .optionsGroup(groups.scope)
    .addOption(
      new Option('--account-id <id>', 'account to audit (repeatable)')
        .argParser(collect(accountId))
        .default([])
        .conflicts(['organization']),
    )
    .option('--organization', 'audit the active accounts of the organization', false);
  for (const { name, names, description } of organizationLimits) {
    command.option(`${name} <id>`, description, collect(names === 'unit' ? parseWith(Unit) : accountId), []);
  }
  return command
    .option(
      '--principal <arn>',
      'audit only principals that match this ARN; * and ? are wildcards (repeatable)',
      collect(parseWith(PrincipalPattern)),
      [],
    )
    .optionsGroup(groups.pace)
    .option(
      '--spread-over <minutes>',
      'spread the run over this time; 0: as fast as possible',
      number(0, 1_440, false),
      0,
    )
    .optionsGroup(groups.evidence)
    .option('--full', 'read everything again, including evidence that is still valid', false)
    .option('--resume <run>', 'continue a run that ended PARTIAL or was interrupted', parseWith(RunId));
}

/** Options for what a run covers. `run` and `start` have the same. */
export const withScope = (command: Command): Command =>
  withAudited(command).option(
    '--exceptions <file>',
    'file of exceptions to use instead of config/exceptions.json',
    fileText,
  );
