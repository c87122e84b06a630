import type { RunNeeds } from '../contract/answers/estimate.ts';
import type { CallsByOperation, Consumption, Cost } from '../contract/run.ts';
import { objects } from '../contract/objects.ts';
import { addCost, costOf } from '../cost/cost.ts';
import { runTransitions } from '../cost/transitions.ts';
import { readUseSummary } from '../objects/stored-organization-use.ts';
import { finishedUse } from '../organization/use/use-of-run.ts';
import { recordSharedBucket } from '../pacing/record-shared-bucket.ts';
import { addCalls } from '../ports/calls/call-ledger.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { Services } from '../ports/services.ts';
import { CountedStore } from '../ports/store-requests.ts';
import type { ObjectStore } from '../ports/store.ts';
import { claimRun, releaseClaim } from '../run/claim.ts';
import { organizationUse } from '../states/organization-use.ts';
import { addConsumption } from '../summary/counts.ts';
import { ModelledAccess, type ModelledAccount } from './modelled-access.ts';
import { runNeeds } from './needs.ts';
import type { OverlayStore } from './overlay-store.ts';
import { invoke } from './plan.ts';
import { rehearse, type RehearsedAccount } from './rehearsal.ts';

/** A clock whose waits take no time, and a store for use with it. */
export interface VirtualTime {
  readonly clock: Clock;
  readonly inVirtualTime: (store: ObjectStore) => ObjectStore;
}

export interface EstimateTools {
  /** @param now milliseconds since the epoch */
  readonly startVirtualTime: (now: number) => VirtualTime;
  readonly random: () => Random;
}

/** A run whose work is written in the store. */
export interface RehearsedRun {
  readonly runId: string;
  /** When it starts, milliseconds since the epoch, and how long planning takes. */
  readonly at: number;
  readonly planMs: number;
  readonly planCalls: CallsByOperation;
  /** Requests to S3 of planning. */
  readonly planCost: Cost;
  readonly accounts: readonly RehearsedAccount[];
  readonly models: ReadonlyMap<string, ModelledAccount>;
  readonly accountsAtOnce: number;
  /** Whether the use of services of the organization is read. */
  readonly ofOrganization: boolean;
}

export interface RehearsedNeeds {
  readonly total: RunNeeds;
  /** By account ID. */
  readonly accounts: ReadonlyMap<string, RunNeeds>;
}

/**
 * Requests to S3 of SummariseRun, without those that find out whether accounts share a bucket: it writes the findings, the
 * CSV file, the report, `run.json`, `latest.json` and the claim, and reads the objects of each account. Counted in emulated
 * runs.
 */
const SUMMARY = { puts: 6, gets: 11, getsOfAccount: 5 } as const;

/** Runs the accounts of a run in virtual time, and adds what the run itself needs. */
export async function rehearseRun(
  run: RehearsedRun,
  services: Pick<Services, 'executions' | 'settings'>,
  store: OverlayStore,
  { startVirtualTime, random }: EstimateTools,
): Promise<RehearsedNeeds> {
  const { runId, accounts, models, accountsAtOnce } = run;
  const { clock, inVirtualTime } = startVirtualTime(run.at);
  const rehearsal: Services = {
    store: inVirtualTime(store),
    clock,
    random: random(),
    access: new ModelledAccess(models, clock, random()),
    executions: services.executions,
    settings: services.settings,
    warn: () => undefined,
  };
  await claimRun(store, { execution: runId, runId, scheduledDay: null }, services.executions);
  await clock.sleep(run.planMs);
  const needs = await rehearse(runId, accounts, accountsAtOnce, rehearsal, (accountId) => {
    store.forget(objects.batches(runId, accountId));
  });
  const use = run.ofOrganization ? await rehearseUse(runId, rehearsal) : null;
  const counted = new CountedStore(rehearsal.store);
  await recordSharedBucket({ ...rehearsal, store: counted }, runId, [...needs.keys()]);
  await releaseClaim(store, runId);
  const transitions = runTransitions({
    eventCalls: 1,
    notify: false,
    manyThrottled: false,
    ofOrganization: run.ofOrganization,
  });
  const own: Consumption = {
    megabyteMs: 0,
    invocations: 2,
    transitions,
    puts: SUMMARY.puts + counted.requests.puts,
    gets: SUMMARY.gets + SUMMARY.getsOfAccount * accounts.length + counted.requests.gets,
  };
  const all = [...needs.values()];
  const consumption = addConsumption([
    own,
    ...all.map((one) => one.consumption),
    ...(use === null ? [] : [use.consumption]),
  ]);
  const calls = addCalls([run.planCalls, ...all.map((one) => one.calls), ...(use === null ? [] : [use.calls])]);
  return {
    total: runNeeds(calls, clock.now() - run.at, addCost(run.planCost, costOf(consumption))),
    accounts: new Map(
      [...needs].map(([accountId, one]) => [accountId, runNeeds(one.calls, one.tookMs, costOf(one.consumption))]),
    ),
  };
}

async function rehearseUse(runId: string, services: Services) {
  const { clock, store } = services;
  let next = { attempt: 1, stalled: 0 };
  for (;;) {
    const output = await invoke(organizationUse, { runId, ...next }, services);
    if (output.status === 'FINISHED') break;
    next = output;
    await clock.sleep(Math.max(0, Date.parse(output.resumeAt) - clock.now()));
  }
  const summary = await readUseSummary(store, runId);
  return summary === null ? null : finishedUse(summary);
}
