import { AwsFault } from '../ports/aws-fault.ts';
import { PageMarkers } from '../ports/pages.ts';
import type { Clock } from '../ports/clock.ts';
import type { AccessedService, LastAccessed, Problem } from '../contract/evidence.ts';
import type { IamReader } from '../ports/iam.ts';

/** A report that AWS failed to make is requested again, at most this many times in all. */
const MAX_REQUESTS = 4;
/** A report takes seconds. One that is not ready after this time is left to a later attempt. */
const REPORT_TIMEOUT_MS = 120_000;
const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** `known`: the part is COMPLETE, or failed permanently. `later`: the reason to try again in the next attempt. */
export type Outcome<Part> =
  | { readonly kind: 'known'; readonly part: Part; readonly problems: Problem[] }
  | { readonly kind: 'later'; readonly problem: Problem };

/** Sends a call at the pace of its operation. */
export type Gate = <T>(send: () => Promise<T>) => Promise<T>;

/** The first delay if no earlier batch has learned one: reports usually take seconds. */
const FIRST_WAIT_MS = 4_000;
/** One report in 45 is not ready at the first read: ln(1/0.995) / ln(1.25), about 2 %. */
const SHRINK = 0.995;
const GROW = 1.25;
/**
 * Until the first report that is not ready, nothing shows how short the delay may be. It then shrinks to half after 23 reports,
 * so that the last reports of a small account are not read seconds too late.
 */
const FIRST_SHRINK = 0.97;
/**
 * A read that waited longer than this multiple of the delay, because of its pace, does not show that the delay is too
 * long.
 */
const COUNTS_UP_TO = 1.5;

/**
 * How long to wait between requesting and reading a report, in milliseconds. It is learned so that about one read per
 * report is enough: it grows if a report was not ready, and shrinks slowly if it was.
 */
export class ReadyDelay {
  #ms: number;
  #shrink: number;

  /** @param learned the delay that an earlier batch learned, in milliseconds; null if there is none */
  constructor(learned: number | null = null) {
    this.#ms = Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, learned ?? FIRST_WAIT_MS));
    this.#shrink = learned === null ? FIRST_SHRINK : SHRINK;
  }

  get ms(): number {
    return this.#ms;
  }

  /** @param waitedMs milliseconds from the request to the first read */
  wasReady(waitedMs: number): void {
    if (waitedMs < this.#ms * COUNTS_UP_TO) this.#ms = Math.max(SHORTEST_WAIT_MS, this.#ms * this.#shrink);
  }

  /** Many reports that waited equally long make the delay grow once and not many times. */
  wasNotReady(waitedMs: number): void {
    this.#shrink = SHRINK;
    this.#ms = Math.min(LONGEST_WAIT_MS, Math.max(this.#ms, waitedMs * GROW));
  }
}

interface LastAccessedTools {
  readonly iam: IamReader;
  readonly clock: Clock;
  readonly ask: Gate;
  readonly read: Gate;
  readonly delay: ReadyDelay;
}

type ReportEnd =
  | { readonly kind: 'services'; readonly asOf: string; readonly services: AccessedService[] }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'timedOut' };

const problem = (code: string, message: string): Problem => ({ step: 'lastAccessed', code, message });

/**
 * Requests one principal's report and reads all its pages with the same credentials. A report that is still in progress
 * is never read as empty.
 */
export async function lastAccessedOf(arn: string, tools: LastAccessedTools): Promise<Outcome<LastAccessed>> {
  let lastMessage = '';
  for (let request = 1; request <= MAX_REQUESTS; request += 1) {
    const jobId = await tools.ask(() => tools.iam.requestLastAccessed(arn));
    const end = await awaitReport(jobId, tools).catch((error: unknown): ReportEnd => {
      // The job ended with its session or with its principal. Another request shows which.
      if (error instanceof AwsFault && error.kind === 'missing') return { kind: 'failed', message: error.message };
      throw error;
    });
    switch (end.kind) {
      case 'services':
        return {
          kind: 'known',
          part: { status: 'COMPLETE', asOf: end.asOf, carriedFrom: null, services: end.services },
          problems: [],
        };
      case 'timedOut':
        return {
          kind: 'later',
          problem: problem(
            'ReportTimedOut',
            `The report was still in progress ${REPORT_TIMEOUT_MS / 1000} s after it was requested.`,
          ),
        };
      case 'failed':
        lastMessage = end.message;
    }
  }
  return {
    kind: 'known',
    part: failedLastAccessed(tools.clock.now()),
    problems: [problem('ReportFailed', `AWS failed to make the report ${MAX_REQUESTS} times: ${lastMessage}`)],
  };
}

/** @param now when the part was given up, milliseconds since the epoch */
export const failedLastAccessed = (now: number): LastAccessed => ({
  status: 'FAILED',
  asOf: new Date(now).toISOString(),
  carriedFrom: null,
  services: [],
});

async function awaitReport(jobId: string, { iam, clock, read, delay }: LastAccessedTools): Promise<ReportEnd> {
  const askedAt = clock.now();
  // Repeated, because hundreds of reports wait at once, and others may make the delay grow in the meantime.
  for (let left = delay.ms; left >= 1; left = askedAt + delay.ms - clock.now()) await clock.sleep(left);
  let wait = delay.ms;
  for (let reads = 1; ; reads += 1) {
    const page = await read(() => iam.lastAccessedPage(jobId, null));
    switch (page.status) {
      case 'FAILED':
        return { kind: 'failed', message: `${page.code}: ${page.message}` };
      case 'COMPLETED': {
        if (reads === 1) delay.wasReady(clock.now() - askedAt);
        const services = [...page.services];
        const markers = new PageMarkers<string | null>('GetServiceLastAccessedDetails');
        for (let marker = markers.next(page.marker); marker !== null;) {
          const from = marker;
          const next = await read(() => iam.lastAccessedPage(jobId, from));
          if (next.status !== 'COMPLETED') {
            return { kind: 'failed', message: `A page of the finished report has the status ${next.status}.` };
          }
          services.push(...next.services);
          marker = markers.next(next.marker);
        }
        return { kind: 'services', asOf: page.completedAt, services };
      }
      case 'IN_PROGRESS':
        if (reads === 1) delay.wasNotReady(clock.now() - askedAt);
        if (clock.now() - askedAt >= REPORT_TIMEOUT_MS) return { kind: 'timedOut' };
        wait = Math.min(LONGEST_WAIT_MS, wait * 1.5);
        await clock.sleep(wait);
    }
  }
}
