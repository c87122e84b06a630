import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { objects } from '../../core/contract/objects.ts';
import type { ObjectStore } from '../../core/ports/store.ts';
import { jsonSchemaDocs } from '../../scripts/json-schemas/json-schemas.ts';
import { publishedSchemas } from '../../scripts/json-schemas/published-schemas.ts';
import { generateAccount } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { bystanderCalls } from '../../local/emulated-aws/cloudtrail/bystander-calls.ts';
import { TrailFiles } from '../../local/emulated-aws/cloudtrail/trail-files.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';
import { expectSchema, mismatches, readSchema, schemaNames } from '../support/json-schemas.ts';
import { runDoctor } from '../support/run-doctor.ts';
import { readCase } from '../support/scanned-case.ts';
import { scannedRun } from '../support/scanned-run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { auditableAccount, HUB, START, type VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(120_000);

const root = join(__dirname, '../..');
const docs = join(root, 'docs');

/** Runs a command on the results in a folder, and parses what it prints. */
function printed(folder: string, ...args: string[]): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, [COMMAND_LINE, ...args, '--out', folder], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe('the files in docs/schemas/', () => {
  test('are up to date (npm run docs)', () => {
    const generated = jsonSchemaDocs();
    for (const [name, text] of Object.entries(generated)) expect(readFileSync(join(docs, name), 'utf8')).toBe(text);
    expect(schemaNames).toEqual(Object.keys(publishedSchemas).sort());
  });

  test('are those that docs/usage.md names', () => {
    const usage = readFileSync(join(docs, 'usage.md'), 'utf8');
    const named = new Set([...usage.matchAll(/\(schemas\/([a-z-]+)\.schema\.json\)/g)].map(([, name]) => name));
    expect([...named].sort()).toEqual(schemaNames);
  });

  test('have a title and a description', () => {
    for (const name of schemaNames) {
      expect(readSchema(name)).toMatchObject({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        title: expect.any(String) as string,
        description: expect.any(String) as string,
      });
    }
  });

  test('describe fields with the comments of the source, also fields of spread and shared schemas', () => {
    expect(readSchema('can')).toMatchObject({
      properties: { notAllowed: { description: 'Of the actions that were asked for: those that are not allowed.' } },
      $defs: {
        AllowedAction: { properties: { basis: { description: expect.stringContaining('simulation') as string } } },
      },
    });
    expect(readSchema('run')).toMatchObject({
      properties: {
        accounts: {
          items: { properties: { path: { description: expect.stringContaining('from the root') as string } } },
        },
      },
    });
  });

  test('allow fields of later versions, but neither a missing field nor another schemaVersion', () => {
    const answer = { schemaVersion: 1, from: '20261123T040000Z-1a2b3c', to: '20261124T040000Z-1a2b3c', changes: [] };
    expect(mismatches('diff', { ...answer, later: 1 })).toEqual([]);
    expect(mismatches('diff', { ...answer, changes: undefined })).toEqual([" must have required property 'changes'"]);
    expect(mismatches('diff', { ...answer, schemaVersion: 2 })).toEqual(['/schemaVersion must be equal to constant']);
  });
});

describe('the results of a scan', () => {
  test('fit their schemas: the objects, and the answers of commands', async () => {
    const { folder, store, run } = await scannedRun(readCase('who-over-accounts'), readCase('chain-of-roles'));
    await expectObjects({ store, runId: run.runId, accountIds: run.accounts.map(({ accountId }) => accountId) });
    expectSchema('who', printed(folder, 'who', 'sts:AssumeRole', '--json'));
    expectSchema('who', printed(folder, 'who', 's3:ListBucket', '--resource', 'arn:aws:s3:::b', '--json'));
    expectSchema('can', printed(folder, 'can', 'starter', '--json'));
    expectSchema('can', printed(folder, 'can', 'starter', 'iam:PassRole', '--json'));
    expectSchema('path', printed(folder, 'path', 'starter', '--json'));
    expectSchema('run', printed(folder, 'status', '--json'));
    expectSchema('run', printed(folder, 'report', '--format', 'json'));
  });

  test.each(['chain-of-roles', 'trust-names-principal'])('of %s fit the schema of scan --json', (name) => {
    const { stdout } = spawnSync(
      process.execPath,
      [COMMAND_LINE, 'scan', join(root, 'test/fixtures/cases', `${name}.json`), '--json'],
      { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: '/nonexistent' } },
    );
    expectSchema('scan', JSON.parse(stdout));
  });
});

test('answers of the doctor fit their schemas', async () => {
  const logs = temporaryFolder('doctor');
  const trail = new TrailFiles({ random: seededRandom(1) });
  for (let n = 0; n < 400; n += 1) {
    const call = { accountId: HUB, operation: 'iam:GetRole', atMs: START + 500 * n, served: n % 3 !== 0 };
    bystanderCalls(call).forEach(trail.add);
  }
  await trail.write(logs);
  const [diagnosis, explanation] = await Promise.all([
    runDoctor(['--cloudtrail', logs, '--json']),
    runDoctor(['--explain', 'bursts', '--json']),
  ]);
  expect([diagnosis.code, explanation.code]).toEqual([4, 0]);
  expectSchema('doctor', JSON.parse(diagnosis.stdout));
  expectSchema('doctor-explanation', JSON.parse(explanation.stdout));
});

const startAudit = auditsOfTests();

test('the objects of audits of an organization fit their schemas, and what diff and can print about them', async () => {
  const hub = auditableAccount(HUB, 40);
  const unread = generateAccount({ seed: 3, accountId: '111122223335', users: 1, roles: 1, now: START });
  const full = policy(allow('*'));
  const member = Object.assign(auditableAccount('111122223334', 6, 2), {
    unitNames: ['Open'],
    serviceControlPolicies: [[full], [full], [full]],
  });
  const audit = await startAudit({ accounts: [hub, member, unread], organization: {} });
  const exceptions = [{ rule: 'unused-role', arn: '*', owner: 'team', reason: 'known', expires: '2027-01-01' }];
  await audit.run({ accounts: 'organization' });
  const first = await expectRun(audit);
  const [leaving, promoted] = [...hub.users.values()];
  hub.users.delete(leaving!.name);
  promoted!.inlinePolicies.push({ name: 'all', document: full });
  await audit.run({ accounts: 'organization', exceptions: JSON.stringify({ exceptions }) });
  const second = await expectRun(audit);
  expect([first.size, second.size]).toEqual([10, 10]);

  const diff = printed(audit.folder, 'diff', '--json') as { changes: { kind: string }[] };
  expectSchema('diff', diff);
  expect(new Set(diff.changes.map(({ kind }) => kind)).size).toBe(4);
  expectSchema('can', printed(audit.folder, 'can', promoted!.arn, '--json'));
  expectSchema('who', printed(audit.folder, 'who', 'iam:PassRole', '--json'));
});

/** Expects that all objects of the last run fit their schemas. @returns the names of schemas that had an object */
async function expectRun(audit: VirtualAudit): Promise<ReadonlySet<string>> {
  const { runId, accounts } = await audit.lastRun();
  return expectObjects({ store: audit.store, runId, accountIds: accounts.map(({ accountId }) => accountId) });
}

interface Written {
  readonly store: ObjectStore;
  readonly runId: string;
  readonly accountIds: readonly string[];
}

async function expectObjects({ store, runId, accountIds }: Written): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const expectJson = async (name: string, key: string): Promise<void> => {
    const stored = await store.read(key);
    if (stored === null) return;
    found.add(name);
    expectSchema(name, JSON.parse(stored.text));
  };
  const expectLines = async (name: string, key: string): Promise<void> => {
    if (!(await store.exists(key))) return;
    for await (const line of store.readLines(key)) {
      found.add(name);
      expectSchema(name, JSON.parse(line));
    }
  };
  await expectJson('run', objects.run(runId));
  await expectJson('trend', objects.trend(runId));
  await expectLines('finding', objects.findings(runId));
  await expectLines('organization-use', objects.organizationUse(runId));
  for await (const key of store.list(`runs/${runId}/scp/`)) await expectJson('scp', key);
  for (const accountId of accountIds) {
    await expectJson('account', objects.account(runId, accountId));
    await expectLines('principal', objects.principals(runId, accountId));
    await expectLines('finding', objects.accountFindings(runId, accountId));
    await expectLines('policy', objects.policies(runId, accountId));
    const index = objects.recommendations(runId, accountId);
    await expectLines('recommendation-line', index);
    for await (const key of store.list(index.replace('index.jsonl', ''))) {
      if (key.endsWith('.json')) await expectJson('recommendation', key);
    }
  }
  return found;
}
