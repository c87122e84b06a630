/**
 * Measures every function on a whole run: the bundles as they would be deployed, each in a process of its own, against
 * the emulated IAM, STS and S3 over HTTP. `npm run measure:functions [principals] [calls a second]`
 */
import { S3Client } from '@aws-sdk/client-s3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Store } from '../aws/s3-store.ts';
import { readRun } from '../core/run/stored-runs.ts';
import { DeployedWorkflow } from '../local/deployed/deployed-workflow.ts';
import { deployedFunctions } from '../local/deployed/functions.ts';
import { generateAccount, OPERATOR } from '../local/emulated-aws/generate/account.ts';
import { startEmulatedS3 } from '../local/emulated-aws/s3/server.ts';
import { startEmulatedAws } from '../local/emulated-aws/server.ts';
import { systemClock } from '../local/real-time.ts';
import { seededRandom } from '../local/seeded-random.ts';

const ACCOUNT = '111122223333';
const BUCKET = 'results';

const [principals = 1_000, rate = 50] = process.argv.slice(2).map(Number);
const users = Math.floor(principals * 0.3);
const account = generateAccount({
  seed: 1,
  accountId: ACCOUNT,
  users,
  roles: principals - users,
  now: systemClock.now(),
});
const outdir = await mkdtemp(join(tmpdir(), 'iam-audit-'));
const aws = await startEmulatedAws({
  accounts: [account],
  clock: systemClock,
  random: seededRandom(1),
  limit: { rate, size: rate },
});
const s3 = await startEmulatedS3({ buckets: [BUCKET], now: () => systemClock.now() });
const client = new S3Client({
  region: 'us-east-1',
  endpoint: s3.url,
  forcePathStyle: true,
  credentials: { accessKeyId: 'reader', secretAccessKey: 'reader' },
});
const store = new S3Store({ client, bucket: BUCKET });
const functions = deployedFunctions(outdir);
const workflow = new DeployedWorkflow(functions, {
  endpoint: aws.url,
  s3Endpoint: s3.url,
  store,
  credentials: () => aws.emulation.issueUser(ACCOUNT, OPERATOR),
});
const result = await workflow.run('measure', {});
const run = await readRun(store, result.runId);
const sent = Object.values(run?.calls ?? {}).reduce((sum, counts) => sum + counts.sent, 0);
process.stdout.write(
  `${principals} principals at ${rate} calls a second and operation: ${run?.status ?? 'no run.json'}, ${sent} calls, ` +
    `${result.transitions} state transitions, in AWS ${JSON.stringify(run?.cost)} dollars\n\n`,
);
process.stdout.write(
  '| function | invocations | seconds | memory MB | peak MB | bundle KB |\n|---|---|---|---|---|---|\n',
);
for (const [name, use] of workflow.use) {
  const deployed = functions.get(name);
  const cells = [
    name,
    use.invocations,
    (use.totalMs / 1000).toFixed(1),
    deployed?.memoryMegabytes ?? 0,
    Math.round(use.peakMegabytes),
    Math.round((deployed?.bundleBytes ?? 0) / 1000),
  ];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
workflow.stop();
client.destroy();
await aws.close();
await s3.close();
await rm(outdir, { recursive: true, force: true });
process.exitCode = result.status === 'SUCCEEDED' ? 0 : 1;
