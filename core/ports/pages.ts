import { AwsFault } from './aws-fault.ts';

/** A page of a report that IAM makes in the background, or the state of the report. */
export type ReportPage<Service> =
  | { readonly status: 'IN_PROGRESS' }
  | { readonly status: 'FAILED'; readonly code: string; readonly message: string }
  | {
      readonly status: 'COMPLETED';
      /** ISO 8601: when AWS finished the report. */
      readonly completedAt: string;
      readonly services: readonly Service[];
      /** Null on the last page. */
      readonly marker: string | null;
    };

/**
 * The markers of one listing. A listing that repeats a marker would never end: it is incomplete as soon as one is
 * repeated.
 */
export class PageMarkers<Marker extends string | null | undefined> {
  readonly #seen = new Set<string>();

  /** @param operation the operation that returns the markers, for the message */
  constructor(private readonly operation: string) {}

  /** The marker of the next page, unchanged. @throws AwsFault if an earlier page had it */
  next(marker: Marker): Marker {
    if (typeof marker !== 'string') return marker;
    if (this.#seen.has(marker)) {
      throw new AwsFault(
        'other',
        'IncompleteResponse',
        `AWS's response to ${this.operation} repeats the marker of an earlier page, so the rest of the list is missing.`,
      );
    }
    this.#seen.add(marker);
    return marker;
  }
}
