import type { AwsCredentialIdentity } from '@smithy/types';
import { CredentialCache } from '../../aws/credential-cache.ts';

const MINUTE = 60_000;
let now = 0;
let requests = 0;
beforeEach(() => {
  now = 0;
  requests = 0;
});

const cache = (): CredentialCache => new CredentialCache({ now: () => now, sleep: () => Promise.resolve() });
const request =
  (minutes = 60) =>
  (): Promise<AwsCredentialIdentity> => {
    requests += 1;
    const expiration = new Date(now + minutes * MINUTE);
    return Promise.resolve({ accessKeyId: `key-${requests}`, secretAccessKey: 's', expiration });
  };

test('credentials are used again while they are valid long enough, up to the last millisecond', async () => {
  const credentials = cache();
  await credentials.get('a', 15 * MINUTE, request());
  now = 45 * MINUTE;
  expect(await credentials.get('a', 15 * MINUTE, request())).toMatchObject({ wasCached: true });
  now += 1;
  expect(await credentials.get('a', 15 * MINUTE, request())).toMatchObject({ wasCached: false });
  expect(requests).toBe(2);
});

test('the oldest sessions are forgotten, so that the cache does not grow with the number of accounts', async () => {
  const credentials = cache();
  const many = 2_000;
  for (let n = 0; n < many; n += 1) await credentials.get(`account-${n}`, MINUTE, request());
  expect(requests).toBe(many);
  expect(await credentials.get(`account-${many - 1}`, MINUTE, request())).toMatchObject({ wasCached: true });
  expect(await credentials.get('account-0', MINUTE, request())).toMatchObject({ wasCached: false });
});

test('a failed request is not kept', async () => {
  const credentials = cache();
  await expect(credentials.get('a', MINUTE, () => Promise.reject(new Error('denied')))).rejects.toThrow('denied');
  expect(await credentials.get('a', MINUTE, request())).toMatchObject({ wasCached: false });
});

test('only the rejected credentials are discarded, not those that replaced them', async () => {
  const credentials = cache();
  const { credentials: first } = await credentials.get('a', MINUTE, request());
  credentials.discard('a', first);
  const { credentials: second, wasCached } = await credentials.get('a', MINUTE, request());
  expect(wasCached).toBe(false);
  credentials.discard('a', first);
  expect((await credentials.get('a', MINUTE, request())).credentials).toBe(second);
});
