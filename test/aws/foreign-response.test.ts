import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SdkAccountAccess } from '../../aws/account-access.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';

let server: Server | null = null;
afterEach(() => {
  server?.close();
  server = null;
});

/** Access to an account through something that answers every request itself. */
async function behind(status: number, type: string, body: string): Promise<SdkAccountAccess> {
  const started = createServer((_, response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, resolve));
  const { port } = started.address() as AddressInfo;
  return new SdkAccountAccess(
    {
      credentials: () => Promise.resolve({ accessKeyId: 'AKIA', secretAccessKey: 'secret' }),
      memberRole: null,
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${port}`,
    },
    new VirtualClock(0),
  );
}

const page = '<html><head><title>Blocked by policy</title></head><body>no</body></html>';
test.each<[number, string, string, string]>([
  [200, 'text/html; charset=utf-8', page, 'HTML, with the HTTP status 200'],
  [200, 'text/html', `<!DOCTYPE html>${page}<br>`, 'HTML'],
  [403, 'text/html', page.replace('no', 'no<br>'), 'HTML ("Blocked by policy"), with the HTTP status 403'],
  [407, 'text/plain', 'proxy authentication required', 'no XML and no JSON, with the HTTP status 407'],
])('a response %i of %s is named as one that AWS did not send', async (status, type, body, words) => {
  const access = await behind(status, type, body);
  await expect(access.callerIdentity()).rejects.toMatchObject({
    kind: 'transient',
    code: 'NotFromAws',
    message: expect.stringContaining(`AWS did not send this response: it is ${words}`) as string,
  });
  const { organization } = access.organization();
  await expect(organization.describe()).rejects.toMatchObject({ code: 'NotFromAws' });
});

test.each([
  ['Account', '<GetCallerIdentityResponse><GetCallerIdentityResult><Account><x>1</x></Account><Arn>a</Arn>'],
  ['XML', '<GetCallerIdentityResponse><GetCallerIdentityResult><Acc'],
])('an answer of AWS with an unreadable %s is not named as one of a proxy', async (_, start) => {
  const whole = start.endsWith('Arn>') ? `${start}</GetCallerIdentityResult></GetCallerIdentityResponse>` : start;
  const access = await behind(200, 'text/xml', whole);
  await expect(access.callerIdentity()).rejects.toMatchObject({ code: 'UnexpectedResponse' });
});

test.each([502, 503])(
  'an error page of a load balancer, %i, is named with its status after the retries',
  async (status) => {
    const access = await behind(status, 'text/html', page);
    await expect(access.callerIdentity()).rejects.toMatchObject({
      code: 'NotFromAws',
      message: expect.stringContaining(`it is HTML, with the HTTP status ${status}`) as string,
    });
  },
);
