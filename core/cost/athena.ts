/** Athena pricing page, on-demand queries, November 2026: the price in most Regions, and the least that a query costs. */
const DOLLARS_PER_TERABYTE = 5;
const TERABYTE = 1e12;
const LEAST_BILLED_BYTES = 10_000_000;

/** Dollars for queries. @param scannedBytes what each query read; a query that read nothing is free */
export function athenaDollars(scannedBytes: readonly number[]): number {
  const billed = scannedBytes.reduce((sum, read) => sum + (read === 0 ? 0 : Math.max(read, LEAST_BILLED_BYTES)), 0);
  return (billed * DOLLARS_PER_TERABYTE) / TERABYTE;
}
