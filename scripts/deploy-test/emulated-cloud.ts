import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { addAuditRole, AUDIT_ROLE, generateAccount } from '../../local/emulated-aws/generate/account.ts';
import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import { startEmulatedAws } from '../../local/emulated-aws/server.ts';
import { systemClock } from '../../local/system-clock.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import type { ChildProcesses } from './child-processes.ts';
import { startFunctionHost, type FunctionHost } from './function-host.ts';
import type { FunctionRequest } from './function-policies.ts';
import { startRequestRecorder } from './request-recorder.ts';

/** LocalStack's own account: the stack is deployed there. */
export const HUB = '000000000000';
export const MEMBER = '111122223333';
export const REGION = 'us-east-1';

/** It starts in about 5 seconds, or later on a busy machine. */
const START_MS = 120_000;

export interface EmulatedCloud {
  readonly endpoint: string;
  readonly accounts: Readonly<Record<typeof HUB | typeof MEMBER, EmulatedAccount>>;
  /** The requests of the functions so far. */
  readonly requests: readonly FunctionRequest[];
  readonly functionHost: FunctionHost;
  readonly cloudFormation: CloudFormationClient;
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly sfn: SFNClient;
  stop(): Promise<void>;
}

export interface EmulatedCloudOptions {
  readonly processes: ChildProcesses;
  /** Python program of the environment with LocalStack's packages. */
  readonly python: string;
  /** Folder for all files of the emulated cloud. */
  readonly folder: string;
}

/**
 * LocalStack runs the deployed stack. The project's own emulated IAM, STS and Organizations have the accounts that the
 * functions audit.
 */
export async function startEmulatedCloud({ processes, python, folder }: EmulatedCloudOptions): Promise<EmulatedCloud> {
  const requests: FunctionRequest[] = [];
  const record = (request: FunctionRequest): void => {
    requests.push(request);
  };
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const now = systemClock.now();
  const accounts = {
    [HUB]: generateAccount({ seed: 1, accountId: HUB, users: 4, roles: 8, now }),
    [MEMBER]: generateAccount({ seed: 2, accountId: MEMBER, users: 3, roles: 5, now }),
  };
  for (const account of Object.values(accounts)) addAuditRole(account, HUB, now);
  const audited = await startEmulatedAws({
    accounts: Object.values(accounts),
    clock: systemClock,
    random: seededRandom(1),
    limit: null,
    authorize: ({ arn }, action) => {
      const [, role = ''] = arn.split('/');
      // The stack does not set the permissions of a member role. GetCallerIdentity needs no permission.
      if (role !== AUDIT_ROLE && action !== 'sts:GetCallerIdentity') {
        record({ functionName: role, action, resource: null });
      }
      return true;
    },
  });
  const recorder = await startRequestRecorder(new URL(endpoint), record);
  const functionHost = await startFunctionHost(
    (functionName) => {
      // The session name is the function's name, so that the requests of each function can be distinguished.
      const credentials = audited.emulation.issueSession(HUB, functionName, now + 86_400_000);
      return {
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken ?? '',
        AWS_LAMBDA_FUNCTION_NAME: functionName,
        AWS_ENDPOINT_URL: `${recorder.url}/${functionName}`,
        AWS_ENDPOINT_URL_IAM: audited.url,
        AWS_ENDPOINT_URL_STS: audited.url,
        AWS_ENDPOINT_URL_ORGANIZATIONS: audited.url,
      };
    },
    join(folder, 'functions.log'),
  );
  const configuration = { region: REGION, endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const clients = {
    cloudFormation: new CloudFormationClient(configuration),
    lambda: new LambdaClient(configuration),
    s3: new S3Client({ ...configuration, forcePathStyle: true }),
    sfn: new SFNClient(configuration),
  };
  const stop = async (): Promise<void> => {
    functionHost.stop();
    for (const client of Object.values(clients)) client.destroy();
    for (const server of [functionHost, recorder, audited]) await server.close();
  };
  try {
    await startLocalStack({ processes, python, folder, endpoint, functionHost: functionHost.url });
  } catch (error: unknown) {
    await stop();
    throw error;
  }
  return { endpoint, accounts, requests, functionHost, ...clients, stop };
}

interface LocalStackOptions extends EmulatedCloudOptions {
  readonly endpoint: string;
  readonly functionHost: string;
}

async function startLocalStack(options: LocalStackOptions): Promise<void> {
  const { processes, python, folder, endpoint, functionHost } = options;
  const address = endpoint.replace('http://', '');
  const temporary = join(folder, 'tmp');
  await mkdir(temporary, { recursive: true });
  const log = join(folder, 'localstack.log');
  const child = processes.serve(python, [fileURLToPath(new URL('emulator.py', import.meta.url))], {
    cwd: folder,
    log,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      TMPDIR: temporary,
      FILESYSTEM_ROOT: join(folder, 'filesystem'),
      FUNCTION_HOST: functionHost,
      GATEWAY_LISTEN: address,
      LOCALSTACK_HOST: address,
      // LocalStack downloads and reports nothing, and opens only the port above.
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DISABLE_EVENTS: '1',
      DNS_ADDRESS: '0',
      // A function is ready when the response to its creation arrives.
      LAMBDA_SYNCHRONOUS_CREATE: '1',
    },
  });
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`LocalStack ended with ${child.exitCode}: see ${log}.`);
    if (await isHealthy(endpoint)) return;
    await sleep(250);
  }
  throw new Error(`LocalStack did not start within ${START_MS / 1000} s: see ${log}.`);
}

async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/_localstack/health`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = v.parse(v.object({ port: v.number() }), server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}
