import type { Command } from 'commander';
import { RunId } from '../../core/contract/execution-input.ts';
import { DEFAULT_OUT } from '../default-out.ts';
import { parseWith } from '../option-parsers.ts';
import { groups } from './option-groups.ts';
import { Region } from './option-values.ts';

export const withAws = (command: Command, regionOf: string): Command =>
  command
    .option('--profile <name>', 'AWS profile from ~/.aws/config')
    .option('--region <region>', `AWS Region of ${regionOf}`, parseWith(Region));

export const withDeployment = (command: Command): Command =>
  withAws(command.optionsGroup(groups.source), 'the stack')
    .option('--stack <name>', 'stack of the deployed audit; needed only if there are several')
    .option('--state-machine-arn <arn>', 'ARN of the state machine of the deployed audit, instead of --stack');

/** The folder of the results, or the deployed audit that has them. */
export const withSource = (command: Command): Command =>
  withDeployment(
    command
      .optionsGroup(groups.source)
      .option(
        '--out <dir>',
        `folder with results on this machine (default: ${DEFAULT_OUT} if it has results; otherwise the deployed audit)`,
      ),
  );

export const withResults = (command: Command, defaultRun = 'the last run'): Command =>
  withSource(command).option('--run <run>', `run ID (default: ${defaultRun})`, parseWith(RunId));
