import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordRow } from '../../core/doctor/records/columns.ts';
import { LogFilesError, type LogFiles, type LogListing } from '../../core/ports/log-files.ts';
import { readLogs, type LogReadOptions, type LogReadResult } from '../../local/log-analysis/read-logs.ts';

/** A record of CloudTrail; `id` is its eventID. */
export const record = (id: string, fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  eventVersion: '1.11',
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ann', accountId: '111122223333' },
  eventTime: '2026-11-20T10:00:00Z',
  eventSource: 'iam.amazonaws.com',
  eventName: 'GetRole',
  awsRegion: 'us-east-1',
  sourceIPAddress: '192.0.2.1',
  userAgent: 'aws-cli/2.31.4',
  requestParameters: { roleName: 'deploy' },
  eventID: id,
  eventCategory: 'Management',
  ...fields,
});

export const otherService = (id: string): Record<string, unknown> => record(id, { eventSource: 'ec2.amazonaws.com' });

/** Log files in memory: their content, or the fault that ends it. */
export class MemoryLogFiles implements LogFiles {
  constructor(
    private readonly files: Readonly<Record<string, Buffer | string | readonly (Buffer | Error)[]>>,
    private readonly chunkBytes = 1 << 16,
  ) {}

  async *list(): AsyncGenerator<LogListing> {
    for (const path of Object.keys(this.files)) yield { kind: 'file', path, bytes: 1 };
  }

  async *open(path: string): AsyncGenerator<Uint8Array> {
    const file = this.files[path] ?? '';
    for (const part of typeof file === 'string' ? [Buffer.from(file)] : Buffer.isBuffer(file) ? [file] : file) {
      if (part instanceof Error) throw new LogFilesError(part.message);
      for (let at = 0; at < part.length; at += this.chunkBytes) yield part.subarray(at, at + this.chunkBytes);
    }
  }
}

export interface ReadForTest extends LogReadResult {
  /** In the order of their event IDs. */
  readonly read: readonly RecordRow[];
  readonly ids: readonly string[];
}

/** Reads into a temporary folder and returns the rows as well. */
export async function readForTest(source: LogFiles, options: Partial<LogReadOptions> = {}): Promise<ReadForTest> {
  const folder = await mkdtemp(join(tmpdir(), 'iam-audit-rows-'));
  try {
    const rowsFolder = join(folder, 'rows');
    const result = await readLogs({ source, rowsFolder, since: null, until: null, workers: 0, ...options });
    const texts = await Promise.all(
      (await readdir(rowsFolder)).map((name) => readFile(join(rowsFolder, name), 'utf8')),
    );
    const read = texts
      .flatMap((text) => text.split('\n').filter((line) => line !== ''))
      .map((line) => JSON.parse(line) as RecordRow)
      .sort((a, b) => String(a.event_id).localeCompare(String(b.event_id)));
    return { ...result, read, ids: read.map(({ event_id }) => String(event_id)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads one file. */
export const readFileForTest = (
  content: Buffer | string | readonly (Buffer | Error)[],
  { name = 'log.json', chunkBytes = 1 << 16 } = {},
): Promise<ReadForTest> => readForTest(new MemoryLogFiles({ [name]: content }, chunkBytes));
