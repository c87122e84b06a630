/**
 * Measures the memory of InventoryAccount: its bundle as it would be deployed, in a process of its own, against the
 * emulated IAM, STS and S3 over HTTP. `npm run measure:inventory [principals] [bytes of inline policy each]`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { PlanRunOutput } from '../core/contract/messages.ts';
import { environmentNames } from '../core/contract/environment.ts';
import { deployedFunctions } from '../local/deployed/functions.ts';
import { LambdaProcess } from '../local/deployed/lambda-process.ts';
import type { EmulatedAccount } from '../local/emulated-aws/account.ts';
import { generateAccount, OPERATOR } from '../local/emulated-aws/generate/account.ts';
import { startEmulatedS3 } from '../local/emulated-aws/s3/server.ts';
import { startEmulatedAws } from '../local/emulated-aws/server.ts';
import { systemClock } from '../local/real-time.ts';
import { seededRandom } from '../local/seeded-random.ts';

const ACCOUNT = '111122223333';
const BUCKET = 'results';

/** Gives every principal an inline policy of about so many bytes, each its own: nothing can be shared. */
function fatten(account: EmulatedAccount, bytes: number): void {
  for (const principal of [...account.users.values(), ...account.roles.values()]) {
    const Resource: string[] = [];
    for (let n = 0, size = 0; size < bytes; n += 1) {
      const arn = `arn:aws:s3:::${principal.name}-bucket-${n}/*`;
      size += arn.length + 3;
      Resource.push(arn);
    }
    principal.inlinePolicies.push({
      name: 'buckets',
      document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource }] },
    });
  }
}

const [principals = 20_000, policyBytes = 2_000] = process.argv.slice(2).map(Number);
const now = systemClock.now();
const account = generateAccount({
  seed: 1,
  accountId: ACCOUNT,
  users: Math.floor(principals * 0.3),
  roles: principals - Math.floor(principals * 0.3),
  now,
});
fatten(account, policyBytes);
const outdir = await mkdtemp(join(tmpdir(), 'iam-audit-'));
const aws = await startEmulatedAws({ accounts: [account], clock: systemClock, random: seededRandom(1), limit: null });
const s3 = await startEmulatedS3({ buckets: [BUCKET], now: () => systemClock.now() });
const functions = deployedFunctions(outdir);
const credentials = aws.emulation.issueUser(ACCOUNT, OPERATOR);
const environment = {
  AWS_ENDPOINT_URL: aws.url,
  AWS_ENDPOINT_URL_S3: s3.url,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  [environmentNames.resultsBucket]: BUCKET,
};

async function invoke(name: 'plan-run' | 'inventory-account', event: unknown) {
  const deployed = functions.get(name);
  if (deployed === undefined) throw new Error(`There is no function ${name}.`);
  const lambda = await LambdaProcess.start(deployed, environment);
  try {
    return { result: await lambda.invoke(event), megabytes: lambda.peakMegabytes, limit: deployed.memoryMegabytes };
  } finally {
    lambda.stop();
  }
}

const execution = { id: 'local:measure', name: 'measure', startedAt: new Date(now).toISOString() };
const planned = await invoke('plan-run', { execution, input: {} });
const { runId, request } = v.parse(PlanRunOutput, planned.result);
const startedAt = performance.now();
const inventory = await invoke('inventory-account', { runId, accountId: ACCOUNT, resumeFrom: null, request });
const seconds = (performance.now() - startedAt) / 1000;
const counted = v.parse(v.object({ principals: v.number(), batches: v.array(v.unknown()) }), inventory.result);
process.stdout.write(
  `${counted.principals} principals with ${policyBytes} bytes of own policy each: ${counted.batches.length} batches, ` +
    `peak ${Math.round(inventory.megabytes)} MB of ${inventory.limit} MB, ${seconds.toFixed(1)} s\n`,
);
await aws.close();
await s3.close();
await rm(outdir, { recursive: true, force: true });
process.exitCode = inventory.megabytes < inventory.limit && counted.principals === principals ? 0 : 1;
