import type { Random } from '../../../core/ports/clock.ts';
import { seededRandom } from '../../../local/seeded-random.ts';

/** The kinds of faults. A seed draws some of them. */
export const faultKinds = [
  /** The process of an invocation ends at a request to AWS or to the store, before or after it. */
  'killed',
  /** A connection is reset, before or after AWS has processed the request. */
  'reset',
  /** The body of an answer ends too early. */
  'cutShort',
  /** HTTP status 500 or 503. */
  'serverError',
  /** The body of an answer is not valid XML or JSON. */
  'malformed',
  /** For minutes, AWS throttles every call of some operations. */
  'storm',
  'reportFails',
  /** A report is in progress for an hour. */
  'reportSlow',
  /** A report that was requested does not exist any more. */
  'reportVanishes',
  /** AWS refuses a session before it expires. */
  'sessionExpires',
  /** Users and roles are deleted, renamed, or replaced by others of the same name, or their policies change. */
  'principalChanges',
  /** An account is closed. */
  'accountCloses',
  /** The store refuses a request, or the answer to a write is lost. */
  'storeRefuses',
  /** An invocation runs twice, or its result is lost. */
  'duplicate',
  /** The execution fails or is stopped, and is redriven. */
  'redrive',
  /** Another execution starts while one runs. */
  'twoRuns',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface ChaosPlan {
  readonly seed: number;
  readonly kinds: ReadonlySet<FaultKind>;
  /** Principals by account ID. The first account is the hub. */
  readonly accounts: ReadonlyMap<string, number>;
  /** Whether the accounts are an organization, and the run finds them there. */
  readonly ofOrganization: boolean;
  readonly principalsPerBatch: number;
  /** Whether the results are in an emulated S3, through the product's store. Otherwise they are in memory, which is faster. */
  readonly storedInS3: boolean;
  readonly limit: { readonly rate: number; readonly size: number };
  /** Share of the requests and invocations that get a fault. */
  readonly intensity: number;
  /** Throttle storms: milliseconds from the start of a day. */
  readonly storms: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    readonly operations: readonly string[];
  }[];
  /** Times in which the store refuses every write: milliseconds from the start of a day. */
  readonly refusals: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** Milliseconds from the start of a day after which all sessions that exist are refused. */
  readonly sessionEnds: readonly number[];
  /** Milliseconds from the start of a day. */
  readonly changes: readonly number[];
  readonly accountClosesAt: number | null;
}

export const HUB = '111122223333';
const MEMBERS = ['111122223334', '111122223335'];
const MINUTE_MS = 60_000;
const PACED = [
  'iam:GenerateServiceLastAccessedDetails',
  'iam:GetServiceLastAccessedDetails',
  'iam:SimulatePrincipalPolicy',
  'iam:GetAccountAuthorizationDetails',
];
/** Of the seeds, these have no fault: then every record must be COMPLETE. */
const CALM_SHARE = 0.04;
const MOST_KINDS = 4;
const S3_SHARE = 0.25;

/** A random number stream of its own for each purpose, so that one more draw for one purpose does not change the others. */
export const stream = (seed: number, purpose: number): Random => seededRandom(seed * 101 + purpose);

export const pick = <T>(random: Random, values: readonly [T, ...T[]]): T =>
  values[Math.floor(random() * values.length)] ?? values[0];

export const between = (random: Random, from: number, to: number): number => from + random() * (to - from);

/** What happens with this seed. */
export function chaosPlan(seed: number): ChaosPlan {
  const random = stream(seed, 1);
  const kinds = drawKinds(random);
  const count = 1 + Math.floor(random() ** 1.5 * 3);
  const accounts = new Map<string, number>();
  for (const accountId of [HUB, ...MEMBERS].slice(0, count)) {
    accounts.set(accountId, Math.floor(between(random, 10, count === 1 ? 41 : 21)));
  }
  const times = (most: number, withinMs: number): number[] =>
    Array.from({ length: 1 + Math.floor(random() * most) }, () => random() ** 2 * withinMs).sort((a, b) => a - b);
  const storms = times(2, 4 * MINUTE_MS).map((fromMs) => ({
    fromMs,
    toMs: fromMs + between(random, 1, 15) * MINUTE_MS,
    operations: PACED.filter(() => random() < 0.6),
  }));
  const refusals = times(2, 3 * MINUTE_MS).map((fromMs) => ({ fromMs, toMs: fromMs + random() ** 2 * 2 * MINUTE_MS }));
  return {
    seed,
    kinds,
    accounts,
    ofOrganization: count > 1 && random() < 0.3,
    principalsPerBatch: Math.floor(between(random, 5, 21)),
    storedInS3: stream(seed, 9)() < S3_SHARE,
    limit: pick(random, [
      { rate: 10, size: 20 },
      { rate: 5, size: 5 },
      { rate: 20, size: 50 },
    ]),
    intensity: pick(random, [0.01, 0.03, 0.1, 0.25]),
    storms: kinds.has('storm') ? storms : [],
    refusals: kinds.has('storeRefuses') && random() < 0.5 ? refusals : [],
    sessionEnds: kinds.has('sessionExpires') ? times(3, 2 * MINUTE_MS) : [],
    changes: kinds.has('principalChanges') ? times(5, 2 * MINUTE_MS) : [],
    accountClosesAt: kinds.has('accountCloses') ? random() ** 2 * 2 * MINUTE_MS : null,
  };
}

function drawKinds(random: Random): Set<FaultKind> {
  const kinds = new Set<FaultKind>();
  if (random() < CALM_SHARE) return kinds;
  const count = 1 + Math.floor(random() * MOST_KINDS);
  while (kinds.size < count) {
    const kind = faultKinds[Math.floor(random() * faultKinds.length)];
    if (kind !== undefined) kinds.add(kind);
  }
  return kinds;
}
