import { BucketController } from '../../../core/pacing/controller/bucket-controller.ts';
import { freshState } from '../../../core/pacing/controller/controller-state.ts';
import { OperationGroups } from '../../../core/pacing/operation-groups.ts';
import type { RateController } from '../../../core/pacing/controller/rate-controller.ts';
import type { Limit } from '../../../local/emulated-aws/token-bucket.ts';
import { adaptiveClient, aimdController, onVirtualTime } from '../baselines.ts';
import { sampleOf, type Cell, type Sample } from '../samples.ts';
import { bucketName, paced, sharedLimits, type Sender } from './senders.ts';
import { serverSimulation } from './server-runs.ts';
import type { Simulation } from '../simulation.ts';

/** One sender for each operation of the audit. */
interface OperationSenders {
  readonly simulate: Sender;
  readonly request: Sender;
  readonly read: Sender;
}

/** The queues of one account's operations, as the audit creates them: operations that share a bucket get one controller. */
function groupedQueues(simulation: Simulation): OperationSenders {
  const groups = new OperationGroups();
  const operation = (name: string): Sender =>
    paced(simulation, groups.add(name, new BucketController(freshState(simulation.clock.now()))));
  return { simulate: operation('simulate'), request: operation('request'), read: operation('read') };
}

/** The queues of one account's operations, each with its own controller. */
function operationQueues(simulation: Simulation, controller: () => RateController): OperationSenders {
  const operation = (): Sender => paced(simulation, controller());
  return { simulate: operation(), request: operation(), read: operation() };
}

/** One SDK client sends all operations. */
function sdkClient(simulation: Simulation): OperationSenders {
  const send = adaptiveClient(simulation);
  return { simulate: send, request: send, read: send };
}

const PRINCIPALS = 700;
/** How long a report takes, in milliseconds. Every second report is not ready then, and is read once more. */
const REPORT_MS = 1_500;

/** The three operations of an audit share one limit: one simulation for each principal, one report, one or two reads. */
async function threeOperations(
  limit: Limit,
  seed: number,
  senders: (simulation: Simulation) => OperationSenders,
): Promise<Sample> {
  const calls = PRINCIPALS * 3.5;
  const simulation = serverSimulation({ name: '', limit, disturbances: {} }, calls, seed);
  const { simulate, request, read } = senders(simulation);
  const report = async (principal: number): Promise<void> => {
    await request(simulation.newCall());
    for (let reads = 0; reads < 1 + (principal % 2); reads += 1) {
      await simulation.clock.sleep(REPORT_MS);
      await read(simulation.newCall());
    }
  };
  const principals = Array.from({ length: PRINCIPALS }, (_, n) => n);
  const work = (): Promise<PromiseSettledResult<void>[]> =>
    Promise.allSettled(principals.flatMap((n) => [simulate(simulation.newCall()), report(n)]));
  const results = await onVirtualTime(simulation, work);
  return sampleOf(simulation, calls, results.filter(({ status }) => status === 'rejected').length);
}

export const operationCells: readonly Cell[] = sharedLimits.flatMap((limit): Cell[] => {
  const cell = (strategy: string, senders: (simulation: Simulation) => OperationSenders): Cell => ({
    strategy,
    place: `three operations (${bucketName(limit)})`,
    measure: async (seed) => [await threeOperations(limit, seed, senders)],
  });
  return [
    cell('first-day', groupedQueues),
    cell('sdk-adaptive', sdkClient),
    cell('aimd', (simulation) => operationQueues(simulation, aimdController)),
  ];
});
