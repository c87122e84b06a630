/**
 * Deploys the stack to an emulated cloud on this machine and uses it as an operator would: `npm run test:deploy`.
 * docs/test-deploy.md says what it needs, what it checks, and where the emulated cloud differs from AWS.
 */
import '../../cli/quiet-sdk.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonEnvironment } from '../python-environment.ts';
import { ChildProcesses } from './child-processes.ts';
import { Operator } from './deployment.ts';
import { startEmulatedCloud, type EmulatedCloud } from './emulated-cloud.ts';
import { runScenario } from './scenario.ts';
import { Steps } from './steps.ts';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const processes = new ChildProcesses();
const steps = new Steps(print);
const folder = await mkdtemp(join(tmpdir(), 'iam-audit-deploy-'));
let cloud: EmulatedCloud | null = null;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    print(`Interrupted by ${signal}.`);
    void stop().finally(() => process.exit(1));
  });
}

try {
  let python = '';
  await steps.step('install the emulator', async () => {
    const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
    // LocalStack 4.14 needs `warnings.deprecated` and a `threading.Lock` that is a class.
    const environment = await pythonEnvironment({ name: 'deploy-test', requirements, minorVersions: [13] });
    python = join(environment.bin, 'python');
    return `Python ${environment.version}, ${environment.installSeconds === 0 ? 'installed earlier' : 'installed now'}`;
  });
  await steps.step('start the emulator', async () => {
    cloud = await startEmulatedCloud({ processes, python, folder });
    return cloud.endpoint;
  });
  if (cloud !== null) await run(cloud);
  await stop();
  await rm(folder, { recursive: true, force: true });
} catch (error: unknown) {
  process.exitCode = 1;
  print(error instanceof Error ? error.message : String(error));
  print(`Logs: ${folder}`);
  await stop();
}
const { passed, failed } = steps.counts;
print(`${passed} passed, ${failed} failed`);

async function run(started: EmulatedCloud): Promise<void> {
  const project = fileURLToPath(new URL('../..', import.meta.url));
  const operator = new Operator({ processes, endpoint: started.endpoint, project, folder });
  await runScenario({ steps, cloud: started, operator });
  print(`\n${steps.table()}\n`);
  const { requests, functionHost } = started;
  print(`${functionHost.invocations} invocations of functions, ${requests.length} permissions checked\n`);
}

async function stop(): Promise<void> {
  await processes.stop();
  await cloud?.stop();
}
