import { projectRecord } from '../../../core/doctor/records/project-record.ts';
import { recordColumns, type RecordRow } from '../../../core/doctor/records/columns.ts';
import { rowLine } from '../../../core/doctor/records/row-line.ts';
import { record } from '../../support/log-records.ts';

const rowOf = (fields: Record<string, unknown> = {}): RecordRow => {
  const projection = projectRecord(record('a', fields));
  if (projection.kind !== 'row') throw new Error(JSON.stringify(projection));
  return projection.row;
};
const problemOf = (value: unknown): string => {
  const projection = projectRecord(value);
  return projection.kind === 'invalid' ? projection.problem : projection.kind;
};

test('AssumeRole with all that the questions read', () => {
  const row = rowOf({
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    sharedEventID: 's',
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:web-1',
      arn: 'arn:aws:sts::111122223333:assumed-role/web/web-1',
      accountId: '111122223333',
      accessKeyId: 'ASIAEXAMPLE',
      sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::111122223333:role/web' }, attributes: {} },
    },
    requestParameters: {
      roleArn: 'arn:aws:iam::111122223333:role/target',
      roleSessionName: 'job-1763632800',
      durationSeconds: 900,
      externalId: 'e',
    },
    additionalEventData: { RequestDetails: { endpointType: 'regional', awsServingRegion: 'eu-west-1' } },
    tlsDetails: { clientProvidedHostHeader: 'sts.eu-west-1.amazonaws.com' },
  });
  expect(row).toMatchObject({
    event_id: 'a',
    shared_event_id: 's',
    sec: Date.UTC(2026, 10, 20, 10) / 1000,
    service: 'sts',
    issuer_arn: 'arn:aws:iam::111122223333:role/web',
    endpoint_type: 'regional',
    serving_region: 'eu-west-1',
    host_header: 'sts.eu-west-1.amazonaws.com',
    role_arn: 'arn:aws:iam::111122223333:role/target',
    session_name: 'job-1763632800',
    session_pattern: 'job-#',
    duration: 900,
    session_limits: '[null,null,null,null,"e",null]',
  });
});

test('an old event version without category, TLS details and Region is a row', () => {
  const { eventCategory, awsRegion, ...old } = record('a', { eventVersion: '1.02', responseElements: null });
  expect([eventCategory, awsRegion]).toEqual(['Management', 'us-east-1']);
  expect(projectRecord(old)).toMatchObject({ kind: 'row', row: { region: null, host_header: null, error_code: null } });
});

test('a throttled call without parameters', () => {
  expect(rowOf({ errorCode: 'Throttling', errorMessage: 'Rate exceeded', requestParameters: null })).toMatchObject({
    error_code: 'Throttling',
    params: null,
    target: null,
    session_limits: null,
  });
});

test.each([
  ['another service', { eventSource: 's3.amazonaws.com' }, 'otherService'],
  ['a name that every object has', { eventSource: 'constructor' }, 'otherService'],
  ['a data event', { eventCategory: 'Data' }, 'otherCategory'],
  ['an Insight, which has no event source', { eventCategory: 'Insight', eventSource: undefined }, 'otherCategory'],
  ['a category of another type', { eventCategory: 5 }, 'otherCategory'],
])('%s is no row', (_name, fields, kind) => {
  expect(projectRecord(record('a', fields)).kind).toBe(kind);
});

test.each<[string, unknown, string]>([
  ['text', 'x', 'the record must be an object, but is text'],
  ['null', null, 'the record must be an object, but is null'],
  ['a record without source', record('a', { eventSource: undefined }), 'eventSource is missing'],
  [
    'a source of another type',
    record('a', { eventSource: { toString: 'x' } }),
    'eventSource must be text, but is an object',
  ],
  ['an identity as a number', record('a', { userIdentity: 5 }), 'userIdentity must be an object, but is a number'],
  ['no identity', record('a', { userIdentity: undefined }), 'userIdentity is missing'],
  [
    'a number in the identity',
    record('a', { userIdentity: { accountId: 111122223333 } }),
    'userIdentity.accountId must be text, but is a number',
  ],
  ['parameters as a list', record('a', { requestParameters: 'x' }), 'requestParameters must be an object, but is text'],
  ['a time in milliseconds', record('a', { eventTime: 1_700_000_000_000 }), 'eventTime must be text, but is a number'],
  [
    'a day that does not exist',
    record('a', { eventTime: '2026-11-31T10:00:00+99:00' }),
    'eventTime must be an ISO 8601 time such as 2026-11-20T10:00:00Z',
  ],
])('%s is invalid: the field is named, its value is not', (_name, value, problem) => {
  expect(problemOf(value)).toContain(problem);
});

test('an identity that is one text is the caller', () => {
  expect(rowOf({ userIdentity: 'anonymous' })).toMatchObject({
    principal_id: 'anonymous',
    identity_type: null,
    arn: null,
  });
});

test.each([[''], [null], [undefined]])('a record with the ID %j is a row without an ID', (eventID) => {
  expect(rowOf({ eventID })).toMatchObject({ event_id: null, operation: 'GetRole' });
});

test('TLS details and additional data in another form do not lose the call', () => {
  expect(rowOf({ tlsDetails: 'x', additionalEventData: ['y'] })).toMatchObject({
    host_header: null,
    endpoint_type: null,
  });
});

test('parameters nested too deeply are invalid, not an error', () => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  expect(problemOf(record('a', { requestParameters: { deep } }))).toBe('requestParameters is nested too deeply');
});

test('no column has more than 2,048 characters', () => {
  const long = 'x'.repeat(100_000);
  const row = rowOf({
    ...Object.fromEntries(
      [
        'eventName',
        'awsRegion',
        'errorCode',
        'errorMessage',
        'sourceIPAddress',
        'userAgent',
        'sharedEventID',
        'recipientAccountId',
      ].map((name) => [name, long]),
    ),
    userIdentity: { type: long, principalId: long, arn: long, accountId: long, accessKeyId: long, invokedBy: long },
    requestParameters: { roleArn: long, roleSessionName: long, policy: long, roleName: long },
  });
  for (const value of Object.values(row)) expect(String(value).length).toBeLessThanOrEqual(2_048);
});

describe('a row as a line', () => {
  test('has the columns with a value', () => {
    const row = rowOf();
    const filled = Object.entries(row).filter(([, value]) => value !== null);
    expect(JSON.parse(rowLine(row))).toEqual(Object.fromEntries(filled));
    expect(Object.keys(row).sort()).toEqual(Object.keys(recordColumns).sort());
  });

  test('has no half of a surrogate pair, and keeps whole ones and backslashes', () => {
    const line = rowLine(rowOf({ userAgent: 'x\ud83d', eventName: '\\ud83d', awsRegion: '😀\n"' }));
    expect(JSON.parse(line)).toMatchObject({ user_agent: 'x\ufffd', operation: '\\ud83d', region: '😀\n"' });
    expect(rowLine(rowOf({ errorMessage: `${'m'.repeat(199)}😀` }))).not.toMatch(/\\ud/);
  });
});

test('fields that are the JSON text of an object are read like the object', () => {
  const fields = {
    userIdentity: {
      type: 'AssumedRole',
      arn: 'arn:aws:sts::111122223333:assumed-role/app/x',
      accountId: '111122223333',
    },
    requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/r', roleSessionName: 's', durationSeconds: 900 },
    additionalEventData: { RequestDetails: { endpointType: 'global', awsServingRegion: 'eu-west-1' } },
    tlsDetails: { clientProvidedHostHeader: 'sts.amazonaws.com' },
  };
  const texts = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]));
  expect(rowOf(texts)).toEqual(rowOf(fields));
  expect(rowOf(texts)).toMatchObject({ duration: 900, endpoint_type: 'global', host_header: 'sts.amazonaws.com' });
});
