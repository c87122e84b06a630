import { AwsFault } from '../ports/aws-fault.ts';
import type { Clock } from '../ports/clock.ts';
import type { AccessedService, LastAccessed, Problem } from '../contract/evidence.ts';
import type { IamReader } from '../ports/iam.ts';

/** A report that AWS could not make is asked for again: at most this many requests in all. */
const MAX_REQUESTS = 4;
/** A report takes seconds; one that is not ready after this is left to a later attempt. */
const REPORT_TIMEOUT_MS = 120_000;
const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** A part that could be had, or could not and won't be; or the reason to try again later. */
export type Outcome<Part> =
  | { readonly kind: 'known'; readonly part: Part; readonly problems: Problem[] }
  | { readonly kind: 'later'; readonly problem: Problem };

/** How calls go out: one gate for asking, one for reading, each at its own pace. */
export type Gate = <T>(send: () => Promise<T>) => Promise<T>;

/** What the delay starts from where nobody has learned one: reports usually take seconds. */
const FIRST_WAIT_MS = 4_000;
/** One report in 45 is not ready at the first read: ln(1/0.995) / ln(1.25), about 2 %. */
const SHRINK = 0.995;
const GROW = 1.25;
/** Who waited so much longer than the delay, for its turn to read, says nothing of the delay. */
const SAYS_SOMETHING = 1.5;

/**
 * How long to wait between asking and reading, in milliseconds: learned, so that about one read a report is
 * enough. Grows where a report was not ready, shrinks slowly where it was.
 */
export class ReadyDelay {
  #ms: number;

  /** @param learned what an earlier batch has learned, milliseconds; null where none has */
  constructor(learned: number | null = null) {
    this.#ms = Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, learned ?? FIRST_WAIT_MS));
  }

  get ms(): number {
    return this.#ms;
  }

  /** @param waitedMs how long after asking it was read for the first time */
  wasReady(waitedMs: number): void {
    if (waitedMs < this.#ms * SAYS_SOMETHING) this.#ms = Math.max(SHORTEST_WAIT_MS, this.#ms * SHRINK);
  }

  /** Many that waited equally long are one lesson, not many. */
  wasNotReady(waitedMs: number): void {
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
 * Asks for one principal's report and reads it, all pages, with the same credentials. A report still in progress
 * is never read as empty.
 */
export async function lastAccessedOf(arn: string, tools: LastAccessedTools): Promise<Outcome<LastAccessed>> {
  let lastMessage = '';
  for (let request = 1; request <= MAX_REQUESTS; request += 1) {
    const jobId = await tools.ask(() => tools.iam.requestLastAccessed(arn));
    const end = await awaitReport(jobId, tools).catch((error: unknown): ReportEnd => {
      // The job is gone with the session that asked, or with its principal: asking again tells which.
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
            `The report was still in progress ${REPORT_TIMEOUT_MS / 1000} s after it was asked for.`,
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

/** @param now milliseconds since the epoch: when it was given up */
export const failedLastAccessed = (now: number): LastAccessed => ({
  status: 'FAILED',
  asOf: new Date(now).toISOString(),
  carriedFrom: null,
  services: [],
});

async function awaitReport(jobId: string, { iam, clock, read, delay }: LastAccessedTools): Promise<ReportEnd> {
  const askedAt = clock.now();
  // Again where others have learned meanwhile that it takes longer: 400 wait side by side.
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
        for (let marker = page.marker; marker !== null;) {
          const from = marker;
          const next = await read(() => iam.lastAccessedPage(jobId, from));
          if (next.status !== 'COMPLETED') {
            return { kind: 'failed', message: `A page of the finished report answered ${next.status}.` };
          }
          services.push(...next.services);
          marker = next.marker;
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
