import type { BucketRate, Estimate, RunNeeds } from '../contract/answers/estimate.ts';
import type { InvocationUse } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { Cost } from '../contract/run.ts';
import { addCost, costOf } from '../cost/cost.ts';
import { DAY_MS } from '../ports/clock.ts';
import type { Services } from '../ports/services.ts';
import { runIdOf } from '../run/run-id.ts';
import { scheduleOf } from '../run/run-schedule.ts';
import { sliceMs, startTimes } from '../run/start-times.ts';
import { noConsumption } from '../summary/counts.ts';
import { assumed } from './assumptions.ts';
import { assumptionsOf, typicalInWords } from './assumptions-in-words.ts';
import { pacedOperations } from './bucket-rates.ts';
import { OverlayStore } from './overlay-store.ts';
import { countPrincipals, type EstimatedPrincipal } from './planned-work.ts';
import { rehearseRun, type EstimateTools, type RehearsedNeeds } from './rehearse-run.ts';
import { steadyDay } from './steady-day.ts';
import { inventoryCalls, typical, typicalPrincipals } from './typical-account.ts';
import { writeBatches } from './write-batches.ts';

/** It stands for every account. */
const ACCOUNT = '000000000000';
/** Requests to S3 of PlanRun and of InventoryAccount, counted in emulated runs. */
const PLAN = { puts: 5, gets: 3 } as const;
const INVENTORY = { puts: 7, gets: 4, getsWithEvidence: 7 } as const;

export interface TypicalRun {
  /** In each account. */
  readonly principals: number;
  readonly accounts: number;
  /** Calls per second of each bucket; null: the assumed rate. */
  readonly rate: number | null;
  readonly spreadOverMinutes: number;
}

/**
 * Estimates a run of typical accounts, without AWS: today nothing is known about them. One account is done in virtual time,
 * and the others need the same.
 */
export async function estimateTypical(
  wanted: TypicalRun,
  services: Pick<Services, 'clock' | 'settings' | 'executions'>,
  tools: EstimateTools,
): Promise<Estimate> {
  const at = services.clock.now();
  const store = new OverlayStore(null, { hidden: new Set(), discards: (key) => key.startsWith(objects.tables) });
  const perSecond = wanted.rate ?? assumed.callsPerSecond;
  const source = wanted.rate === null ? 'assumed' : 'given';
  const rates = pacedOperations.map((operation): BucketRate => ({ operation, perSecond, source, measuredAt: null }));
  const principals = typicalPrincipals(wanted.principals);
  const run = { wanted, principals, rates, services, store, tools };
  const today = await rehearseTypical({ ...run, at, hasEvidence: false });
  const steady = await rehearseTypical({ ...run, at: at + DAY_MS, hasEvidence: true });
  const counts = countPrincipals(principals);
  const times = (n: number): number => n * wanted.accounts;
  return {
    schemaVersion: 1,
    basis: 'typical',
    estimatedAt: new Date(at).toISOString(),
    accounts: [{ accountId: ACCOUNT, principals: counts, rates, today: today.account, steadyDay: steady.account }],
    total: {
      accounts: wanted.accounts,
      failed: 0,
      accountsAtOnce: Math.min(wanted.accounts, services.settings.accountsAtOnce),
      principals: {
        total: times(counts.total),
        asked: times(counts.asked),
        carried: 0,
        ruledOut: times(counts.ruledOut),
        reports: times(counts.reports),
        simulations: times(counts.simulations),
      },
      today: today.total,
      steadyDay: steady.total,
    },
    sent: {},
    assumptions: [typicalInWords(typical), ...assumptionsOf([{ rates }], services.settings, false)],
  };
}

interface TypicalDay {
  readonly wanted: TypicalRun;
  readonly principals: readonly EstimatedPrincipal[];
  readonly rates: readonly BucketRate[];
  readonly services: Pick<Services, 'settings' | 'executions'>;
  readonly store: OverlayStore;
  readonly tools: EstimateTools;
  readonly at: number;
  /** Whether an earlier run has read everything. */
  readonly hasEvidence: boolean;
}

async function rehearseTypical(day: TypicalDay): Promise<{ readonly account: RunNeeds; readonly total: RunNeeds }> {
  const { wanted, principals, rates, services, store, tools, at, hasEvidence } = day;
  const { settings } = services;
  const { accounts, spreadOverMinutes } = wanted;
  const runId = await runIdOf('typical', new Date(at).toISOString());
  const { accountsAtOnce } = settings;
  const known = hasEvidence ? { shared: false } : null;
  const { extent } = scheduleOf(accounts, { spreadOverMinutes }, known, { accountsAtOnce, lambdaLimit: null });
  const calls = inventoryCalls(wanted.principals, accounts > 1);
  const lines = hasEvidence ? steadyDay(principals, settings) : principals.map(({ work }) => work);
  const batches = await writeBatches(store, runId, ACCOUNT, lines, {
    principalsPerBatch: settings.principalsPerBatch,
    spreadMs: sliceMs(extent),
    windowMs: extent.spreadMs,
    startAt: at,
  });
  const { puts, gets, getsWithEvidence } = INVENTORY;
  const use: InvocationUse = {
    durationMs: typical.credentialReportMs + sentOf(calls) * meanLatencyMs(),
    memoryMegabytes: assumed.memoryMegabytes,
    puts,
    gets: hasEvidence ? getsWithEvidence : gets,
  };
  const rehearsed = await rehearseRun(
    {
      runId,
      at,
      planMs: 0,
      planCalls: {},
      planCost: costOf({ ...noConsumption(), ...PLAN }),
      accounts: [
        {
          accountId: ACCOUNT,
          startAt: at,
          inventory: { calls, use, batches },
          recommendations: principals.filter(({ hasRecommendation }) => hasRecommendation).length,
        },
      ],
      models: new Map([
        [
          ACCOUNT,
          {
            rates: new Map(rates.map(({ operation, perSecond }) => [operation, perSecond])),
            isShared: false,
            reportMs: assumed.reportMs,
            hasServiceControl: false,
            assumesRole: accounts > 1,
          },
        ],
      ]),
      accountsAtOnce: 1,
      ofOrganization: false,
    },
    services,
    store,
    tools,
  );
  store.forget(objects.accountsOf(runId));
  return joined(rehearsed, accounts, startTimes(extent, at, at), extent.accountsAtOnce, at);
}

/** What all accounts need, if each needs the same. */
function joined(
  { total, accounts }: RehearsedNeeds,
  count: number,
  starts: readonly number[],
  atOnce: number,
  at: number,
): { readonly account: RunNeeds; readonly total: RunNeeds } {
  const account = accounts.get(ACCOUNT) ?? total;
  const tookMs = account.minutes * 60_000;
  const ends: number[] = [];
  for (const [index, start] of starts.entries()) {
    // An account begins when the one that began `atOnce` places before it has ended: all take the same time.
    ends.push(Math.max(start, ends[index - atOnce] ?? start) + tookMs);
  }
  const own = total.minutes - account.minutes;
  return {
    account,
    total: {
      calls: Object.fromEntries(Object.entries(total.calls).map(([operation, sent]) => [operation, sent * count])),
      throttled: total.throttled * count,
      minutes: Math.round(100 * (own + (Math.max(...ends) - at) / 60_000)) / 100,
      cost: addCost(total.cost, timesCost(account.cost, count - 1)),
    },
  };
}

function timesCost(cost: Cost, count: number): Cost {
  const times = (dollars: number): number => dollars * count;
  return {
    stepFunctions: times(cost.stepFunctions),
    lambda: times(cost.lambda),
    s3: times(cost.s3),
    athena: times(cost.athena),
    total: times(cost.total),
  };
}

const sentOf = (calls: Readonly<Record<string, { readonly sent: number }>>): number =>
  Object.values(calls).reduce((sum, { sent }) => sum + sent, 0);

/** Of the lognormal distribution, about. */
const meanLatencyMs = (): number => Math.sqrt(assumed.latencyMs[0] * assumed.latencyMs[1]);
