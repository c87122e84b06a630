/**
 * Measures the report of a large run in headless Chromium: `npm run bench:report [-- --accounts N --principals N --check]`.
 * The run is audited in virtual time. Exits with 1 if `--check` is given and a bound is exceeded.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { objects } from '../../core/contract/objects.ts';
import { runVirtualAudit } from '../scale/run-scenario.ts';
import { measureInBrowser } from './measure-in-browser.ts';

/** The bounds for 20,000 principals. */
const MOST_BYTES = 8_000_000;
const MOST_SECONDS = 2;

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '4' },
    principals: { type: 'string', default: '5000' },
    check: { type: 'boolean', default: false },
    keep: { type: 'string' },
  },
});
const folder = values.keep ?? (await mkdtemp(join(tmpdir(), 'iam-audit-report-')));
try {
  const scenario = { name: 'report', accounts: Number(values.accounts), principals: Number(values.principals) };
  const { run, store } = await runVirtualAudit(scenario, 1, folder);
  const file = store.path(objects.report(run.runId));
  const { size } = await stat(file);
  const figures = await measureInBrowser(pathToFileURL(file).href);
  const findings = run.findings ?? null;
  process.stdout.write(
    [
      `${run.principals.total} principals, ${findings === null ? 0 : findings.new} findings`,
      `file: ${(size / 1e6).toFixed(2)} MB`,
      `opened: ${figures.openSeconds.toFixed(2)} s`,
      `searched the findings: ${figures.findingsSearchSeconds.toFixed(2)} s`,
      `searched the principals: ${figures.principalsSearchSeconds.toFixed(2)} s`,
      `heap: ${figures.heapMegabytes} MB`,
      `printed: ${figures.printSeconds.toFixed(2)} s`,
      '',
    ].join('\n'),
  );
  const exceeded = size > MOST_BYTES || figures.openSeconds + figures.findingsSearchSeconds > MOST_SECONDS;
  if (values.check && exceeded) {
    process.stderr.write(`A bound is exceeded: ${MOST_BYTES / 1e6} MB, ${MOST_SECONDS} s to open and search.\n`);
    process.exitCode = 1;
  }
} finally {
  if (values.keep === undefined) await rm(folder, { recursive: true, force: true });
}
