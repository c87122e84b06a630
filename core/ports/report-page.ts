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
