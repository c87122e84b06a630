import { Option } from 'commander';
import { DEFAULT_OUT } from '../default-out.ts';
import type { demo } from '../demo.ts';
import { parseDisturbances } from '../disturbance-option.ts';
import { number } from '../option-parsers.ts';
import { withExamples, type Define } from './command-entry.ts';
import { groups } from './option-groups.ts';

/** Accounts of a demo's organization if `--accounts` is not given: the management account and one in each unit. */
const ORGANIZATION_ACCOUNTS = 6;

export const define: Define = (command, end) => {
  command
    .optionsGroup(groups.company)
    .option(
      '--days <n>',
      'number of days before today that are simulated, each with a run (default: 30; 0: no history)',
      number(0, 30, true),
    )
    .optionsGroup(groups.generated)
    .option('--principals <n>', 'number of principals in each account (default: 120)', number(1, 100_000, true))
    .option('--accounts <n>', 'number of accounts (default: 1)', number(1, 1_000, true))
    .addOption(
      new Option(
        '--organization',
        `put the accounts, by default ${ORGANIZATION_ACCOUNTS}, into an organization with units and service control policies`,
      )
        .default(false)
        .implies({ accounts: ORGANIZATION_ACCOUNTS }),
    )
    .optionsGroup(groups.emulation)
    .option('--seed <n>', 'seed for random numbers, and for generating the accounts', number(0, 2 ** 31, true), 1)
    .option(
      '--rate <n>',
      'calls per second that IAM allows for each operation (default: 12 for the company, 20 for generated accounts)',
      number(0.5, 1_000, false),
    )
    .addOption(
      new Option(
        '--bystanders [share]',
        'share of the rate that another application uses (default: 0.85 for the company, none for generated accounts; 0.2 if no share is given)',
      )
        .preset('0.2')
        .argParser(number(0.01, 0.9, false)),
    )
    .option(
      '--disturb <parts>',
      'make the limits irregular: noise=SHARE, bursts=KxON/PERIOD, storm=KxSECONDS, window=CALLS/SECONDS, sliding=CALLS/SECONDS, late=SECONDS, debt=TOKENS, empty, hosts=N, steps=FACTOR@SECOND+…; several parts are separated by commas',
      parseDisturbances,
    )
    .optionsGroup(groups.evidence)
    .option('--full', 'read everything again, including evidence that is still valid', false)
    .optionsGroup(groups.output)
    .option('--out <dir>', 'folder for results', DEFAULT_OUT)
    .option('--json', 'print run.json to standard output', false)
    .action(async (options: Parameters<typeof demo>[0]) => {
      end(await (await import('../demo.ts')).demo(options));
    });
  withExamples(command, [
    ['Audit the account of an invented company with a history, as npm start does', 'demo'],
    ['Without a history', 'demo --days 0'],
    ['Audit three accounts of an emulated organization', 'demo --organization --accounts 3 --principals 40'],
    [
      'A generated account, and another application that uses 30 % of the rate',
      'demo --principals 200 --bystanders 0.3',
    ],
  ]);
};
