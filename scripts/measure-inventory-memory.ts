/**
 * Measures the memory of InventoryAccount. The bundle that would be deployed runs in a separate process and calls the
 * emulated IAM, STS and S3 over HTTP. `npm run measure:inventory [principals] [bytes of inline policy each]`
 */
import * as v from 'valibot';
import { InventoryAccountOutput, PlanRunOutput } from '../core/contract/messages.ts';
import type { EmulatedAccount } from '../local/emulated-aws/account.ts';
import { systemClock } from '../local/system-clock.ts';
import { ACCOUNT, accountOf, startEmulatedDeployment } from './emulated-deployment.ts';

/**
 * Adds an inline policy of about this many bytes to every principal. All differ, so that none can be shared in
 * memory.
 */
function addInlinePolicies(account: EmulatedAccount, bytes: number): void {
  for (const principal of [...account.users.values(), ...account.roles.values()]) {
    const Resource: string[] = [];
    for (let n = 0, size = 0; size < bytes; n += 1) {
      const arn = `arn:aws:s3:::${principal.name}-bucket-${n}/*`;
      size += arn.length + 3;
      Resource.push(arn);
    }
    principal.inlinePolicies.push({
      name: 'buckets',
      document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource }] },
    });
  }
}

const [principals = 20_000, policyBytes = 2_000] = process.argv.slice(2).map(Number);
const account = accountOf(principals);
addInlinePolicies(account, policyBytes);
const { functions, workflow, stop } = await startEmulatedDeployment(account, null);
const now = new Date(systemClock.now()).toISOString();
const execution = { id: 'local:measure', name: 'measure', startedAt: now, enteredAt: now };
const { runId, request } = v.parse(PlanRunOutput, await workflow.invoke('plan-run', { execution, input: {} }));
const inventory = v.parse(
  InventoryAccountOutput,
  await workflow.invoke('inventory-account', {
    runId,
    accountId: ACCOUNT,
    resumeFrom: null,
    startAt: execution.startedAt,
    request,
  }),
);
const use = workflow.use.get('inventory-account');
const peakMegabytes = use?.peakMegabytes ?? Number.NaN;
const limit = functions.get('inventory-account')?.memoryMegabytes ?? 0;
process.stdout.write(
  `${inventory.principals} principals with ${policyBytes} bytes of inline policy each: ${inventory.batches.length} batches, ` +
    `peak ${Math.round(peakMegabytes)} MB of ${limit} MB, ${((use?.totalMs ?? 0) / 1000).toFixed(1)} s\n`,
);
await stop();
process.exitCode = peakMegabytes < limit && inventory.principals === principals ? 0 : 1;
