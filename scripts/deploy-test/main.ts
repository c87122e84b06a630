/**
 * Deploys the stack to an emulated cloud on this machine and uses it as an operator would:
 * `npm run test:deploy [-- --outputFile FILE]`; FILE receives the number of steps that passed and failed, as JSON.
 * docs/test-deploy.md says what it needs, what it checks, and where the emulated cloud differs from AWS.
 */
import '../../cli/quiet-sdk.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pythonEnvironment } from '../python-environment.ts';
import { ChildProcesses } from './child-processes.ts';
import { Operator } from './deployment.ts';
import { startEmulatedCloud } from './emulated-cloud.ts';
import { runScenario } from './scenario.ts';
import { Steps } from './steps.ts';

/** The exit code that shells use for a program that SIGINT ended. */
const INTERRUPTED = 130;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const processes = new ChildProcesses();
const steps = new Steps(print);
const folder = await mkdtemp(join(tmpdir(), 'iam-audit-deploy-'));
const interruption = new AbortController();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    print(`Interrupted by ${signal}.`);
    interruption.abort();
    void interrupted().finally(() => process.exit(INTERRUPTED));
  });
}

try {
  await main();
  await rm(folder, { recursive: true, force: true });
} catch (error: unknown) {
  process.exitCode = 1;
  // After an interruption the commands fail, because they were stopped.
  if (!interruption.signal.aborted) {
    print(error instanceof Error ? error.message : String(error));
    print(`The logs are in ${folder}.`);
  }
} finally {
  await processes.stop();
}
const { passed, failed } = steps.counts;
const { outputFile } = parseArgs({ options: { outputFile: { type: 'string' } } }).values;
if (outputFile !== undefined) {
  // In Jest's format, so that the numbers of several test suites can be added.
  await writeFile(outputFile, JSON.stringify({ numPassedTests: passed, numFailedTests: failed }));
}
print(`${passed} passed, ${failed} failed`);

async function main(): Promise<void> {
  const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
  const python = await steps.step(
    'install the emulator',
    // LocalStack 4.14 does not start with 3.12 and earlier.
    () => pythonEnvironment({ name: 'deploy-test', requirements, minorVersions: [13] }),
    ({ version, installSeconds }) =>
      `Python ${version}, ${installSeconds === 0 ? 'installed before' : 'installed now'}`,
  );
  const cloud = await steps.step(
    'start the emulator',
    () => startEmulatedCloud({ processes, python: join(python.bin, 'python'), folder }),
    ({ endpoint }) => endpoint,
  );
  try {
    const project = fileURLToPath(new URL('../..', import.meta.url));
    const operator = new Operator({ processes, endpoint: cloud.endpoint, project, folder });
    await runScenario({ steps, cloud, operator });
  } finally {
    await processes.stop();
    await cloud.stop();
  }
  print(`\n${steps.table()}\n`);
  print(`${cloud.functionHost.invocations} invocations of functions, ${cloud.requests.length} permissions checked.\n`);
}

/** Stops all processes and deletes all files of the test. */
async function interrupted(): Promise<void> {
  await processes.stop();
  await rm(folder, { recursive: true, force: true });
}
