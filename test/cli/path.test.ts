import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';
import { readCase } from '../support/scanned-case.ts';
import { scannedRun, type ScannedRun } from '../support/scanned-run.ts';

jest.setTimeout(60_000);

const root = join(__dirname, '../..');

const iamAudit = ({ folder }: ScannedRun, ...args: string[]) =>
  spawnSync(process.execPath, [COMMAND_LINE, ...args, '--out', folder], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
  });

const arn = (name: string): string => `arn:aws:iam::111122223305:${name}`;
const chain = (): Promise<ScannedRun> => scannedRun(readCase('chain-of-roles'));

/** Users whose names would end a text in Graphviz, in a terminal, or start an object's prototype. */
const hostile = {
  id: '111122223305',
  users: [
    {
      name: 'a"];\n b\u001b[2J\\',
      inline: [{ name: 'p', doc: { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' } } }],
    },
    { name: '__proto__' },
  ],
  roles: [
    {
      name: 'chief',
      trust: { Statement: { Effect: 'Allow', Principal: { AWS: '111122223305' }, Action: 'sts:AssumeRole' } },
      inline: [{ name: 'p', doc: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } }],
    },
  ],
};

describe('path', () => {
  test('prints each step with its grounds', async () => {
    const { status, stdout } = iamAudit(await chain(), 'path', 'starter');
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      '1. 2 steps, certain: gains administrator permissions.',
      `   ${arn('user/starter')}`,
      '     by sts:AssumeRole (assuming a role), allowed by trust policy (names the account), inline policy p (statement 1)',
      `   ${arn('role/middle')}`,
      '     by trust (assuming a role), allowed by trust policy (statement 1)',
      `   ${arn('role/end')}`,
      '',
    ]);
  });

  test('prints JSON in the form of evidence.paths', async () => {
    const { stdout } = iamAudit(await chain(), 'path', arn('user/starter'), arn('role/end'), '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      from: arn('user/starter'),
      to: arn('role/end'),
      paths: [
        { steps: [{ by: 'sts:AssumeRole' }, { by: 'trust' }], to: arn('role/end'), gain: 'administrator', missing: [] },
      ],
    });
  });

  test('prints a graph in which every name is escaped', async () => {
    const run = await scannedRun(hostile);
    const { stdout } = iamAudit(run, 'path', 'a"];\n b\u001b[2J\\', '--dot');
    expect(stdout.split('\n')).toEqual([
      'digraph paths {',
      '  rankdir=LR;',
      '  node [shape=box];',
      `  "${arn('user/a\\"];\\\\x0a b\\\\x1b[2J\\\\')}" -> "${arn('role/chief')}" [label="sts:AssumeRole"];`,
      '}',
      '',
    ]);
    expect(iamAudit(run, 'path', '__proto__').stdout).toContain(`There is no path from ${arn('user/__proto__')}`);
  });

  test.each([
    [['starter', '--expect', 'none'], 4],
    [['middle', '--expect', 'none'], 4],
    [['end', '--expect', 'none'], 4],
    [['end', 'starter'], 0],
    [['starter', 'nobody'], 2],
    [['startre'], 2],
    [['starter', '--dot', '--json'], 2],
    [['starter', '--expect', 'some'], 2],
  ])('%j ends with %i', async (args, code) => {
    expect(iamAudit(await chain(), 'path', ...args).status).toBe(code);
  });

  test('no path ends with 0, also with --expect none', async () => {
    const run = await scannedRun(readCase('trust-names-principal'));
    const { status, stdout } = iamAudit(run, 'path', 'bystander', '--expect', 'none');
    expect([status, stdout]).toEqual([0, expect.stringContaining('There is no path from')]);
  });

  test('similar names are suggested; a name of several principals needs the ARN', async () => {
    expect(iamAudit(await chain(), 'path', 'startre').stderr).toContain('Similar names: starter.');
    const twice = await scannedRun(readCase('trust-names-principal'), { ...hostile, users: [{ name: 'worker' }] });
    expect(iamAudit(twice, 'path', 'worker').stderr).toContain('Several principals have the name worker');
  });
});

describe('can', () => {
  const account = {
    id: '111122223305',
    users: [
      {
        name: 'dev',
        la: { ec2: 3, iam: null },
        inline: [
          {
            name: 'own',
            doc: {
              Version: '2012-10-17',
              Statement: [
                { Sid: 'Secrets', Effect: 'Allow', Action: 'ec2:GetPasswordData', Resource: '*' },
                { Sid: 'Tables', Effect: 'Allow', Action: 'dynamodb:*', Resource: 'arn:aws:dynamodb:*:*:table/t' },
                {
                  Sid: 'Keys',
                  Effect: 'Allow',
                  Action: 'iam:CreateAccessKey',
                  Resource: '*',
                  Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
                },
              ],
            },
          },
        ],
      },
      { name: 'other' },
    ],
    roles: hostile.roles,
  };

  test('prints actions by category with grounds, use and conditions, and what the principal can become', async () => {
    const { status, stdout } = iamAudit(await scannedRun(account), 'can', 'dev');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /permission changes +iam:CreateAccessKey +yes, if aws:sourceip \(evaluated\) +inline policy own \(Keys\) +never/,
    );
    expect(stdout).toMatch(
      /credentials +ec2:GetPasswordData +yes \(evaluated\) +inline policy own \(Secrets\) +2026-11-24/,
    );
    expect(stdout).toMatch(
      /other +dynamodb:\* +on arn:aws:dynamodb:\*:\*:table\/t \(evaluated\) +inline policy own \(Tables\)/,
    );
  });

  test('answers only the actions in the question', async () => {
    const run = await scannedRun(account);
    const { status, stdout } = iamAudit(run, 'can', 'dev', 'ec2:GetPasswordData', 'iam:PassRole', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      principalArn: arn('user/dev'),
      isAdministrator: false,
      categories: [
        {
          category: 'credentials',
          actions: [
            {
              action: 'ec2:GetPasswordData',
              how: 'allowed',
              basis: 'evaluation',
              grounds: [{ policy: 'inline policy own', statement: 'Secrets' }],
              lastUsed: { kind: 'at', level: 'service' },
            },
          ],
        },
      ],
      notAllowed: ['iam:PassRole'],
    });
  });

  test.each([
    [['nobody'], 'has no principal nobody'],
    [['dve'], 'Similar names: dev.'],
    [['dev', 'iam:PasRole'], 'Did you mean iam:PassRole?'],
    [['dev', 'iam:*'], 'one action without wildcards'],
  ])('%j ends with 2', async (args, message) => {
    const { status, stderr } = iamAudit(await scannedRun(account), 'can', ...args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
