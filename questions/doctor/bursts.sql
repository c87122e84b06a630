-- Callers that read IAM in bursts, and whether calls of the account under the same limit were throttled at that time.
WITH
{{limits}}
reads AS (
  SELECT pool, bucket, caller, caller_kind, account, operation, minute, refused
  FROM calls
  WHERE service = 'iam' AND from_service = 0
    AND (operation LIKE 'Get%' OR operation LIKE 'List%' OR operation LIKE 'Simulate%' OR operation LIKE 'Generate%')
),
by_minute AS (
  SELECT
    pool, caller, minute,
    max(caller_kind) AS caller_kind,
    max(account) AS account,
    count(*) AS calls,
    CAST(sum(refused) AS BIGINT) AS refused
  FROM reads
  GROUP BY pool, caller, minute
),
peaks AS (
  SELECT by_minute.*, max(calls) OVER (PARTITION BY pool, caller) AS peak FROM by_minute
),
busy AS (
  SELECT * FROM peaks WHERE 4 * calls >= peak
),
operation_minutes AS (
  SELECT pool, bucket, minute, count(*) AS calls, CAST(sum(refused) AS BIGINT) AS refused
  FROM calls
  WHERE uses_limit = 1
  GROUP BY pool, bucket, minute
),
limited_operation_minutes AS (
  SELECT
    operation_minutes.*,
    coalesce(limits.limit_bucket, '') AS limit_bucket
  FROM operation_minutes
  LEFT JOIN limits ON limits.pool = operation_minutes.pool AND limits.bucket = operation_minutes.bucket
),
-- Each operation with the sums of its bucket.
bucket_minutes AS (
  SELECT
    pool,
    bucket AS operation_bucket,
    limit_bucket AS bucket,
    minute,
    calls AS own_calls,
    refused AS own_refused,
    CAST(sum(calls) OVER (PARTITION BY pool, minute, limit_bucket) AS BIGINT) AS calls,
    CAST(sum(refused) OVER (PARTITION BY pool, minute, limit_bucket) AS BIGINT) AS refused
  FROM limited_operation_minutes
),
pool_minutes AS (
  SELECT pool, minute, CAST(sum(own_calls) AS BIGINT) AS calls, CAST(sum(own_refused) AS BIGINT) AS refused
  FROM bucket_minutes
  GROUP BY pool, minute
),
own_buckets AS (
  SELECT DISTINCT pool, bucket, caller, minute FROM reads
),
-- Several operations of a caller may be in one bucket, which counts once.
own_minutes AS (
  SELECT DISTINCT
    own_buckets.pool AS pool,
    own_buckets.caller AS caller,
    own_buckets.minute AS minute,
    bucket_minutes.bucket AS bucket,
    bucket_minutes.calls AS calls,
    bucket_minutes.refused AS refused
  FROM own_buckets
  JOIN bucket_minutes ON bucket_minutes.pool = own_buckets.pool AND bucket_minutes.operation_bucket = own_buckets.bucket
    AND bucket_minutes.minute = own_buckets.minute
),
busy_buckets AS (
  SELECT
    busy.pool AS pool,
    busy.caller AS caller,
    CAST(sum(own_minutes.calls) AS BIGINT) AS pool_calls,
    CAST(sum(own_minutes.refused) AS BIGINT) AS pool_refused
  FROM busy
  JOIN own_minutes ON own_minutes.pool = busy.pool AND own_minutes.caller = busy.caller AND own_minutes.minute = busy.minute
  GROUP BY busy.pool, busy.caller
),
busy_sums AS (
  SELECT
    busy.pool AS pool,
    busy.caller AS caller,
    count(*) AS busy_minutes,
    CAST(sum(busy.calls - busy.refused) AS BIGINT) AS served_when_busy,
    max(busy.calls - busy.refused) AS served_peak,
    CAST(sum(pool_minutes.calls) AS BIGINT) AS iam_calls,
    CAST(sum(pool_minutes.refused) AS BIGINT) AS iam_refused
  FROM busy
  JOIN pool_minutes ON pool_minutes.pool = busy.pool AND pool_minutes.minute = busy.minute
  GROUP BY busy.pool, busy.caller
),
sums AS (
  SELECT
    pool, caller,
    max(caller_kind) AS caller_kind,
    max(account) AS account,
    CAST(sum(calls) AS BIGINT) AS calls,
    CAST(sum(refused) AS BIGINT) AS refused,
    max(peak) AS peak,
    count(*) AS minutes
  FROM peaks
  GROUP BY pool, caller
),
-- All operations of a caller: what it writes too.
caller_operations AS (
  SELECT
    pool, caller, operation,
    CASE WHEN operation LIKE 'Get%' OR operation LIKE 'List%' OR operation LIKE 'Simulate%' OR operation LIKE 'Generate%'
      THEN 1 ELSE 0 END AS is_read,
    count(*) AS calls
  FROM calls
  WHERE service = 'iam' AND from_service = 0
  GROUP BY pool, caller, operation
),
operations AS (
  SELECT
    pool, caller, 'iam:' || operation AS operation, is_read, calls,
    max(CASE WHEN is_read = 1 THEN calls END) OVER (PARTITION BY pool, caller) AS most_reads,
    row_number() OVER (PARTITION BY pool, caller, is_read ORDER BY calls DESC, operation) AS place
  FROM caller_operations
),
top_operations AS (
  SELECT
    pool,
    caller,
    max(CASE WHEN is_read = 1 AND place = 1 THEN operation END) AS operation,
    max(CASE WHEN is_read = 1 AND place = 2 AND 4 * calls >= most_reads THEN operation END) AS second_operation,
    max(CASE WHEN is_read = 0 AND place = 1 AND 4 * calls >= most_reads THEN operation END) AS written_operation
  FROM operations
  GROUP BY pool, caller
)
SELECT
  sums.pool AS pool, sums.caller AS caller, sums.caller_kind AS caller_kind, sums.account AS account,
  sums.calls AS calls, sums.refused AS refused, sums.peak AS peak, sums.minutes AS minutes,
  busy_sums.busy_minutes AS busy_minutes, busy_sums.served_when_busy AS served_when_busy,
  busy_buckets.pool_calls AS pool_calls, busy_buckets.pool_refused AS pool_refused,
  busy_sums.served_peak AS served_peak, busy_sums.iam_calls AS iam_calls, busy_sums.iam_refused AS iam_refused,
  top_operations.operation AS operation, top_operations.second_operation AS second_operation,
  top_operations.written_operation AS written_operation
FROM sums
JOIN busy_sums ON busy_sums.pool = sums.pool AND busy_sums.caller = sums.caller
JOIN busy_buckets ON busy_buckets.pool = sums.pool AND busy_buckets.caller = sums.caller
JOIN top_operations ON top_operations.pool = sums.pool AND top_operations.caller = sums.caller
WHERE sums.calls >= {{burstCalls}}
ORDER BY sums.peak DESC, sums.pool, sums.caller
