/**
 * Checks the synthesised template with cfn-lint and checkov, and the templates of the member role too:
 * `npm run check:template`. checkov also parses the member role's Terraform configurations. Every exception is in
 * exceptions.json with its reason. A finding without an exception fails, and so does an exception without a finding.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { cloudFormationTemplate } from '../../core/member-role/cloudformation.ts';
import { terraformConfiguration } from '../../core/member-role/terraform.ts';
import { auditApp } from '../../lib/audit-app.ts';
import { pythonEnvironment, PythonUnavailable } from '../python-environment.ts';
import { cfnLintFindings, checkovFindings, Exception, judge, type ResourceTypes } from './findings.ts';
import { memberRoles, variants } from './variants.ts';

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
  for (const name of Object.keys(variants)) await synthesise(name, types);
  for (const [name, options] of Object.entries(memberRoles)) {
    await write(name, cloudFormationTemplate(options), types);
    await writeFile(join(folder, `${name}.tf`), terraformConfiguration(options));
  }
  const files = [...types.keys()].map((name) => `${name}.template.json`);
  const [cfnLint, checkov, checkovTerraform] = await Promise.all([
    jsonOf(join(bin, 'cfn-lint'), ['--format', 'json', '--regions', 'us-east-1', '--', ...files]),
    jsonOf(join(bin, 'checkov'), [
      ...['--framework', 'cloudformation', '--output', 'json', '--compact', '--quiet', '--skip-download'],
      ...files.flatMap((file) => ['--file', file]),
    ]),
    jsonOf(join(bin, 'checkov'), [
      ...['--framework', 'terraform', '--output', 'json', '--compact', '--quiet', '--skip-download'],
      ...Object.keys(memberRoles).flatMap((name) => ['--file', `${name}.tf`]),
    ]),
  ]);
  const findings = [
    ...cfnLintFindings(cfnLint, types),
    ...checkovFindings(checkov),
    ...checkovFindings(checkovTerraform),
  ];
  const { unexpected, unused } = judge(findings, exceptions);
  for (const { tool, id, resource, message, variant } of unexpected) {
    print(`${tool} ${id} in ${variant}: ${resource}: ${message}`);
  }
  for (const { tool, id, resource } of unused) {
    print(`exceptions.json: the exception of ${tool} ${id} for ${resource} matches no finding. Remove it.`);
  }
  print(
    `${types.size} templates, ${Object.keys(memberRoles).length} Terraform configurations, ${findings.length} findings: ${findings.length - unexpected.length} with an exception, ` +
      `${unexpected.length} without; ${unused.length} of ${exceptions.length} exceptions match nothing.`,
  );
  return unexpected.length === 0 && unused.length === 0 ? 0 : 1;
}

/** Writes the stack's template, and those of the stacks that it deploys to other accounts. */
async function synthesise(name: string, types: Map<string, ResourceTypes>): Promise<void> {
  // The bundles don't change the template, and take seconds.
  const { app } = auditApp({ bundle: false, outdir: join(folder, name), settings: variants[name] });
  const assembly = app.synth();
  for (const stack of assembly.stacksRecursively) {
    const file = assembly.stacks.includes(stack) ? name : `${name}-${stack.stackName}`;
    await write(file, stack.template, types);
  }
}

async function write(name: string, template: unknown, types: Map<string, ResourceTypes>): Promise<void> {
  await writeFile(join(folder, `${name}.template.json`), JSON.stringify(template, null, 2));
  const resources = Object.entries(v.parse(Template, template).Resources);
  types.set(name, new Map(resources.map(([logicalId, { Type }]) => [logicalId, Type])));
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
