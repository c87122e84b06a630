import type { ResultSet } from '../core/contract/messages.ts';

/** The workflow gives at most this many rows to NameCulprits, so that the answer fits a payload of 256 KiB. */
const MOST_ROWS = 120;
/** Rows of one limit. The workflow asks for the twenty callers with the largest part. */
const ROWS_OF_POOL = 20;

/** The longest answer that the workflow gives to NameCulprits: in each of six limits, twenty callers with long names. */
export function longestCulpritsAnswer(): ResultSet {
  const rows = Array.from({ length: MOST_ROWS }, (_, n) => rowOf(Math.floor(n / ROWS_OF_POOL), n % ROWS_OF_POOL));
  const [first] = rows;
  return {
    ResultSetMetadata: {
      ColumnInfo: Object.entries(first ?? {}).map(([Name, value]) => ({
        Name,
        Type: typeof value === 'number' ? 'double' : 'varchar',
      })),
    },
    Rows: [Object.keys(first ?? {}), ...rows.map((row) => Object.values(row))].map((values) => ({
      Data: values.map((value) => ({ VarCharValue: String(value) })),
    })),
  };
}

function rowOf(pool: number, place: number): Readonly<Record<string, string | number>> {
  const account = String(111_122_223_333 + pool);
  return {
    pool: `iam:${account}`,
    place: place + 1,
    caller: `arn:aws:iam::${account}:role/${'path/'.repeat(200)}${place}`,
    caller_kind: 'role',
    account,
    served: 500,
    refused: 10,
    audit_calls: 20,
    peak_minute: 90,
    minutes: 30,
    pool_served: 10_000,
    pool_refused: 2_000,
    judged_refused: 2_000,
    unexplained: 0,
    bucket_share: 0.3,
    caller_share: 0.3,
    // Three callers of each limit are named.
    blame: place < 3 ? 600 : 10,
    blame_share: place < 3 ? 0.3 : 0.005,
    operation: 'iam:SimulatePrincipalPolicy',
    blamed_operation: 'iam:SimulatePrincipalPolicy',
    second_operation: 'iam:GetRole',
    limit_served: 9_000,
    limit_minutes: 30,
  };
}
