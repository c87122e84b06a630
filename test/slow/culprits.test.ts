import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import type { EmulatedAwsSettings } from '../../local/emulated-aws/settings.ts';
import { FolderLogFiles } from '../../local/log-analysis/folder-log-files.ts';
import { LocalQueries } from '../../local/log-analysis/local-queries.ts';
import type { QueryTarget } from '../../local/state-machine/athena-task.ts';
import { callInALoop } from '../support/second-application.ts';
import { startLoggedAudit } from '../support/logged-audit.ts';
import { auditableAccount, HUB, type VirtualAudit, withOwnPolicies } from '../support/virtual-audit.ts';
import { reportOfRun } from '../support/report-data.ts';

jest.setTimeout(60_000);

/** An audit whose workflow runs its queries over the logs of the emulated AWS. */
async function start(
  aws: Partial<EmulatedAwsSettings> & Pick<EmulatedAwsSettings, 'accounts'>,
  broken: Partial<QueryTarget> | ((queries: QueryTarget) => QueryTarget) = {},
): Promise<VirtualAudit> {
  const { audit, rowsFolder, writeLogs } = await startLoggedAudit(aws, { settings: { notify: 'always' } });
  const queries = new LocalQueries({
    folder: rowsFolder,
    logs: async () => new FolderLogFiles((await writeLogs()).logs),
  });
  audit.queries =
    typeof broken === 'function'
      ? broken(queries)
      : { run: queries.run.bind(queries), read: queries.read.bind(queries), ...broken };
  return audit;
}

/** Throttles the first calls of an operation that a run of any size sends. */
const throttles = (times: number) => ({
  errors: [
    {
      operation: 'iam:GetAccountAuthorizationDetails',
      status: 400,
      code: 'Throttling',
      message: 'Rate exceeded',
      times,
    },
  ],
});

const entered = ({ events }: VirtualAudit): string[] =>
  events.flatMap(({ kind, path }) => (kind === 'entered' && !path.includes('/') ? [path] : []));

/** The culprits in the report, and the run's cost in it. */
const reportOf = async (run: VirtualAudit, { runId }: RunSummary): Promise<RunSummary> =>
  (await reportOfRun(run.store, runId)).head.run;

test('a second application that uses the rate up is named in run.json, the report and the message', async () => {
  const account = withOwnPolicies(auditableAccount(HUB, 100));
  const [role = ''] = account.roles.keys();
  const run = await start({ accounts: [account], limit: { rate: 5, size: 5 } });
  const application = {
    accountId: HUB,
    role,
    callsPerSecond: 4.5,
    isOver: () => entered(run).includes('SummariseRun'),
  };
  const [result] = await Promise.all([
    run.run({ accountIds: [HUB] }),
    callInALoop(run.aws.emulation, run.clock, application),
  ]);
  expect(result.status).toBe('SUCCEEDED');
  expect(entered(run).slice(4)).toEqual([
    'ManyThrottled',
    'WaitForLogs',
    'CollectCalls',
    'AskCallers',
    'ReadCallers',
    'NameCulprits',
    'PublishEvents',
    'AnythingToTell',
    'Notify',
    'Outcome',
    'Done',
  ]);
  const summary = await run.lastRun();
  const { arn } = account.roles.get(role)!;
  expect(summary).toMatchObject({
    status: 'COMPLETE',
    culprits: { callers: [{ caller: arn, accountId: HUB }], note: null },
  });
  const diagnosis = summary.culprits!.callers[0]!.diagnosis;
  expect(diagnosis).toMatch(
    /^In the minutes with throttled calls of iam:111122223333, it was served [\d,]+ of [\d,]+ calls/,
  );
  const report = await reportOf(run, summary);
  expect(report.culprits?.callers).toMatchObject([{ caller: arn, diagnosis }]);
  expect(run.messages[0]?.Message).toContain(`Used the rate up: ${arn}. In the minutes`);
  // The states of the branch, the invocation and the queries are in the cost.
  const { cost } = summary;
  expect(cost.stepFunctions).toBeCloseTo(result.transitions * 2.5e-5, 6);
  expect(cost.athena).toBe(0.0001);
  expect(cost.total).toBeCloseTo(cost.stepFunctions + cost.lambda + cost.s3 + cost.athena, 5);
  expect(report.cost).toEqual(cost);
});

test('few throttled calls ask no question', async () => {
  const notAsked = jest.fn();
  const run = await start({ accounts: [auditableAccount(HUB, 60)], ...throttles(1) }, { run: notAsked });
  const result = await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  expect(summary.calls['iam:GetAccountAuthorizationDetails']?.throttled).toBe(1);
  expect(entered(run).slice(3)).toEqual([
    'SummariseRun',
    'ManyThrottled',
    'PublishEvents',
    'AnythingToTell',
    'Notify',
    'Outcome',
    'Done',
  ]);
  expect(notAsked).not.toHaveBeenCalled();
  expect(summary.culprits).toBeUndefined();
  expect(summary.cost.stepFunctions).toBeCloseTo(result.transitions * 2.5e-5, 6);
  expect((await reportOf(run, summary)).culprits).toBeUndefined();
});

const failing =
  (query: RegExp, reason: string) =>
  (queries: QueryTarget): QueryTarget => ({
    run: (statement, parameters) =>
      query.test(statement) ? Promise.reject(new Error(reason)) : queries.run(statement, parameters),
    read: queries.read.bind(queries),
  });

test.each<[string, (queries: QueryTarget) => QueryTarget, string]>([
  [
    'the rows can’t be collected',
    failing(/^UNLOAD/, 'Query exhausted the bytes scanned limit'),
    'States.TaskFailed: Query exhausted the bytes scanned limit',
  ],
  [
    'the question fails',
    failing(/pool_blames/, 'HIVE_BAD_DATA: a "bad", file'),
    'States.TaskFailed: HIVE_BAD_DATA: a "bad", file',
  ],
  [
    'the answer can’t be read',
    (queries) => ({
      run: queries.run.bind(queries),
      read: () => {
        throw new Error('No answer');
      },
    }),
    'Athena.InvalidRequestException: No answer',
  ],
  [
    'the answer is too large',
    (queries) => ({
      run: queries.run.bind(queries),
      read: (id, mostRows) => {
        const { resultSet, isPart } = queries.read(id, mostRows);
        const Data = [{ VarCharValue: 'x'.repeat(300_000) }];
        return { resultSet: { ...resultSet, Rows: [...resultSet.Rows, { Data }] }, isPart };
      },
    }),
    'States.DataLimitExceeded',
  ],
])('if %s, the run ends with its own status, and the report says why', async (_, broken, reason) => {
  const denied = { [HUB]: ['iam:GenerateServiceLastAccessedDetails'] };
  const run = await start({ accounts: [auditableAccount(HUB, 6)], denied, ...throttles(2) }, broken);
  const result = await run.run({ accountIds: [HUB] });
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { status: 'PARTIAL' } });
  const summary = await run.lastRun();
  expect(summary).toMatchObject({ status: 'PARTIAL', culprits: { callers: [] } });
  expect(summary.culprits?.note).toContain(
    'It is not known which callers used the rate up. The question could not be answered: ',
  );
  expect(summary.culprits?.note).toContain(reason);
  expect((await reportOf(run, summary)).culprits?.note).toContain('could not be answered');
  expect(run.messages[0]?.Message).toContain('Throttled calls: It is not known which callers');
  expect(summary.cost.stepFunctions).toBeCloseTo(result.transitions * 2.5e-5, 6);
});

test('if NameCulprits fails, the run ends as SummariseRun left it', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 6)], ...throttles(2) }, (queries) => ({
    run: queries.run.bind(queries),
    read: () => ({ resultSet: { wrong: true } as never, isPart: false }),
  }));
  expect(await run.run({ accountIds: [HUB] })).toMatchObject({ status: 'SUCCEEDED', output: { status: 'COMPLETE' } });
  const caught = run.events.filter(({ kind }) => kind === 'caught');
  expect(caught).toMatchObject([{ path: 'NameCulprits', error: 'InvalidPayload' }]);
  const summary = await run.lastRun();
  expect(summary.status).toBe('COMPLETE');
  expect(summary.culprits).toBeUndefined();
  expect(run.messages[0]?.Subject).toBe('IAM audit: COMPLETE, 1 new high');
});

test('a run that can read no inventory fails also after the question', async () => {
  const account = auditableAccount(HUB, 6);
  const denied = { [HUB]: ['iam:GetAccountAuthorizationDetails'] };
  const run = await start({ accounts: [account], denied, ...throttles(2) });
  expect(await run.run({ accountIds: [HUB] })).toMatchObject({ status: 'FAILED', error: 'RunFailed' });
  expect(await run.lastRun()).toMatchObject({ status: 'FAILED', culprits: { callers: [] } });
});

test('another run may start while a run waits for its logs, and with too few throttled calls no caller is named', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 6)], ...throttles(2) });
  const first = run.run({ accountIds: [HUB] });
  while (!entered(run).includes('WaitForLogs')) await new Promise(setImmediate);
  const second = await run.run({ accountIds: [HUB] });
  expect(second).toMatchObject({ status: 'SUCCEEDED', output: { status: 'COMPLETE' } });
  const { runId } = await first;
  expect((await run.lastRun()).runId).toBe(second.runId);
  const summary = (await run.json(objects.run(runId))) as RunSummary;
  expect(summary).toMatchObject({ status: 'COMPLETE', culprits: { callers: [] } });
  expect(summary.culprits?.note).toMatch(
    /^AWS throttled only 2 calls of \d+\. .* which may be chance\. An answer needs at least 5 throttled calls/,
  );
});
