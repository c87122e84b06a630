import { accountAdvice, evidenceAdvice, faultMessage, resumeAdvice } from '../../cli/error-messages.ts';
import { summaryInWords } from '../../cli/run-outcome.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';

test('for rejected credentials, the advice also fits the partitions of GovCloud and China', () => {
  const fault = new AwsFault('unauthenticated', 'InvalidClientTokenId', 'The security token is invalid.');
  expect(faultMessage(fault)).toBe(
    'AWS rejected the credentials (InvalidClientTokenId). Sign in again, or choose another profile with --profile. Credentials of AWS GovCloud (US) or of China are accepted only in Regions there: name one with --region or AWS_REGION.',
  );
});

const none = { total: 0, complete: 0, partial: 0, failed: 0, carriedForward: 0 };
const expired = 'The security token included in the request is expired';

test.each([
  [{ code: 'ExpiredToken', message: expired }, /Sign in again .* --resume/],
  [{ code: 'ExpiredTokenException', message: expired }, /Sign in again .* --resume/],
  [
    { code: 'StoreError', message: "Can't write /x: no space is left on the device." },
    /^The device .* is full\. .*--resume/,
  ],
  [{ code: 'NotFromAws', message: 'AWS did not send this response: it is HTML' }, /the proxy and AWS_ENDPOINT_URL/],
])('%j: the advice says what to change, and to continue the run', (cause, advice) => {
  for (const one of [accountAdvice, evidenceAdvice, resumeAdvice]) expect(one(cause)).toMatch(advice);
});

test('without advice nothing is said', () => {
  expect([accountAdvice, evidenceAdvice, resumeAdvice].map((one) => one({ code: 'Other', message: 'x' }))).toEqual([
    null,
    null,
    null,
  ]);
});

test('the summary of a run names the denied permission, and says each advice once', () => {
  const denied =
    'User: arn:aws:sts::111122223333:assumed-role/a/b is not authorized to perform: iam:SimulatePrincipalPolicy on resource: x';
  const missing = (code: string, message: string) => ({ step: 'permissions', code, message, principals: 3 });
  const accounts = ['111122223333', '222233334444'].map((accountId) => ({
    accountId,
    status: 'PARTIAL' as const,
    principals: { ...none, total: 3, partial: 3 },
    missingEvidence: [missing('AccessDenied', denied), missing('ExpiredToken', expired)],
  }));
  const run: RunSummary = {
    schemaVersion: 1,
    runId: '20261123T040000Z-1a2b3c',
    startedAt: '2026-11-23T04:00:00.000Z',
    finishedAt: '2026-11-23T05:00:00.000Z',
    status: 'PARTIAL',
    scope: { accounts: 'all', principals: 'all' },
    accounts,
    principals: { ...none, total: 6, partial: 6 },
    calls: {},
    cost: { stepFunctions: 0, lambda: 0, s3: 0, athena: 0, total: 0 },
  };
  const lines = summaryInWords(run);
  expect(
    lines.filter((line) => line.startsWith('AWS denied the permission iam:SimulatePrincipalPolicy;')),
  ).toHaveLength(1);
  expect(lines.filter((line) => line.includes('Sign in again'))).toHaveLength(1);
});
