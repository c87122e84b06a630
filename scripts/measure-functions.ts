/**
 * Measures every function in a whole run. The bundles that would be deployed run in separate processes and call the
 * emulated IAM, STS and S3 over HTTP. NameCulprits gets its longest answer, without the wait for the logs before it.
 * ImportFindings imports 20,000 findings into an emulated Security Hub, which takes 25 s because its calls are paced.
 * `npm run measure:functions [principals] [calls per second]`
 */
import { objects } from '../core/contract/objects.ts';
import { readRun } from '../core/objects/stored-runs.ts';
import { startEmulatedSecurityHub } from '../local/emulated-aws/security-hub-server.ts';
import { longestCulpritsAnswer } from './culprits-answer.ts';
import { ACCOUNT, accountOf, startEmulatedDeployment } from './emulated-deployment.ts';

const [principals = 1_000, rate = 50] = process.argv.slice(2).map(Number);
const securityHub = await startEmulatedSecurityHub({ accountId: ACCOUNT });
const { store, functions, workflow, stop } = await startEmulatedDeployment(
  accountOf(principals),
  { rate, size: rate },
  { environment: { AWS_ENDPOINT_URL_SECURITYHUB: securityHub.url } },
);
const result = await workflow.run('measure', {});
const run = await readRun(store, result.runId);
await workflow.invoke('name-culprits', {
  runId: result.runId,
  throttled: { from: 0, to: 600, analysis: 'measure', parameters: [] },
  answer: { resultSet: longestCulpritsAnswer(), isPart: false },
  scannedBytes: [1e9, 1e6],
});
const MANY_FINDINGS = 20_000;
const found = (await store.read(objects.findings(result.runId)))?.text.trimEnd().split('\n') ?? [];
await store.writeLines(
  objects.findings(result.runId),
  Array.from({ length: MANY_FINDINGS }, (_, n) => found[n % found.length] ?? ''),
);
const imported = await workflow.invoke('import-findings', { runId: result.runId, accountId: ACCOUNT, progress: null });
const sent = Object.values(run?.calls ?? {}).reduce((sum, counts) => sum + counts.sent, 0);
process.stdout.write(
  `${principals} principals at ${rate} calls per second for each operation: ${run?.status ?? 'no run.json'}, ${sent} calls, ` +
    `${result.transitions} state transitions, cost in AWS in dollars: ${JSON.stringify(run?.cost)}\n\n`,
);
process.stdout.write(`ImportFindings: ${JSON.stringify(imported)}, ${securityHub.calls.length} calls\n\n`);
process.stdout.write(
  '| function | invocations | seconds | memory MB | peak MB | bundle KB |\n|---|---|---|---|---|---|\n',
);
for (const [name, use] of workflow.use) {
  const deployed = functions.get(name);
  const cells = [
    name,
    use.invocations,
    (use.totalMs / 1000).toFixed(1),
    deployed?.memoryMegabytes ?? 0,
    Math.round(use.peakMegabytes),
    Math.round((deployed?.bundleBytes ?? 0) / 1000),
  ];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
await stop();
await securityHub.close();
process.exitCode = result.status === 'SUCCEEDED' ? 0 : 1;
