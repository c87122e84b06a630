import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Random } from '../../../core/ports/clock.ts';
import type { RecordedCall } from './recorded-call.ts';
import { currentRecords, letters, trailRecords, type RecordOptions, type TrailRecord } from './records.ts';

export interface TrailOptions extends Partial<RecordOptions> {
  /** For the names of files and for IDs. */
  readonly random: Random;
  /** ID of the organization for an organization trail, such as `o-exampleorg`. */
  readonly organizationId?: string;
}

interface LogFile {
  readonly key: string;
  readonly accountId: string;
  readonly region: string;
  /** Start of the five minutes, in milliseconds since the epoch. */
  readonly from: number;
  readonly records: Readonly<Record<string, unknown>>[];
}

const FILE_MS = 300_000;
const HOUR_MS = 3_600_000;

/** Collects calls, and writes them as a trail's objects: log files of five minutes, and a digest file an hour. */
export class TrailFiles {
  readonly #files = new Map<string, LogFile>();
  readonly #options: TrailOptions;
  readonly #records: RecordOptions;

  constructor(options: TrailOptions) {
    this.#options = options;
    this.#records = { ...currentRecords, ...options };
  }

  /** Adds the records of a call. It can be the listener of the emulated AWS. */
  readonly add = (call: RecordedCall): void => {
    for (const record of trailRecords(call, this.#records, this.#options.random)) this.#place(record);
  };

  #place({ accountId, region, atMs, record }: TrailRecord): void {
    const from = atMs - (atMs % FILE_MS);
    const id = `${accountId} ${region} ${from}`;
    const file = this.#files.get(id);
    if (file === undefined) {
      const key = this.#key(accountId, 'CloudTrail', region, from, `_${letters(this.#options.random, 16)}`);
      this.#files.set(id, { key, accountId, region, from, records: [record] });
    } else {
      file.records.push(record);
    }
  }

  /** Writes all objects below the folder. @returns the keys of the log files */
  async write(folder: string): Promise<string[]> {
    const digests = new Map<string, { file: LogFile; logFiles: unknown[] }>();
    for (const file of this.#files.values()) {
      const body = JSON.stringify({ Records: shuffled(file.records, this.#options.random) });
      await put(folder, file.key, body);
      const id = `${file.accountId} ${file.region} ${Math.floor(file.from / HOUR_MS)}`;
      const digest = digests.get(id) ?? { file, logFiles: [] };
      digest.logFiles.push({
        s3Object: file.key,
        hashValue: createHash('sha256').update(body).digest('hex'),
        hashAlgorithm: 'SHA-256',
      });
      digests.set(id, digest);
    }
    for (const { file, logFiles } of digests.values()) {
      const { accountId, region, from } = file;
      const hour = from - (from % HOUR_MS);
      const digest = {
        awsAccountId: accountId,
        digestStartTime: new Date(hour).toISOString(),
        digestEndTime: new Date(hour + HOUR_MS).toISOString(),
        digestPublicKeyFingerprint: '0'.repeat(32),
        logFiles,
      };
      await put(folder, this.#key(accountId, 'CloudTrail-Digest', region, hour + HOUR_MS, ''), JSON.stringify(digest));
    }
    return [...this.#files.values()].map(({ key }) => key);
  }

  #key(accountId: string, kind: string, region: string, ms: number, suffix: string): string {
    const { organizationId } = this.#options;
    const [day = '', time = ''] = new Date(ms).toISOString().split('T');
    const stamp = `${day.replaceAll('-', '')}T${time.slice(0, 5).replace(':', '')}Z`;
    const root = organizationId === undefined ? 'AWSLogs' : `AWSLogs/${organizationId}`;
    const name = `${accountId}_${kind}_${region}_${stamp}${suffix}.json.gz`;
    return `${root}/${accountId}/${kind}/${region}/${day.replaceAll('-', '/')}/${name}`;
  }
}

async function put(folder: string, key: string, body: string): Promise<void> {
  const path = join(folder, key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, gzipSync(body));
}

/** The order of records in a log file means nothing. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
