/**
 * Measures every function on a whole run: the bundles as they would be deployed, each in a process of its own, against
 * the emulated IAM, STS and S3 over HTTP. `npm run measure:functions [principals] [calls a second]`
 */
import { readRun } from '../core/objects/stored-runs.ts';
import { accountOf, startEmulatedDeployment } from './emulated-deployment.ts';

const [principals = 1_000, rate = 50] = process.argv.slice(2).map(Number);
const { store, functions, workflow, stop } = await startEmulatedDeployment(accountOf(principals), { rate, size: rate });
const result = await workflow.run('measure', {});
const run = await readRun(store, result.runId);
const sent = Object.values(run?.calls ?? {}).reduce((sum, counts) => sum + counts.sent, 0);
process.stdout.write(
  `${principals} principals at ${rate} calls a second and operation: ${run?.status ?? 'no run.json'}, ${sent} calls, ` +
    `${result.transitions} state transitions, in AWS ${JSON.stringify(run?.cost)} dollars\n\n`,
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
