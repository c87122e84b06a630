import { S3Client } from '@aws-sdk/client-s3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Store } from '../aws/s3-store.ts';
import { DeployedWorkflow } from '../local/deployed/deployed-workflow.ts';
import { deployedFunctions } from '../local/deployed/deployed-functions.ts';
import type { EmulatedAccount } from '../local/emulated-aws/account.ts';
import { generateAccount, OPERATOR } from '../local/emulated-aws/generate/account.ts';
import type { OrganizationSettings } from '../local/emulated-aws/organization.ts';
import { startEmulatedS3 } from '../local/emulated-aws/s3/server.ts';
import { startEmulatedAws } from '../local/emulated-aws/server.ts';
import type { Limit } from '../local/emulated-aws/token-bucket.ts';
import { systemClock } from '../local/system-clock.ts';
import { seededRandom } from '../local/seeded-random.ts';

export const ACCOUNT = '111122223333';
const BUCKET = 'results';

export const accountOf = (principals: number): EmulatedAccount => {
  const users = Math.floor(principals * 0.3);
  return generateAccount({ seed: 1, accountId: ACCOUNT, users, roles: principals - users, now: systemClock.now() });
};

interface DeploymentOptions {
  /** Further accounts of the organization. */
  readonly members?: readonly EmulatedAccount[];
  readonly organization?: OrganizationSettings;
  /** Environment variables that settings would add. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts the bundles as they would be deployed, with emulated IAM, STS and S3 on loopback. Measurements use it. */
export async function startEmulatedDeployment(
  account: EmulatedAccount,
  limit: Limit | null,
  { members = [], organization, environment }: DeploymentOptions = {},
) {
  const outdir = await mkdtemp(join(tmpdir(), 'iam-audit-'));
  const random = seededRandom(1);
  const aws = await startEmulatedAws({
    accounts: [account, ...members],
    clock: systemClock,
    random,
    limit,
    ...(organization === undefined ? {} : { organization }),
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
    // The table is on standard output.
    log: process.stderr,
    endpoint: aws.url,
    s3Endpoint: s3.url,
    store,
    credentials: () => aws.emulation.issueUser(ACCOUNT, OPERATOR),
    ...(environment === undefined ? {} : { environment }),
  });
  const stop = async (): Promise<void> => {
    workflow.stop();
    client.destroy();
    await aws.close();
    await s3.close();
    await rm(outdir, { recursive: true, force: true });
  };
  return { store, functions, workflow, stop };
}
