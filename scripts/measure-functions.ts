/**
 * Measures every function in a whole run. The bundles that would be deployed run in separate processes and call the
 * emulated IAM, STS and S3 over HTTP. NameCulprits gets its longest answer, without the wait for the logs before it.
 * `npm run measure:functions [principals] [calls per second]`
 */
import { readRun } from '../core/objects/stored-runs.ts';
import { longestCulpritsAnswer } from './culprits-answer.ts';
import { accountOf, startEmulatedDeployment } from './emulated-deployment.ts';

const [principals = 1_000, rate = 50] = process.argv.slice(2).map(Number);
const { store, functions, workflow, stop } = await startEmulatedDeployment(accountOf(principals), { rate, size: rate });
const result = await workflow.run('measure', {});
const run = await readRun(store, result.runId);
await workflow.invoke('name-culprits', {
  runId: result.runId,
  throttled: { from: 0, to: 600, analysis: 'measure', parameters: [] },
  answer: { resultSet: longestCulpritsAnswer(), isPart: false },
  scannedBytes: [1e9, 1e6],
});
const sent = Object.values(run?.calls ?? {}).reduce((sum, counts) => sum + counts.sent, 0);
process.stdout.write(
  `${principals} principals at ${rate} calls per second for each operation: ${run?.status ?? 'no run.json'}, ${sent} calls, ` +
    `${result.transitions} state transitions, cost in AWS in dollars: ${JSON.stringify(run?.cost)}\n\n`,
);
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
process.exitCode = result.status === 'SUCCEEDED' ? 0 : 1;
