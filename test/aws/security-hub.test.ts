import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { HttpResponse, type HttpRequest } from '@smithy/core/protocols';
import { Readable } from 'node:stream';
import { SecurityHubImporter } from '../../aws/security-hub.ts';
import { asffFinding } from '../../core/export/asff.ts';

const finding = asffFinding(
  {
    id: 'f1',
    rule: 'administrator-idle',
    severity: 'high',
    controls: [],
    accountId: '111122223333',
    principalArn: 'arn:aws:iam::111122223333:role/deploy',
    title: 'title',
    detail: 'detail',
    evidence: {},
    firstSeen: '2026-11-27T04:00:00Z',
    state: 'resolved',
    exception: null,
  },
  '2026-11-27T05:00:00Z',
  'eu-west-1',
);

/** An importer whose client speaks the SDK's protocol, in this process. */
function importerOf(statusCode: number, body: object) {
  const requests: { path: string; body: unknown }[] = [];
  const client = new SecurityHubClient({
    region: 'eu-west-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: {
      handle: (request: HttpRequest) => {
        requests.push({ path: request.path, body: JSON.parse(new TextDecoder().decode(request.body as Uint8Array)) });
        const headers = {
          'content-type': 'application/json',
          ...('type' in body ? { 'x-amzn-errortype': String(body.type) } : {}),
        };
        return Promise.resolve({
          response: new HttpResponse({ statusCode, headers, body: Readable.from([JSON.stringify(body)]) }),
        });
      },
    },
  });
  return { importer: new SecurityHubImporter(client), requests };
}

test('findings are sent as they are exported, and refused ones are returned', async () => {
  const { importer, requests } = importerOf(200, {
    FailedCount: 1,
    SuccessCount: 0,
    FailedFindings: [{ Id: 'f1', ErrorCode: 'InvalidInput', ErrorMessage: 'too long' }],
  });
  expect(await importer.importFindings([finding])).toEqual([{ id: 'f1', code: 'InvalidInput', message: 'too long' }]);
  expect(requests).toEqual([{ path: '/findings/import', body: { Findings: [finding] } }]);
});

test.each([
  [403, 'AccessDeniedException', 'denied', 'AccessDenied'],
  [429, 'LimitExceededException', 'throttled', 'LimitExceeded'],
  [400, 'InvalidInputException', 'refused', 'InvalidInput'],
])('HTTP %i %s is a fault of the kind %s', async (statusCode, type, kind, code) => {
  const { importer } = importerOf(statusCode, { type, Message: 'no' });
  await expect(importer.importFindings([finding])).rejects.toMatchObject({ kind, code });
});
