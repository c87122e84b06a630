import { Option } from 'commander';
import * as v from 'valibot';
import { questionIds } from '../../core/contract/doctor/diagnosis.ts';
import type { doctor } from '../doctor/doctor.ts';
import { parseTime } from '../doctor/period.ts';
import { parseThreshold } from '../doctor/threshold-option.ts';
import { choice, collect, number, parseWith } from '../option-parsers.ts';
import { withExamples, type Define } from './command-entry.ts';
import { groups } from './option-groups.ts';
import { Region } from './option-values.ts';

const nonEmpty = (requirement: string) => parseWith(v.pipe(v.string(), v.nonEmpty(requirement)));

export const define: Define = (command, end) => {
  command
    .optionsGroup(groups.logs)
    .addOption(
      new Option('--lookup', "read CloudTrail's event history, which needs no trail (default)").conflicts([
        'cloudtrail',
        'athena',
      ]),
    )
    .addOption(
      new Option('--cloudtrail <where>', 'read CloudTrail log files in a folder or under s3://bucket/prefix')
        .argParser(nonEmpty('It must be a folder or an address such as s3://bucket/prefix.'))
        .conflicts(['athena']),
    )
    .option('--athena', 'query the trail of the deployed stack with Athena', false)
    .option(
      '--since <time>',
      'start of the period: a time, or a duration before now such as 6h (default: 1h with --lookup, 1d with --athena)',
      parseTime,
    )
    .option('--until <time>', 'end of the period, like --since (default: now)', parseTime)
    .option(
      '--max-events <n>',
      'maximum number of events that --lookup reads (default: 30000)',
      number(50, 10_000_000, true),
    )
    .optionsGroup(groups.credentials)
    .option('--profile <name>', 'AWS profile from ~/.aws/config')
    .option(
      '--region <region>',
      'Region of the STS calls that --lookup reads (repeatable), of the stack (--athena) or of the bucket (s3://)',
      collect(parseWith(Region)),
      [],
    )
    .option('--stack <name>', 'stack with the Athena queries; needed only if there are several')
    .optionsGroup(groups.question)
    .option(
      '--threshold <name=value>',
      'change a threshold (repeatable); --explain lists the thresholds of a question',
      parseThreshold,
      {},
    )
    .addOption(
      choice('--explain <question>', 'explain a question and its thresholds, without reading logs', questionIds),
    )
    .optionsGroup(groups.output)
    .option(
      '--html <file>',
      'also write the answer as an HTML page with a timeline',
      nonEmpty('It must be the name of a file such as doctor.html.'),
    )
    .option('--json', 'print the answer as JSON to standard output', false)
    .action(async (options: Parameters<typeof doctor>[0]) => {
      end(await (await import('../doctor/doctor.ts')).doctor(options));
    });
  withExamples(command, [
    ['Examine the last hour, without a trail', 'doctor'],
    [
      'Examine the last six hours in another Region, as a page',
      'doctor --since 6h --region eu-west-1 --html doctor.html',
    ],
    ['Examine log files of a trail', 'doctor --cloudtrail ./logs'],
    ['See what a question asks, and its thresholds', 'doctor --explain bursts'],
  ]);
};
