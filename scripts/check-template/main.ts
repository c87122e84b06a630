/**
 * Checks the synthesised template with cfn-lint and checkov: `npm run check:template`. Every exception is in
 * exceptions.json with its reason. A finding without an exception fails, and so does an exception without a finding.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { auditApp } from '../../lib/audit-app.ts';
import { pythonEnvironment, PythonUnavailable } from '../python-environment.ts';
import { cfnLintFindings, checkovFindings, Exception, judge, type ResourceTypes } from './findings.ts';
import { variants } from './variants.ts';

const Template = v.object({ Resources: v.record(v.string(), v.looseObject({ Type: v.string() })) });

const fileBeside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const folder = await mkdtemp(join(tmpdir(), 'iam-audit-template-'));
try {
  process.exitCode = await check();
} catch (error: unknown) {
  if (!(error instanceof PythonUnavailable)) throw error;
  print(error.message);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function check(): Promise<number> {
  const exceptions = v.parse(v.array(Exception), JSON.parse(readFileSync(fileBeside('exceptions.json'), 'utf8')));
  const { bin } = await pythonEnvironment({
    name: 'check-template',
    requirements: fileBeside('requirements.txt'),
    minorVersions: [13, 12, 11],
  });
  const types = new Map<string, ResourceTypes>();
  for (const name of Object.keys(variants)) types.set(name, await synthesise(name));
  const files = [...types.keys()].map((name) => `${name}.template.json`);
  const [cfnLint, checkov] = await Promise.all([
    jsonOf(join(bin, 'cfn-lint'), ['--format', 'json', '--regions', 'us-east-1', '--', ...files]),
    jsonOf(join(bin, 'checkov'), [
      ...['--framework', 'cloudformation', '--output', 'json', '--compact', '--quiet', '--skip-download'],
      ...files.flatMap((file) => ['--file', file]),
    ]),
  ]);
  const findings = [...cfnLintFindings(cfnLint, types), ...checkovFindings(checkov)];
  const { unexpected, unused } = judge(findings, exceptions);
  for (const { tool, id, resource, message, variant } of unexpected) {
    print(`${tool} ${id} in ${variant}: ${resource}: ${message}`);
  }
  for (const { tool, id, resource } of unused) {
    print(`exceptions.json: the exception of ${tool} ${id} for ${resource} matches no finding. Remove it.`);
  }
  print(
    `${types.size} templates, ${findings.length} findings: ${findings.length - unexpected.length} with an exception, ` +
      `${unexpected.length} without; ${unused.length} of ${exceptions.length} exceptions match nothing.`,
  );
  return unexpected.length === 0 && unused.length === 0 ? 0 : 1;
}

async function synthesise(name: string): Promise<ResourceTypes> {
  // The bundles don't change the template, and take seconds.
  const { app, stack } = auditApp({ bundle: false, outdir: join(folder, name), settings: variants[name] });
  const template: unknown = app.synth().getStackByName(stack.stackName).template;
  await writeFile(join(folder, `${name}.template.json`), JSON.stringify(template, null, 2));
  const resources = Object.entries(v.parse(Template, template).Resources);
  return new Map(resources.map(([logicalId, { Type }]) => [logicalId, Type]));
}

/** Runs a checker, which ends with a code other than 0 when it has findings. */
function jsonOf(program: string, args: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (_, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout));
      } catch (error: unknown) {
        reject(
          new Error(`${program} printed no JSON: ${stdout.slice(-500)} ${stderr.slice(-2_000)}`, { cause: error }),
        );
      }
    });
  });
}
