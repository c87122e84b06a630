import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { SdkAccountAccess, type AccountAccessSettings } from '../../aws/account-access.ts';
import { regionalStsClient } from '../../aws/sts-client.ts';
import { CallLedger } from '../../core/ports/calls/call-ledger.ts';
import { systemClock } from '../../local/system-clock.ts';

/** The partitions that the SDK knows, from the file with which it finds endpoints. */
const path = join(
  __dirname,
  '../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js',
);
const { partitions } = v.parse(
  v.object({
    partitions: v.array(
      v.object({
        id: v.string(),
        outputs: v.object({ dnsSuffix: v.string() }),
        regions: v.record(v.string(), v.unknown()),
      }),
    ),
  }),
  JSON.parse(/partitionsInfo = (\{[\s\S]*?\n\});/.exec(readFileSync(path, 'utf8'))![1]!.replace(/,(\s*[}\]])/g, '$1')),
);
const isGlobal = (region: string): boolean => region.endsWith('-global');
const regions = partitions.flatMap(({ id, outputs, regions: all }) =>
  Object.keys(all).map((region) => ({ partition: id, suffix: outputs.dnsSuffix, region })),
);

beforeEach(() => {
  process.env.AWS_STS_REGIONAL_ENDPOINTS = 'legacy';
});
afterEach(() => {
  delete process.env.AWS_STS_REGIONAL_ENDPOINTS;
  delete process.env.AWS_REGION;
});

/** The host of the request to STS. */
async function hostOf(settings: Partial<AccountAccessSettings>): Promise<string> {
  const hosts: string[] = [];
  const transport = {
    handle: (request: { hostname: string }) => {
      hosts.push(request.hostname);
      return Promise.reject(Object.assign(new Error('stopped'), { name: 'Stopped' }));
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  } as unknown as NonNullable<AccountAccessSettings['transport']>;
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'x' };
  const memberRole = { roleName: 'reader', externalId: null };
  const access = new SdkAccountAccess(
    { credentials: () => Promise.resolve(credentials), memberRole, transport, ...settings },
    systemClock,
  );
  await access.callerIdentity(new CallLedger()).catch(() => undefined);
  return [...new Set(hosts)].join(' ');
}

test('the SDK knows at least the public partitions', () => {
  expect(partitions.map(({ id }) => id)).toEqual(expect.arrayContaining(['aws', 'aws-cn', 'aws-us-gov']));
  expect(regions.length).toBeGreaterThan(40);
});

test.each(regions.filter(({ region }) => !isGlobal(region)))(
  '$partition $region: the endpoint is the Region’s, although AWS_STS_REGIONAL_ENDPOINTS is legacy',
  async ({ suffix, region }) => {
    expect(await hostOf({ region })).toBe(`sts.${region}.${suffix}`);
  },
);

test.each(regions.filter(({ region }) => isGlobal(region)))(
  '$partition: the name $region of the global endpoint means a Region of the partition',
  async ({ partition, suffix, region }) => {
    const host = await hostOf({ region });
    const [, used = '', rest = ''] = /^sts\.([^.]+)\.(.*)$/.exec(host) ?? [];
    expect(rest).toBe(suffix);
    expect(regions.filter((one) => one.partition === partition).map((one) => one.region)).toContain(used);
    expect(isGlobal(used)).toBe(false);
  },
);

test('a Region of the environment has its own endpoint too', async () => {
  process.env.AWS_REGION = 'us-east-1';
  expect(await hostOf({})).toBe('sts.us-east-1.amazonaws.com');
});

test('the client does not use the global endpoint if the SDK would by default', () => {
  const { config } = regionalStsClient({ region: 'us-east-1' });
  expect(config.useGlobalEndpoint).toBe(false);
});
