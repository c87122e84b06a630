const DOMAIN = '.amazonaws.com';
const SERVICES: readonly string[] = ['iam', 'sts'];
const SOURCE = 'eventSource';
const CATEGORY = 'eventCategory';
/** What follows the name `eventCategory` of a management event, in a record and in a record within a string. */
const MANAGEMENT = /^\\?"\s{0,8}:\s{0,8}\\?"Management\\?"/;
const CATEGORY_BYTES = 48;

/**
 * Tells records of management events of other services without parsing them: most records of a trail. True only if no
 * spelling of the record can make it a call to IAM or STS: the names of their event sources consist of letters and
 * periods, and JSON can spell these in another way only with `\u`.
 */
export class RecordFilter {
  #bytes: Buffer | null = null;
  #start = -1;
  #domain = { at: 0 };
  #source = { at: 0 };
  #category = { at: 0 };

  /** `escaped`: the bytes contain `\u`, or `\\`, after which a `u` may follow within a string in a string. */
  isOtherService(bytes: Buffer, start: number, end: number, escaped: boolean): boolean {
    if (escaped) return false;
    // Positions that were found stay valid for later records of the same bytes. A buffer that is used again starts at 0.
    if (bytes !== this.#bytes || start <= this.#start) {
      this.#domain = { at: start };
      this.#source = { at: start };
      this.#category = { at: start };
      for (const [text, place] of [
        [DOMAIN, this.#domain],
        [SOURCE, this.#source],
        [CATEGORY, this.#category],
      ] as const) {
        place.at = found(bytes, text, start);
      }
    }
    this.#bytes = bytes;
    this.#start = start;
    let isOfAws = false;
    for (let at = next(bytes, DOMAIN, this.#domain, start); at < end; at = next(bytes, DOMAIN, this.#domain, at + 1)) {
      isOfAws = true;
      if (at >= start + 3 && SERVICES.includes(bytes.toString('latin1', at - 3, at))) return false;
    }
    // Messages of S3 and SQS have other sources.
    if (!isOfAws || next(bytes, SOURCE, this.#source, start) >= end) return false;
    const category = next(bytes, CATEGORY, this.#category, start);
    if (category >= end) return true;
    const after = category + CATEGORY.length;
    return MANAGEMENT.test(bytes.toString('latin1', after, Math.min(after + CATEGORY_BYTES, end)));
  }
}

/** The first place of `text` from `from` on. Searches on only if the place that was found last is before it. */
function next(bytes: Buffer, text: string, place: { at: number }, from: number): number {
  if (place.at < from) place.at = found(bytes, text, from);
  return place.at;
}

function found(bytes: Buffer, text: string, from: number): number {
  const at = bytes.indexOf(text, from, 'latin1');
  return at === -1 ? Infinity : at;
}
