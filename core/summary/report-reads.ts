import type { AccountSummary } from '../contract/run.ts';
import { defaultRoom } from '../report/data/report-lines.ts';

/** Two passes over the findings, each with a request whether they exist. */
const OF_FINDINGS = 4;
/** Records, policies and recommendations, each with a request whether they exist. */
const OF_ACCOUNT = 6;

/** Number of reads from S3 that `writeReport` makes, without `organization-use.json`. The report does not have room for all accounts. */
export function reportReads(accounts: readonly Pick<AccountSummary, 'principals'>[]): number {
  let principals = 0;
  let reads = OF_FINDINGS;
  for (const { principals: counts } of accounts) {
    if (principals >= defaultRoom.principals) break;
    reads += counts.total === 0 ? 1 : OF_ACCOUNT;
    principals += counts.total;
  }
  return reads;
}
