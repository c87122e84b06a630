import { projectRecord } from '../../../core/doctor/records/project-record.ts';
import type { RecordRow } from '../../../core/doctor/records/columns.ts';
import type { Random } from '../../../core/ports/clock.ts';
import { hostOf, THROTTLED, type CallerIdentity } from '../../../local/emulated-aws/cloudtrail/recorded-call.ts';
import { letters, trailRecords, type RecordOptions } from '../../../local/emulated-aws/cloudtrail/records.ts';
import { callerAccount } from '../../../local/emulated-aws/cloudtrail/user-identity.ts';
import { lognormal } from '../../../local/emulated-aws/latency.ts';
import { TokenBucket, type Limit } from '../../../local/emulated-aws/token-bucket.ts';
import { seededRandom } from '../../../local/seeded-random.ts';
import { clientOf, type Client, type ClientOptions } from './clients.ts';
import { Timeline, type Process } from './timeline.ts';

export const START_MS = Date.parse('2026-11-23T08:00:00Z');
/** The account of most scenarios. */
export const ACCOUNT = '111122223333';

export interface Request {
  readonly service: 'iam' | 'sts';
  readonly operation: string;
  readonly parameters: Readonly<Record<string, unknown>> | null;
}

/** A role, as its sessions show it. */
export interface Role {
  readonly accountId: string;
  readonly roleArn: string;
  readonly roleId: string;
}

export interface WorldOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly records: RecordOptions;
}

/** Accounts with limits, the processes that call AWS in them, and the rows that CloudTrail's records of it give. */
export class World {
  readonly random: Random;
  readonly rows: RecordRow[] = [];
  readonly endMs: number;
  readonly minutes: number;
  readonly #timeline = new Timeline(START_MS);
  readonly #limits = new Map<string, TokenBucket>();
  readonly #records: RecordOptions;

  constructor({ seed, minutes, records }: WorldOptions) {
    this.random = seededRandom(seed * 7_919 + 13);
    this.minutes = minutes;
    this.endMs = START_MS + 60_000 * minutes;
    this.#records = records;
  }

  now(): number {
    return this.#timeline.now();
  }

  /** A random number between the two. */
  draw(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /**
   * Limits a pool: `iam:<account>`, `sts:<account>:<Region>` or `sts:<account>:global`; or one operation of a pool, which then
   * has its own limit only: `iam:<account>:GetRole`. Others have no limit.
   */
  limit(pool: string, limit: Limit): void {
    this.#limits.set(pool, new TokenBucket(limit, START_MS));
  }

  role(name: string, { accountId = ACCOUNT, path = '/' } = {}): Role {
    return {
      accountId,
      roleArn: `arn:aws:iam::${accountId}:role${path}${name}`,
      roleId: `AROA${letters(this.random, 17)}`,
    };
  }

  /** A new session of a role, with an access key of its own. */
  session({ accountId, roleArn, roleId }: Role, sessionName = `i-0${this.hex(16)}`): CallerIdentity {
    const accessKeyId = `ASIA${letters(this.random, 16)}`;
    return { kind: 'session', accountId, roleArn, roleId, sessionName, accessKeyId, issuedAtMs: this.now() };
  }

  user(name: string, accountId = ACCOUNT): Extract<CallerIdentity, { kind: 'user' }> {
    const arn = `arn:aws:iam::${accountId}:user/${name}`;
    const key = letters(this.random, 16);
    return { kind: 'user', accountId, arn, principalId: `AIDA${key}A`, accessKeyId: `AKIA${key}` };
  }

  client(options: Omit<ClientOptions, 'ip'> & { readonly ip?: string }): Client {
    return clientOf({ ...options, ip: options.ip ?? this.ip() });
  }

  ip(): string {
    return `10.${Math.floor(256 * this.random())}.${Math.floor(256 * this.random())}.${1 + Math.floor(254 * this.random())}`;
  }

  hex(digits: number): string {
    let text = '';
    for (let n = 0; n < digits; n += 1) text += Math.floor(16 * this.random()).toString(16);
    return text;
  }

  /** Starts a process after a delay. */
  start(process: Process, afterMs = 0): void {
    this.#timeline.start(process, this.now() + afterMs);
  }

  run(): void {
    this.#timeline.run(this.endMs);
  }

  /** Sends a call, and repeats it as the client does. @returns whether it was served in the end */
  *call(client: Client, request: Request): Process<boolean> {
    for (let retry = 0; ; retry += 1) {
      const hold = client.retries.holdMs?.(this.now()) ?? 0;
      if (hold > 0) yield hold;
      const latency = lognormal(this.random, client.latencyMs);
      yield latency / 2;
      const isServed = this.#take(client, request);
      yield latency / 2;
      client.retries.onAnswer?.(this.now(), !isServed);
      if (isServed) return true;
      const delay = client.retries.delayMs(retry, this.random);
      if (delay === null) return false;
      yield delay;
    }
  }

  /** Records a call that is not throttled. */
  #take(client: Client, request: Request): boolean {
    const { caller, region, endpoint, invokedBy, userAgent, ip } = client;
    const { service, operation, parameters } = request;
    const account = callerAccount(caller) ?? '';
    const pool = service === 'iam' ? `iam:${account}` : `sts:${account}:${endpoint === 'global' ? 'global' : region}`;
    const limit = this.#limits.get(`${pool}:${operation}`) ?? this.#limits.get(pool);
    const isServed = limit?.take(this.now()) ?? true;
    this.#record({
      ...{ service, operation, parameters, caller, invokedBy, region, endpoint, userAgent, ip },
      atMs: this.now(),
      error: isServed ? null : THROTTLED,
      hostHeader:
        service === 'sts' && client.hostHeader !== undefined
          ? client.hostHeader
          : hostOf({ service, endpoint, region }),
    });
    return isServed;
  }

  #record(call: Parameters<typeof trailRecords>[0]): void {
    for (const { record } of trailRecords(call, this.#records, this.random)) {
      const projection = projectRecord(record);
      if (projection.kind !== 'row') throw new Error(`A record was not read: ${projection.kind}`);
      this.rows.push(projection.row);
    }
  }
}
