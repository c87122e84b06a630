import { UnitBytes } from './unit-bytes.ts';

/**
 * Why a part of a file is not passed to the target. `tooLarge`: it has more bytes than the limit. `tooDeep`: it has more
 * levels than the limit. `broken`: a record was cut, and another one starts on the next line. `notJson`: a line, or a
 * value in a list, is not JSON. `noRecord`: it is a JSON value, such as a number or `null`, that cannot contain a record.
 */
export type ScanProblem = 'tooLarge' | 'tooDeep' | 'broken' | 'notJson' | 'noRecord';

export interface ScanTarget {
  /**
   * Called with a unit: a JSON object or string, from `start` to before `end`. The bytes are valid only during the call.
   * The unit is not parsed, so its JSON may be invalid.
   * @param escaped a string in it contains `\u` or `\\`, so a search for plain text may not find all text
   */
  unit(bytes: Buffer, start: number, end: number, escaped: boolean): void;
  problem(problem: ScanProblem): void;
}

/**
 * A record of CloudTrail has at most 1 MB. An event of LookupEvents contains the record as a string with escapes, so it is
 * larger. A parsed record takes 20 times as much memory as its text.
 */
export const LARGEST_RECORD_BYTES = 8 << 20;
/** Maximum number of levels. Records with policies and tags have fewer than 30. The JSON parser and DuckDB accept this many. */
const DEEPEST = 500;
/**
 * A wrapper is an object with a list of records. CloudTrail writes no wrapper inside another one. In a file that was cut
 * and then continued, each cut leaves one open wrapper. If there are more open wrappers than this, the scanner forgets them.
 */
const MOST_WRAPPERS = 64;
/** Names of fields that contain lists of records: in log files, and in the output of LookupEvents, CloudWatch Logs and SQS. */
const lists: ReadonlySet<string> = new Set(['Records', 'Events', 'events', 'logEvents', 'Messages']);
/** A text that has more than twice this many bytes, with its escapes, is not compared with these names. */
const LONGEST_FIELD = 24;

const [QUOTE, BACKSLASH, NEWLINE, COMMA, COLON, LETTER_U] = [0x22, 0x5c, 0x0a, 0x2c, 0x3a, 0x75];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

const table = (...bytes: readonly number[]): Uint8Array => {
  const marked = new Uint8Array(256);
  for (const byte of bytes) marked[byte] = 1;
  return marked;
};
const structure = table(QUOTE, OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST);
const inText = table(QUOTE, BACKSLASH, NEWLINE);
/** A JSON value without quotes or brackets. */
const WORD = /^(?:null|true|false|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*$/;
/** Longer text without quotes or brackets is not examined further. */
const LONGEST_WORD = 40;

/** The bytes between values: spaces, line ends, commas, a byte order mark, and the separator of JSON text sequences. */
const separators = table(0x20, 0x09, 0x0d, NEWLINE, COMMA, 0xef, 0xbb, 0xbf, 0x1e);

/**
 * Finds the records in the bytes of a file without parsing them. The file may have JSON values one after another, with or
 * without line ends between them, lists of values, and wrappers: objects with a list of records. Only one record is in
 * memory at a time.
 */
export class RecordScanner {
  readonly #target: ScanTarget;
  readonly #unit: UnitBytes;
  /** For each level: the bracket that opened it. */
  readonly #opened = new Uint8Array(DEEPEST + 1);
  /** The number of open lists outside a unit, inside the innermost open wrapper. */
  #lists = 0;
  /** For each open wrapper: the number of open lists around it. */
  #wrappers: number[] = [];
  /** Whether the scanner skips text up to the end of the line or value. */
  #junk = false;
  /** The start of this text, while it may still be a JSON value. Null if that is decided. */
  #word: string | null = null;

  #inUnit = false;
  /** Whether the unit is the rest of a wrapper: the part after its list. */
  #rest = false;
  #depth = 0;
  #inString = false;
  #escaping = false;
  #afterNewline = false;
  #escaped = false;
  #tooDeep = false;
  /** The last string at level 1 of the unit. It is a field name if a list follows. */
  #fieldStart = 0;
  #fieldEnd = 0;

  constructor(target: ScanTarget, largestRecordBytes = LARGEST_RECORD_BYTES) {
    this.#target = target;
    this.#unit = new UnitBytes(largestRecordBytes);
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#unit.continueIn(bytes);
    let at = 0;
    while (at < bytes.length) {
      at = this.#inUnit
        ? this.#scanUnit(bytes, at)
        : this.#junk
          ? this.#skipLine(bytes, at)
          : this.#scanBetween(bytes, at);
    }
    if (this.#inUnit) this.#unit.keep();
  }

  /** Called after the last bytes. */
  finish(): void {
    this.#judgeWord(true);
  }

  /** Called at the end of the file, after `finish`. @returns whether the file ends inside a record, a list or a wrapper */
  end(): boolean {
    return this.#inUnit || this.#lists > 0 || this.#wrappers.length > 0;
  }

  #scanBetween(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && separators[bytes[at] ?? 0] === 1) at += 1;
    const byte = bytes[at];
    if (byte === undefined) return at;
    if (byte === OPEN_OBJECT || byte === QUOTE) {
      this.#begin(at, { rest: false });
      return at;
    }
    if (byte === OPEN_LIST) {
      this.#lists += 1;
    } else if (byte === CLOSE_LIST && this.#lists > 0) {
      this.#lists -= 1;
      if (this.#lists === 0 && this.#wrappers.length > 0) this.#begin(at + 1, { rest: true });
    } else {
      this.#junk = true;
      this.#word = '';
      return at;
    }
    return at + 1;
  }

  /** Skips text without quotes or brackets: up to the end of the line, or in a list up to the end of the value. */
  #skipLine(bytes: Buffer, from: number): number {
    let at = from;
    if (this.#lists === 0) at = bytes.indexOf(NEWLINE, from);
    else while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== CLOSE_LIST && bytes[at] !== NEWLINE) at += 1;
    const isEnd = at !== -1 && at < bytes.length;
    const end = isEnd ? at : bytes.length;
    if (this.#word !== null) this.#word += bytes.toString('latin1', from, Math.min(end, from + LONGEST_WORD + 1));
    this.#judgeWord(isEnd);
    if (isEnd) this.#junk = false;
    return end;
  }

  /** Says what the text is, once that is clear. */
  #judgeWord(isWhole: boolean): void {
    if (this.#word === null || (!isWhole && this.#word.length <= LONGEST_WORD)) return;
    this.#target.problem(isWhole && WORD.test(this.#word) ? 'noRecord' : 'notJson');
    this.#word = null;
  }

  #begin(at: number, { rest }: { readonly rest: boolean }): void {
    this.#inUnit = true;
    this.#rest = rest;
    this.#depth = rest ? 1 : 0;
    this.#inString = false;
    this.#escaping = false;
    this.#afterNewline = false;
    this.#escaped = false;
    this.#tooDeep = false;
    this.#fieldStart = 0;
    this.#fieldEnd = 0;
    this.#opened[1] = OPEN_OBJECT;
    this.#unit.begin(at);
  }

  /** Scans up to the end of the unit or the end of the bytes. @returns where it stopped */
  #scanUnit(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length) {
      if (this.#inString) {
        at = this.#scanString(bytes, at);
        if (!this.#inUnit) return at;
        continue;
      }
      while (at < bytes.length && structure[bytes[at] ?? 0] === 0) at += 1;
      const byte = bytes[at];
      if (byte === undefined) break;
      if (byte === QUOTE) {
        if (this.#depth === 1) this.#fieldStart = this.#unit.position(at + 1);
        this.#inString = true;
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (byte === OPEN_OBJECT && this.#depth > 0 && this.#isNextLine(bytes, at)) return this.#startAgain(at);
        if (byte === OPEN_LIST && this.#depth === 1 && this.#namesRecords()) {
          this.#enterList();
          return at + 1;
        }
        this.#depth += 1;
        if (this.#depth <= DEEPEST) this.#opened[this.#depth] = byte;
        else this.#tooDeep = true;
      } else {
        this.#depth -= 1;
        if (this.#depth <= 0) {
          this.#finish(at + 1);
          return at + 1;
        }
      }
      at += 1;
    }
    return at;
  }

  /** Scans inside a string, up to its end, an escape, a line feed or the end of the bytes. @returns where it stopped */
  #scanString(bytes: Buffer, from: number): number {
    let at = from;
    const first = bytes[at];
    if (this.#escaping) {
      this.#escaping = false;
      if (first === LETTER_U || first === BACKSLASH) this.#escaped = true;
      return at + 1;
    }
    if (this.#afterNewline) {
      this.#afterNewline = false;
      // A JSON string contains no line feed. So the record was cut, and the next line starts another record.
      if (first === OPEN_OBJECT) return this.#startAgain(at);
    }
    while (at < bytes.length && inText[bytes[at] ?? 0] === 0) at += 1;
    const byte = bytes[at];
    if (byte === QUOTE) {
      this.#inString = false;
      if (this.#depth === 1) this.#fieldEnd = this.#unit.position(at);
      if (this.#depth === 0) this.#finish(at + 1);
    } else if (byte === BACKSLASH) {
      this.#escaping = true;
    } else if (byte === NEWLINE) {
      this.#afterNewline = true;
    } else {
      return at;
    }
    return at + 1;
  }

  /**
   * Whether the object at `at` starts a new record, because JSON allows no object at this place of the unit: it is at the
   * start of a line, and it follows neither a colon, nor the start of a list, nor a comma in a list.
   */
  #isNextLine(bytes: Buffer, at: number): boolean {
    if (at > 0 && bytes[at - 1] !== NEWLINE) return false;
    const { before, newline } = this.#unit.before(at);
    if (!newline || before === COLON || before === OPEN_LIST) return false;
    return before !== COMMA || this.#opened[Math.min(this.#depth, DEEPEST)] === OPEN_OBJECT;
  }

  #startAgain(at: number): number {
    this.#target.problem('broken');
    this.#lists = 0;
    this.#wrappers = [];
    this.#begin(at, { rest: false });
    return at;
  }

  #namesRecords(): boolean {
    if (this.#fieldEnd - this.#fieldStart > LONGEST_FIELD * 2) return false;
    const name = this.#unit.text(this.#fieldStart, this.#fieldEnd);
    return name !== null && lists.has(name);
  }

  #enterList(): void {
    if (this.#wrappers.length >= MOST_WRAPPERS) this.#wrappers = [];
    if (!this.#rest) this.#wrappers.push(this.#lists);
    this.#lists = 1;
    this.#inUnit = false;
    this.#unit.drop();
  }

  #finish(end: number): void {
    this.#inUnit = false;
    if (this.#rest) {
      this.#lists = this.#wrappers.pop() ?? 0;
      this.#unit.drop();
      return;
    }
    const whole = this.#unit.end(end);
    if (whole === null) this.#target.problem('tooLarge');
    else if (this.#tooDeep) this.#target.problem('tooDeep');
    else this.#target.unit(whole.bytes, whole.start, whole.end, this.#escaped);
  }
}
