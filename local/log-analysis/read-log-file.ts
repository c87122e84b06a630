import { digestReasons } from '../../core/doctor/records/log-folder.ts';
import { projectRecord } from '../../core/doctor/records/project-record.ts';
import { type LogContent, recordsIn } from '../../core/doctor/records/records-in.ts';
import { LogFilesError, type LogPeriod } from '../../core/ports/log-files.ts';
import { gunzipInto, LARGEST_INNER_BYTES, type BytesEnd } from './gunzip-into.ts';
import type { LogFileReport, Note } from './log-file-report.ts';
import { RecordFilter } from './record-filter.ts';
import { LARGEST_RECORD_BYTES, RecordScanner, type ScanProblem, type ScanTarget } from './record-scanner.ts';
import type { RowFile } from './row-file.ts';
import { Utf8Bytes } from './utf8-bytes.ts';

/** If this many bytes of a file contain no JSON object, the rest is not read. */
const FOREIGN_BYTES = 1 << 20;

const NOT_LOGS = 'Not CloudTrail logs.';
const NOTIFICATION =
  'Messages about log files in S3, which contain no records: read the files themselves with --cloudtrail s3://BUCKET/PREFIX.';
/** The CSV of the event history has no ARN of the caller, no user agent and no request parameters. */
const HISTORY_CSV =
  'CSV of the event history, which has too few columns: choose "Download as JSON" in the CloudTrail console, or use --lookup.';
const OTHER_CSV = 'CSV: only JSON can be read. Export the records as JSON, or read the log files of the trail.';

/** The first bytes of a file that is no JSON, which may be the header of a CSV file. */
const HEADER_BYTES = 2_048;
const EVENT_NAME = /\bevent[ _]?name\b/i;
const EVENT_TIME = /\bevent[ _]?time\b/i;

/** Why a CSV file with events is not read; null if the text is not the start of one. */
function csvReason(text: string): string | null {
  const [header = ''] = text.split(/\r?\n/, 1);
  if (/[{[]/.test(header) || !/[,;\t]/.test(header) || !EVENT_NAME.test(header) || !EVENT_TIME.test(header))
    return null;
  // Athena and CloudTrail Lake name the columns like the fields of the records.
  return /\buseridentity\b/i.test(header) ? OTHER_CSV : HISTORY_CSV;
}

const scanNotes: Readonly<Record<Exclude<ScanProblem, 'noRecord'>, readonly [Note['what'], string]>> = {
  tooLarge: ['records', `Larger than ${LARGEST_RECORD_BYTES >> 20} MiB: CloudTrail does not write such records.`],
  tooDeep: ['records', 'Nested too deeply: CloudTrail does not write such records.'],
  broken: ['records', 'Cut off: the next line starts another record.'],
  notJson: ['lines', 'Not JSON.'],
};

/**
 * Reads one file: writes its rows, and notes what could not be read. In a damaged file, the records before the damage are
 * read.
 */
export class LogFileRead implements ScanTarget {
  readonly #rows: RowFile;
  readonly #period: LogPeriod;
  readonly #text = new Utf8Bytes();
  readonly #filter = new RecordFilter();
  readonly #scanner = new RecordScanner(this);
  readonly #notes = new Map<string, Note>();
  readonly #report: { events: number; rows: number; from: number | null; to: number | null } = {
    events: 0,
    rows: 0,
    from: null,
    to: null,
  };
  #bytes = 0;
  #header = '';
  #units = 0;
  #others = 0;
  #digests = 0;
  #notJson = 0;
  #startsWithJson = true;

  constructor(rows: RowFile, period: LogPeriod) {
    this.#rows = rows;
    this.#period = period;
  }

  /** @throws any error of `chunks`, except LogFilesError, which becomes a note */
  async read(path: string, chunks: AsyncIterable<Uint8Array>): Promise<LogFileReport> {
    try {
      const end = await gunzipInto(chunks, (bytes) => this.#take(this.#text.next(bytes)));
      this.#take(this.#text.end());
      this.#scanner.finish();
      this.#noteFile(path, end);
    } catch (error: unknown) {
      if (!(error instanceof LogFilesError)) throw error;
      this.#note('files', error.message);
    }
    return { ...this.#report, notes: [...this.#notes.values()] };
  }

  unit(bytes: Buffer, start: number, end: number, escaped: boolean): void {
    this.#units += 1;
    if (this.#filter.isOtherService(bytes, start, end, escaped)) {
      this.#report.events += 1;
      return;
    }
    const content = parsed(bytes.toString('utf8', start, end));
    if (content === null) this.#content({ kind: 'invalidText' });
    else for (const found of recordsIn(content.value)) this.#content(found);
  }

  #content(found: LogContent): void {
    switch (found.kind) {
      case 'record':
        this.#record(found.record);
        return;
      case 'digest':
        this.#digests += 1;
        return;
      case 'notification':
        this.#note('records', NOTIFICATION);
        return;
      case 'invalidText':
        this.#note('records', 'Not valid JSON.');
        return;
      case 'other':
        this.#others += 1;
    }
  }

  problem(problem: ScanProblem): void {
    if (problem === 'notJson') {
      this.#notJson += 1;
      this.#startsWithJson &&= this.#units > 0;
    } else if (problem === 'noRecord') {
      this.#others += 1;
    } else {
      this.#units += 1;
      this.#note(...scanNotes[problem]);
    }
  }

  #take(bytes: Uint8Array): boolean {
    if (this.#bytes < HEADER_BYTES) {
      this.#header += Buffer.from(bytes.subarray(0, HEADER_BYTES - this.#bytes)).toString('latin1');
    }
    this.#bytes += bytes.length;
    this.#scanner.push(bytes);
    return this.#units > 0 || this.#notJson === 0 || this.#bytes < FOREIGN_BYTES;
  }

  #record(record: unknown): void {
    this.#report.events += 1;
    const projection = projectRecord(record);
    switch (projection.kind) {
      case 'otherService':
        return;
      case 'otherCategory':
        this.#note(
          'records',
          `Events of the category ${projection.category}: calls to IAM and STS are management events.`,
          false,
        );
        return;
      case 'invalid':
        this.#note('records', `Invalid field: ${projection.problem}.`);
        return;
      case 'row': {
        const { sec } = projection.row;
        const { since, until } = this.#period;
        if (sec === null || (since !== null && sec < since) || (until !== null && sec > until)) {
          this.#note('records', 'Calls to IAM and STS outside of the period.', false);
          return;
        }
        this.#rows.write(projection.row);
        this.#report.rows += 1;
        this.#report.from = Math.min(this.#report.from ?? sec, sec);
        this.#report.to = Math.max(this.#report.to ?? sec, sec);
      }
    }
  }

  #noteFile(path: string, end: BytesEnd): void {
    const foreign = this.#report.events === 0 && !this.#startsWithJson;
    const csv = this.#report.events === 0 ? csvReason(this.#header) : null;
    if (csv !== null) {
      this.#notes.clear();
      this.#note('files', csv);
      return;
    }
    // A picture or a text may contain bytes that look like a damaged record, but it contains no records.
    if (foreign) this.#notes.clear();
    if (end === 'cut') this.#note('files', 'The gzip data is cut off: only the records before the cut were read.');
    else if (end === 'damaged')
      this.#note('files', 'The gzip data is damaged: only records before the damage were read.');
    else if (end === 'tooLarge')
      this.#note('files', `Compressed twice, and larger than ${LARGEST_INNER_BYTES >> 20} MiB: not read.`);
    else if (foreign && path.endsWith('.gz')) this.#note('files', 'Neither gzip data nor JSON.');
    else if (foreign && /\.(json|jsonl|ndjson)$/.test(path)) this.#note('files', 'Not JSON.');
    else if (foreign) this.#note('files', NOT_LOGS, false);
    else if (this.#scanner.end())
      this.#note('files', 'The JSON is cut off: only the records before the cut were read.');
    else if (this.#bytes === 0) this.#note('files', 'Empty.');
    if (foreign) return;
    if (this.#digests > 0) this.#note('files', digestReasons.files, false);
    const onlyOthers = this.#report.events === 0 && this.#notes.size === 0 && this.#notJson === 0;
    if (this.#others > 0 && onlyOthers) this.#note('files', NOT_LOGS, false);
    else if (this.#others > 0) this.#note('records', 'JSON, but not CloudTrail records.', false, this.#others);
    if (this.#notJson > 0) this.#note(...scanNotes.notJson, true, this.#notJson);
  }

  #note(what: Note['what'], reason: string, losesRecords = true, count = 1): void {
    const key = `${what} ${reason}`;
    const note = this.#notes.get(key);
    if (note === undefined) this.#notes.set(key, { what, reason, count, losesRecords });
    else note.count += count;
  }
}

/** Null if the text is not valid JSON. */
function parsed(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
