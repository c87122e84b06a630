/**
 * `npm run test:exports`: exports the findings of an emulated account, and checks them with independent models: AWS's own of
 * BatchImportFindings (botocore), and py-ocsf-models, which Prowler uses. SARIF is checked by its types when it is
 * compiled (`@types/sarif`). Without Python, it says that it was left out.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonEnvironment, PythonUnavailable } from '../python-environment.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function iamAudit(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bin/iam-audit.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`iam-audit ${args.join(' ')} ended with ${String(status)}: ${stderr}`);
  return stdout;
}

const folder = mkdtempSync(join(tmpdir(), 'iam-audit-exports-'));
try {
  const { bin } = await pythonEnvironment({
    name: 'export-test',
    requirements: here('requirements.txt'),
    minorVersions: [13, 12, 11, 10],
  });
  const results = join(folder, 'results');
  iamAudit('demo', '--principals', '60', '--rate', '100', '--out', results, '--quiet');
  for (const format of ['asff', 'ocsf']) {
    writeFileSync(join(folder, `findings.${format}`), iamAudit('report', '--out', results, '--format', format));
  }
  const { status } = spawnSync(join(bin, 'python'), [here('validate.py'), folder], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} catch (error: unknown) {
  if (!(error instanceof PythonUnavailable)) throw error;
  process.stderr.write(`test:exports was left out: ${error.message}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
