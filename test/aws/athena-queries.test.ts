import { AthenaClient } from '@aws-sdk/client-athena';
import { HttpResponse, type HttpRequest } from '@smithy/core/protocols';
import { Readable } from 'node:stream';
import { AthenaQueries } from '../../aws/athena-queries.ts';
import type { AthenaProgress } from '../../aws/athena-executions.ts';

type Json = Record<string, unknown>;
type Answer = Json | { readonly error: string; readonly message?: string };
type Execution = { readonly id: string; readonly statement: string; readonly parameters: unknown };

interface FakeOptions {
  /** Answers to operations, before the fake's own. */
  readonly answer?: (operation: string, input: Json, count: number) => Answer | undefined;
  /** The states that a query passes through. */
  readonly states?: readonly Json[];
  readonly results?: readonly Json[];
  readonly names?: readonly string[];
}

const column = (Name: string, Type: string): Json => ({ Name, Type });
const data = (...values: (string | null)[]): Json => ({
  Data: values.map((value) => (value === null ? {} : { VarCharValue: value })),
});
const page = (columns: Json[], rows: Json[], NextToken?: string): Json => ({
  ResultSet: { ResultSetMetadata: { ColumnInfo: columns }, Rows: rows },
  ...(NextToken === undefined ? {} : { NextToken }),
});
const columns = [column('caller', 'varchar'), column('calls', 'bigint'), column('share', 'double')];
const done = { Status: { State: 'SUCCEEDED' }, Statistics: { DataScannedInBytes: 2_000_000_000 } };

/** An Athena that speaks the SDK's protocol, in this process, and a clock whose sleeps take no time. */
function fake({ answer, states = [done], results, names = ['collect', 'callers'] }: FakeOptions = {}) {
  const started: Execution[] = [];
  const sleeps: number[] = [];
  const progress: AthenaProgress[] = [];
  const stopped: unknown[] = [];
  const counts = new Map<string, number>();
  const polls = new Map<unknown, number>();
  const pages = results ?? [page(columns, [data('caller', 'calls', 'share')])];
  const own = (operation: string, input: Json): Answer => {
    switch (operation) {
      case 'ListNamedQueries':
        // One ID on each page.
        return {
          NamedQueryIds: names.slice(Number(input.NextToken ?? 0)).slice(0, 1),
          ...(Number(input.NextToken ?? 0) + 1 < names.length
            ? { NextToken: String(Number(input.NextToken ?? 0) + 1) }
            : {}),
        };
      case 'BatchGetNamedQuery':
        return {
          NamedQueries: (input.NamedQueryIds as string[]).map((Name) => ({
            Name,
            QueryString: `${Name} of {{analysis}}`,
          })),
        };
      case 'StartQueryExecution': {
        const id = `execution-${started.length}`;
        started.push({ id, statement: String(input.QueryString), parameters: input.ExecutionParameters });
        return { QueryExecutionId: id };
      }
      case 'GetQueryExecution': {
        const poll = polls.get(input.QueryExecutionId) ?? 0;
        polls.set(input.QueryExecutionId, poll + 1);
        return { QueryExecution: states[Math.min(poll, states.length - 1)] };
      }
      case 'GetQueryResults':
        return pages[Number(input.NextToken ?? 0)] ?? {};
      case 'StopQueryExecution':
        stopped.push(input.QueryExecutionId);
        return {};
      default:
        throw new Error(`No fake of ${operation}.`);
    }
  };
  const client = new AthenaClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: HttpRequest) => {
        const operation = (request.headers['x-amz-target'] ?? '').replace('AmazonAthena.', '');
        const input = JSON.parse(new TextDecoder().decode(request.body as Uint8Array)) as Json;
        const count = (counts.get(operation) ?? 0) + 1;
        counts.set(operation, count);
        const body = answer?.(operation, input, count) ?? own(operation, input);
        const failed = 'error' in body;
        return {
          response: new HttpResponse({
            statusCode: failed ? 400 : 200,
            headers: { 'content-type': 'application/x-amz-json-1.1' },
            body: Readable.from([JSON.stringify(failed ? { __type: body.error, message: body.message } : body)]),
          }),
        };
      },
    },
  });
  const queries = new AthenaQueries({
    client,
    workgroup: 'IamAudit-doctor',
    period: { from: 1_795_168_800, to: 1_795_172_400 },
    analysis: 'a-1',
    random: () => 0.5,
    clock: { now: () => 0, sleep: (ms) => (sleeps.push(ms), Promise.resolve()) },
    onProgress: (each) => progress.push(each),
  });
  return { queries, started, sleeps, progress, stopped, counts };
}

test('rows are collected once, for the period, before the first question', async () => {
  const { queries, started } = fake({ names: ['collect', 'callers', 'windows'] });
  await Promise.all([queries.ask('callers'), queries.ask('windows')]);
  expect(started.map(({ statement }) => statement)).toEqual(['collect of a-1', 'callers of a-1', 'windows of a-1']);
  expect(started.map(({ parameters }) => parameters)).toEqual([
    ["'2026/11/20'", "'2026/11/21'", '1795168800', '1795172400'],
    undefined,
    undefined,
  ]);
});

test('a query that Athena started without an ID is an error, and nothing is asked about it', async () => {
  const { queries, counts } = fake({ answer: (operation) => (operation === 'StartQueryExecution' ? {} : undefined) });
  await expect(queries.ask('callers')).rejects.toThrow('Athena started the query collect without an ID.');
  expect(counts.get('GetQueryExecution')).toBeUndefined();
});

test('all pages of an answer are read, with the types of its columns', async () => {
  const results = [
    page(columns, [data('caller', 'calls', 'share'), data('role', '12', '0.5')], '1'),
    page(columns, [data('caller', '9007199254740991', '1.0E-4'), data('', null, null), data(null, '0', '-0.0')]),
  ];
  expect(await fake({ results }).queries.ask('callers')).toEqual([
    { caller: 'role', calls: 12, share: 0.5 },
    { caller: 'caller', calls: 9_007_199_254_740_991, share: 0.0001 },
    { caller: '', calls: null, share: null },
    { caller: null, calls: 0, share: -0 },
  ]);
});

test.each([
  ['decimal', '1.5'],
  ['double', 'NaN'],
  ['boolean', 'true'],
])('a value of type %s that is no text and no number is named', async (type, value) => {
  const results = [page([column('odd', type)], [data('odd'), data(value)])];
  await expect(fake({ results }).queries.ask('callers')).rejects.toThrow(
    `The query callers has a value in column odd that is no text and no number: ${type}.`,
  );
});

test('waits grow, and the progress shows the state, what was read and what it costs', async () => {
  const running = { Status: { State: 'RUNNING' }, Statistics: { DataScannedInBytes: 1_000_000 } };
  const { queries, sleeps, progress } = fake({
    states: [{ Status: { State: 'QUEUED' } }, running, ...Array.from({ length: 8 }, () => running), done],
  });
  await queries.ask('callers');
  expect(sleeps.slice(0, 10).map(Math.round)).toEqual([500, 750, 1125, 1688, 2531, 3797, 5000, 5000, 5000, 5000]);
  expect(progress.slice(0, 2)).toEqual([
    { query: 'collect', state: 'QUEUED', scannedBytes: 0, dollars: 0 },
    // At least 10 MB are billed.
    { query: 'collect', state: 'RUNNING', scannedBytes: 1_000_000, dollars: 0.00005 },
  ]);
  expect(queries.use).toEqual({ scannedBytes: 4_000_000_000, dollars: 0.02 });
});

const ended = (State: string, StateChangeReason?: string): Json => ({ Status: { State, StateChangeReason } });
test.each<[string, Json, string]>([
  [
    'the scan limit',
    ended('CANCELLED', 'Bytes scanned limit was exceeded'),
    'read more than the setting doctor.scanLimitGigabytes allows',
  ],
  [
    'a cancelled query',
    ended('CANCELLED', 'Query cancelled by user'),
    'The query collect was cancelled: Query cancelled by user',
  ],
  [
    'no access to the logs',
    ended('FAILED', 'Access Denied (Service: Amazon S3; Status Code: 403)'),
    'may not read or write what it needs: Access Denied (Service: Amazon S3; Status Code: 403) The stack has a managed policy',
  ],
  [
    'damaged logs',
    ended('FAILED', 'HIVE_CURSOR_ERROR: Unexpected end of input stream'),
    'The query collect failed: HIVE_CURSOR_ERROR',
  ],
  ['no reason', ended('FAILED'), 'Athena gave no reason.'],
])('%s ends every question with the reason', async (_, state, message) => {
  const { queries, started } = fake({ states: [state] });
  await expect(queries.ask('callers')).rejects.toMatchObject({
    name: 'LogQueryError',
    message: expect.stringContaining(message) as string,
  });
  await expect(queries.ask('callers')).rejects.toThrow(message);
  expect(started).toHaveLength(1);
});

test('a denied call says what is missing and where the permissions are', async () => {
  const answer = (operation: string): Answer | undefined =>
    operation === 'StartQueryExecution'
      ? { error: 'AccessDeniedException', message: 'You may not do this.' }
      : undefined;
  await expect(fake({ answer }).queries.ask('callers')).rejects.toThrow(
    'Athena denied the query collect: You may not do this. The stack has a managed policy',
  );
});

test('throttled calls are repeated after growing waits', async () => {
  const answer = (operation: string, _: Json, count: number): Answer | undefined =>
    operation === 'GetQueryExecution' && count <= 3
      ? { error: 'ThrottlingException', message: 'Rate exceeded' }
      : undefined;
  const { queries, sleeps } = fake({ answer });
  await queries.ask('callers');
  // Half of each maximum: 1, 2 and 4 seconds.
  expect(sleeps).toEqual([500, 1000, 2000]);
});

test('calls that stay throttled end the question', async () => {
  const answer = (): Answer => ({ error: 'TooManyRequestsException', message: 'Too many' });
  const { queries, sleeps } = fake({ answer });
  await expect(queries.ask('callers')).rejects.toThrow('AWS throttled the list of named queries, 7 requests');
  expect(sleeps).toHaveLength(6);
});

test('a workgroup of another version lacks a named query', async () => {
  await expect(fake({ names: ['collect'] }).queries.ask('callers')).rejects.toThrow(
    'The workgroup IamAudit-doctor has no named query "callers". Deploy the stack of this version',
  );
});

test('an interrupted analysis stops the query that is running', async () => {
  let interrupt = (): void => undefined;
  const interrupted = new Promise<void>((resolve) => (interrupt = resolve));
  const states: Json[] = [{ Status: { State: 'RUNNING' } }, ended('CANCELLED', 'Query cancelled by user')];
  const answer = (operation: string): undefined => {
    if (operation === 'GetQueryExecution') interrupt();
  };
  const { queries, stopped } = fake({ states, answer });
  const question = queries.ask('callers');
  const failure = expect(question).rejects.toThrow('was cancelled');
  await interrupted;
  await queries.stop();
  await failure;
  expect(stopped).toEqual(['execution-0']);
});
