import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { objects } from '../../core/contract/objects.ts';
import { alarmTexts, type AlarmName } from '../../lib/alarm-texts.ts';
import { logQueries, queryText } from '../../lib/log-queries.ts';
import { undeliveredStates } from '../../lib/message-states.ts';
import { logged } from '../../lambda/runtime/function-log.ts';
import { parsedLines, runLogged, writtenBy } from '../support/function-lines.ts';
import { fieldsRead, runInsightsQuery, type Row } from '../support/logs-insights.ts';
import { resourcesOfType, templateOf } from '../support/template.ts';
import { auditableAccount, HUB, VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(120_000);

const OTHER = '111122223334';
const names = Object.keys(logQueries) as AlarmName[];
let audit: VirtualAudit;
/** Lines of the functions: as Lambda writes them, and as the functions do. */
const functionLines: string[] = [
  'START RequestId: 4f0b1c2d Version: $LATEST',
  'REPORT RequestId: 4f0b1c2d Duration: 5 ms',
];
let runs: { readonly lost: string; readonly damaged: string };

const execution = (type: string, id: string, name = ':run-1', details = {}): string =>
  JSON.stringify({
    id,
    type,
    details,
    event_timestamp: String(1_796_000_000_000 + Number(id)),
    execution_arn: `arn:aws:states:eu-west-1:111122223333:execution:Audit${name}`,
  });
const workflowLines = [
  execution('ExecutionStarted', '1'),
  execution('ExecutionStarted', '2', '/Accounts:4f0b1c2d'),
  execution('TaskFailed', '3'),
  execution('PassStateEntered', '3', ':run-1', { name: undeliveredStates.message }),
  execution('ExecutionFailed', '4'),
];

beforeAll(async () => {
  const denied = { [OTHER]: ['iam:GetAccountAuthorizationDetails'] };
  audit = await VirtualAudit.start(
    { accounts: [auditableAccount(HUB, 30), auditableAccount(OTHER, 5)], denied },
    { accountIds: [HUB, OTHER] },
  );
  const record = async (input: { spreadOverMinutes?: number }): Promise<string> => {
    const { result, text } = await runLogged(audit, input);
    functionLines.push(...text.trim().split('\n'));
    return result.runId;
  };
  const lost = await record({ spreadOverMinutes: 30 });
  await audit.clock.sleep(86_400_000);
  await audit.store.write(objects.pace(HUB), '{');
  const damaged = await record({});
  runs = { lost, damaged };
  const failing = logged('audit-batch', () => Promise.reject(new Error('The session has ended.')));
  const context = { getRemainingTimeInMillis: () => 1, memoryLimitInMB: '1024' };
  const { text } = await writtenBy(() =>
    failing({ runId: damaged, accountId: HUB, batch: { n: 1 }, attempt: 2 }, context).catch(() => undefined),
  );
  functionLines.push(...text.trim().split('\n'));
});
afterAll(() => audit.close());

const answer = (name: AlarmName): Row[] => {
  const query = logQueries[name];
  const isWorkflow = query.logs === 'workflow';
  return runInsightsQuery(queryText(query), isWorkflow ? workflowLines : functionLines, (fields) =>
    isWorkflow ? Number(fields.event_timestamp) : fields.timestamp,
  );
};

test.each(names)('each field of the query for "%s" is in a logged line', (name) => {
  const lines = logQueries[name].logs === 'workflow' ? workflowLines : functionLines.slice(2);
  const known = new Set(
    parsedLines(lines.join('\n')).flatMap((line) => [
      ...Object.keys(line),
      ...(line.details === undefined ? [] : ['details.name']),
    ]),
  );
  const fields = fieldsRead(queryText(logQueries[name]));
  expect(fields.length).toBeGreaterThan(0);
  expect(fields.filter((field) => !known.has(field))).toEqual([]);
});

test('failed invocations have their error', () => {
  expect(answer('failed')).toMatchObject([
    { function: 'audit-batch', run: runs.damaged, account: HUB, batch: 1, error_message: 'The session has ended.' },
  ]);
});

test('batches with many attempts come first', () => {
  const rows = answer('timedOut');
  expect(rows[0]).toMatchObject({ account: HUB, attempts: expect.any(Number) as number });
  // The second run carried all evidence, so it has no batch.
  expect(new Set(rows.map(({ run }) => run))).toEqual(new Set([runs.lost]));
  expect(rows.map(({ attempts }) => attempts)).toEqual([...rows.map(({ attempts }) => attempts)].sort().reverse());
});

test('accounts that were not audited are listed', () => {
  const rows = answer('accounts');
  expect(rows.filter(({ status }) => status === 'FAILED')).toMatchObject([
    { run: runs.damaged, account: OTHER },
    { run: runs.lost, account: OTHER },
  ]);
});

test('accounts are counted by status', () => {
  expect(answer('principals')).toEqual(
    expect.arrayContaining([
      { run: runs.damaged, status: 'FAILED', accounts: 1 },
      { run: runs.lost, status: 'COMPLETE', accounts: 1 },
    ]),
  );
});

test('runs that ended are listed, the latest first', () => {
  expect(answer('partial')).toMatchObject([
    { run: runs.damaged, status: 'PARTIAL', accountsAuditedPercent: 50 },
    { run: runs.lost, status: 'PARTIAL', accountsAuditedPercent: 50 },
  ]);
});

test('starts are listed with what PlanRun decided', () => {
  expect(answer('missed')).toMatchObject([
    { run: runs.damaged, decision: 'AUDIT' },
    { run: runs.lost, decision: 'AUDIT' },
  ]);
});

test('executions of runs are listed, without those of accounts', () => {
  expect(answer('notStarted').map(({ type }) => type)).toEqual(['ExecutionFailed', 'ExecutionStarted']);
});

test('runs are listed with their throttled calls and their waits', () => {
  const rows = answer('throttled');
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatchObject({ Calls: expect.any(Number) as number, SecondsPaced: expect.any(Number) as number });
});

test('the time of the first and the last batch of each account is shown', () => {
  const rows = answer('window');
  const spread = rows.find(({ run }) => run === runs.lost);
  expect(spread).toMatchObject({ account: HUB });
  expect(Number(spread?.attempts)).toBeGreaterThan(1);
});

test('undelivered messages are listed', () => {
  expect(answer('undelivered')).toMatchObject([{ 'details.name': 'MessageNotDelivered' }]);
});

test('damaged objects have their key and the reason', () => {
  expect(answer('damaged')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        run: runs.damaged,
        account: HUB,
        object: objects.pace(HUB),
        reason: 'it ends too early',
      }),
    ]),
  );
});

test('the stack saves each query under the name of its section, and the runbook has the same text', () => {
  const saved = resourcesOfType('AWS::Logs::QueryDefinition', templateOf({ stackName: 'Audit' }));
  const texts = new Map(saved.map(({ Properties }) => [Properties.Name, Properties.QueryString]));
  expect(texts).toEqual(
    new Map(names.map((name) => [`Audit/${alarmTexts[name].section}`, queryText(logQueries[name])])),
  );
  for (const { Properties } of saved) expect((Properties.LogGroupNames as unknown[]).length).toBeGreaterThan(0);
  const runbook = readFileSync(join(__dirname, '../../docs/runbook.md'), 'utf8');
  for (const name of names) {
    const [, section = ''] = runbook.split(
      `\n## ${alarmTexts[name].section.replaceAll('-', ' ').replace(/^\w/, (c) => c.toUpperCase())}\n`,
    );
    expect(section.split('\n## ')[0]).toContain(`\`\`\`\n${queryText(logQueries[name])}\n\`\`\``);
  }
});

test('the evaluator refuses what it does not have', () => {
  for (const query of [
    'parse @message "x"',
    'filter a ~= 1',
    'stats median(a) as b',
    'filter a = b',
    'sort a',
    'dedup a',
  ])
    expect(() => runInsightsQuery(query, ['{"a":1}'])).toThrow(/does not have|instead/);
});
