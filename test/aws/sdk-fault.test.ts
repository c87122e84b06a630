import { HttpResponse } from '@smithy/core/protocols';
import { attemptsOf, toAwsFault } from '../../aws/sdk-fault.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';

const error = (name: string, fields: object = {}, message = 'text'): Error =>
  Object.assign(new Error(message), { name, ...fields });
const status = (httpStatusCode: number): object => ({ $metadata: { httpStatusCode, attempts: 3 } });

test.each([
  ['Throttling', {}, 'throttled', 'Throttling'],
  ['ThrottlingException', {}, 'throttled', 'Throttling'],
  ['TooManyRequestsException', {}, 'throttled', 'TooManyRequests'],
  ['LimitExceededException', { Code: 'LimitExceeded', ...status(409) }, 'throttled', 'LimitExceeded'],
  ['AccessDenied', status(403), 'denied', 'AccessDenied'],
  ['RegionDisabledException', { Code: 'RegionDisabledException', ...status(403) }, 'denied', 'RegionDisabledException'],
  ['NoSuchEntityException', { Code: 'NoSuchEntity', ...status(404) }, 'missing', 'NoSuchEntity'],
  ['InvalidInputException', { Code: 'InvalidInput', ...status(400) }, 'refused', 'InvalidInput'],
  ['PolicyEvaluationException', { Code: 'PolicyEvaluation', ...status(500) }, 'other', 'PolicyEvaluation'],
  ['ValidationError', status(400), 'refused', 'ValidationError'],
  ['Unknown', status(413), 'refused', 'Unknown'],
  ['ExpiredToken', status(403), 'expired', 'ExpiredToken'],
  ['InvalidClientTokenId', status(403), 'unauthenticated', 'InvalidClientTokenId'],
  ['CredentialsProviderError', {}, 'unauthenticated', 'CredentialsProviderError'],
  ['TimeoutError', {}, 'transient', 'TimeoutError'],
  ['ServiceFailureException', { Code: 'ServiceFailure', ...status(500) }, 'transient', 'ServiceFailure'],
  ['Unknown', status(502), 'transient', 'Unknown'],
  ['Error', { code: 'ECONNRESET' }, 'transient', 'ECONNRESET'],
  ['Error', { code: 'ENOTFOUND' }, 'transient', 'ENOTFOUND'],
  ['Error', { code: 'EAI_AGAIN' }, 'transient', 'EAI_AGAIN'],
  ['SomethingNew', status(400), 'other', 'SomethingNew'],
])('%s %j is %s, with the code %s', (name, fields, kind, code) => {
  const cause = error(name, fields);
  expect(toAwsFault(cause)).toMatchObject({ kind, code, message: 'text', cause });
});

test('an AwsFault is not translated again, and a value that is not an error keeps its text', () => {
  const fault = new AwsFault('denied', 'AccessDenied', 'no');
  expect(toAwsFault(fault)).toBe(fault);
  expect(toAwsFault('odd')).toMatchObject({ kind: 'other', message: 'odd' });
});

test('requests are counted as the SDK counts them, for results and for errors', () => {
  expect([attemptsOf({ $metadata: { attempts: 4 } }), attemptsOf(error('x', status(500))), attemptsOf({})]).toEqual([
    4, 3, 1,
  ]);
});

test.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'x-amz-retry-after': '1500' }, 1_500],
  [{ 'retry-after': 'soon' }, 0],
  [{}, 0],
])('a throttle with the headers %j asks to wait %i ms', (headers, ms) => {
  const $response = new HttpResponse({ statusCode: 400, headers });
  const { retryAfterMs } = toAwsFault(error('ThrottlingException', { $response }));
  expect(Math.abs(retryAfterMs - ms)).toBeLessThan(100);
});
