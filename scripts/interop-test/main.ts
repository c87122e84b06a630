/**
 * `npm run test:interop`: checks the audit's adapters and the emulated AWS with programs that share no code with them:
 * moto's server read with boto3, and AWS's own API models in botocore. It says what it leaves out. Exits with 1 if
 * something differs.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pythonEnvironment, PythonUnavailable } from '../python-environment.ts';
import { checkModels } from './check-models.ts';
import { compareWithBoto3 } from './compare-moto.ts';
import { startMoto } from './moto.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function report(name: string, differences: readonly string[]): void {
  print(`${differences.length === 0 ? 'equal ' : 'DIFFER'} ${name}`);
  for (const difference of differences.slice(0, 40)) print(`  ${difference.slice(0, 600)}`);
  if (differences.length > 0) process.exitCode = 1;
}

/** The test of any store, against moto's S3. */
function testStore(url: string): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['node_modules/jest/bin/jest.js', 'test/aws/s3-store', '-w', '1'],
    {
      cwd: root,
      env: { ...process.env, IAM_AUDIT_TEST_S3_ENDPOINT: url },
      encoding: 'utf8',
    },
  );
  report("the S3 store's own tests with moto's S3", status === 0 ? [] : [stderr]);
}

try {
  const { bin } = await pythonEnvironment({
    name: 'interop-test',
    requirements: fileURLToPath(new URL('requirements.txt', import.meta.url)),
    minorVersions: [13, 12, 11],
  });
  const moto = await startMoto(bin);
  try {
    const { compared, differences } = await compareWithBoto3(bin, moto.url);
    report(
      `inventory, STS and Organizations adapters with boto3, on moto's server: ${compared.join(', ')}`,
      differences,
    );
    testStore(moto.url);
  } finally {
    moto.close();
  }
  const models = await checkModels(bin);
  report(`the emulated AWS with AWS's API models: ${models.compared.join(', ')}`, models.differences);
  print(
    'Left out: a second interpreter for the definition. test:deploy runs it in LocalStack, and `npm test` in asl-validator.',
  );
} catch (error: unknown) {
  if (!(error instanceof PythonUnavailable)) throw error;
  process.stderr.write(`test:interop was left out: ${error.message}\n`);
}
