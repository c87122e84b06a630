import {
  GetQueryExecutionCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  type AthenaClient,
  type QueryExecution,
} from '@aws-sdk/client-athena';
import { athenaDollars } from '../core/cost/athena.ts';
import { retryThrottled, type Backoff } from '../core/pacing/retry-throttled.ts';
import type { AwsFault } from '../core/ports/aws-fault.ts';
import type { Clock, Random } from '../core/ports/clock.ts';
import { LogQueryError } from '../core/ports/log-queries.ts';
import { toAwsFault } from './sdk-fault.ts';

/** What queries have read, and what it costs. */
export interface AthenaUse {
  readonly scannedBytes: number;
  readonly dollars: number;
}

export interface AthenaProgress extends AthenaUse {
  readonly query: string;
  /** AWS's state of the query: QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED. */
  readonly state: string;
}

export interface AthenaExecutionsOptions {
  readonly client: AthenaClient;
  readonly workgroup: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly onProgress: (progress: AthenaProgress) => void;
}

/** Short questions end within a second or two. A query over many logs takes minutes. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;
const WAIT_GROWTH = 1.5;
/** Athena allows 5 to 20 calls a second of each kind. A throttled call is repeated for 25 s on average. */
const BACKOFF: Backoff = { firstMs: 1_000, longestMs: 20_000, requests: 7 };

/** Starts queries in a workgroup and waits for their end. */
export class AthenaExecutions {
  readonly #options: AthenaExecutionsOptions;
  readonly #running = new Set<string>();
  readonly #scanned = new Map<string, number>();

  constructor(options: AthenaExecutionsOptions) {
    this.#options = options;
  }

  get client(): AthenaClient {
    return this.#options.client;
  }

  get use(): AthenaUse {
    const bytes = [...this.#scanned.values()];
    return { scannedBytes: bytes.reduce((sum, read) => sum + read, 0), dollars: athenaDollars(bytes) };
  }

  /**
   * Runs a statement and returns the ID of its execution.
   * @param parameters SQL literals, in the order of the question marks
   * @throws LogQueryError
   */
  async run(query: string, statement: string, parameters: readonly string[]): Promise<string> {
    const start = new StartQueryExecutionCommand({
      QueryString: statement,
      WorkGroup: this.#options.workgroup,
      ...(parameters.length === 0 ? {} : { ExecutionParameters: [...parameters] }),
    });
    const { QueryExecutionId: id } = await this.send(`the query ${query}`, () => this.client.send(start));
    if (id === undefined) throw new LogQueryError(`Athena started the query ${query} without an ID.`);
    this.#running.add(id);
    try {
      await this.#waitForEnd(query, id);
    } finally {
      this.#running.delete(id);
    }
    return id;
  }

  async #waitForEnd(query: string, id: string): Promise<void> {
    const { clock, onProgress } = this.#options;
    const command = new GetQueryExecutionCommand({ QueryExecutionId: id });
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * WAIT_GROWTH, LONGEST_WAIT_MS)) {
      const { QueryExecution: execution } = await this.send(`the query ${query}`, () => this.client.send(command));
      const state = execution?.Status?.State ?? 'QUEUED';
      this.#scanned.set(id, execution?.Statistics?.DataScannedInBytes ?? 0);
      onProgress({ query, state, ...this.use });
      if (state === 'SUCCEEDED') return;
      if (state === 'FAILED' || state === 'CANCELLED') throw new LogQueryError(reasonOf(query, state, execution));
      await clock.sleep(wait);
    }
  }

  /** @throws LogQueryError */
  async stop(): Promise<void> {
    for (const id of this.#running) {
      const command = new StopQueryExecutionCommand({ QueryExecutionId: id });
      await this.send('the end of a query', () => this.client.send(command));
    }
  }

  /**
   * The result of a call. A throttled call is repeated after a wait.
   * @param what names the call in error messages
   * @throws LogQueryError that says what is missing if Athena refuses the call
   */
  async send<Result>(what: string, call: () => Promise<Result>): Promise<Result> {
    const { clock, random, workgroup } = this.#options;
    const request = async (): Promise<Result> => {
      try {
        return await call();
      } catch (error: unknown) {
        throw toAwsFault(error);
      }
    };
    try {
      return await retryThrottled(request, { name: what, backoff: BACKOFF, clock, random });
    } catch (error: unknown) {
      throw new LogQueryError(refusalOf(what, workgroup, toAwsFault(error)), { cause: error });
    }
  }
}

const POLICY_HINT =
  'The stack has a managed policy with all permissions that are needed (docs/adr/0013-logs-are-read-once.md).';

function refusalOf(what: string, workgroup: string, fault: AwsFault): string {
  switch (fault.kind) {
    case 'denied':
      return `Athena denied ${what}: ${fault.message} ${POLICY_HINT}`;
    case 'throttled':
      return `${fault.message} Other queries of the account use the same quota. Try again later.`;
    case 'expired':
    case 'unauthenticated':
      return `The credentials for Athena are not valid: ${fault.message}`;
    case 'missing':
    case 'refused':
    case 'transient':
    case 'other':
      return `Athena refused ${what} in the workgroup ${workgroup}: ${fault.message}`;
  }
}

/** Why a query ended without an answer, from the text that Athena gives. */
function reasonOf(query: string, state: string, execution: QueryExecution | undefined): string {
  const { StateChangeReason, AthenaError } = execution?.Status ?? {};
  const reason = StateChangeReason ?? AthenaError?.ErrorMessage ?? 'Athena gave no reason.';
  if (/bytes scanned limit/i.test(reason)) {
    return `Athena stopped the query ${query}, because it read more than the setting doctor.scanLimitGigabytes allows. Choose a shorter period, or deploy with a higher limit.`;
  }
  if (/access ?denied|not authorized|status code: 403|kms:/i.test(reason)) {
    return `The query ${query} may not read or write what it needs: ${reason} ${POLICY_HINT}`;
  }
  if (state === 'CANCELLED') return `The query ${query} was cancelled: ${reason}`;
  return `The query ${query} failed: ${reason}`;
}
