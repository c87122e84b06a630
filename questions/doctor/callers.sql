-- Who used the rate up when calls were throttled. Each throttled call counts against the callers that were served under
-- the same limit at that time, in proportion to what they were served in these ten seconds and, with less weight, in the
-- twenty before. What shares a limit is a bucket: one operation of IAM, or the whole pool.
-- Throttled calls don't use the rate up, so a caller with many throttled calls is not a cause for this reason.
-- Athena runs a WITH once for each place that names it, so windows are used instead of joins.
WITH
{{limits}}
by_operation AS (
  SELECT
    pool, bucket, caller, service || ':' || operation AS operation, minute,
    max(caller_kind) AS caller_kind,
    max(account) AS account,
    count(*) AS calls,
    CAST(sum(refused) AS BIGINT) AS refused,
    -- The user agent of the audit's own calls ends with its name. Other programs can send it too: it is a hint only.
    CAST(sum(CASE WHEN ' ' || user_agent || ' ' LIKE '% iam-audit %' THEN 1 ELSE 0 END) AS BIGINT) AS audit_calls
  FROM calls
  WHERE uses_limit = 1
  GROUP BY pool, bucket, caller, service || ':' || operation, minute
),
marked_operations AS (
  SELECT
    by_operation.pool AS pool,
    coalesce(limits.limit_bucket, '') AS bucket,
    caller, operation, minute, caller_kind, account, calls, refused, audit_calls
  FROM by_operation
  LEFT JOIN limits ON limits.pool = by_operation.pool AND limits.bucket = by_operation.bucket
),
-- The minutes with throttled calls, and the minute before each: those of a bucket, and those of its pool.
minutes AS (
  SELECT
    marked_operations.*,
    sum(refused) OVER (PARTITION BY pool, bucket ORDER BY minute RANGE BETWEEN CURRENT ROW AND 60 FOLLOWING) AS bucket_refused,
    sum(refused) OVER (PARTITION BY pool ORDER BY minute RANGE BETWEEN CURRENT ROW AND 60 FOLLOWING) AS pool_refused
  FROM marked_operations
),
-- How much of each bucket was throttled in its minutes, and of each caller's calls to it.
bucket_callers AS (
  SELECT pool, bucket, caller, CAST(sum(calls) AS BIGINT) AS calls, CAST(sum(refused) AS BIGINT) AS refused
  FROM minutes
  WHERE bucket_refused > 0
  GROUP BY pool, bucket, caller
),
-- How many calls each limit served in its minutes.
bucket_rates AS (
  SELECT pool, bucket, CAST(sum(calls - refused) AS BIGINT) AS served, count(DISTINCT minute) AS minutes
  FROM minutes
  WHERE bucket_refused > 0
  GROUP BY pool, bucket
),
caller_sums AS (
  SELECT
    bucket_callers.*,
    sum(calls) OVER (PARTITION BY pool, caller) AS caller_calls,
    sum(refused) OVER (PARTITION BY pool, caller) AS caller_refused
  FROM bucket_callers
),
bucket_shares AS (
  SELECT
    pool,
    bucket,
    CAST(sum(refused) AS BIGINT) AS refused,
    CASE WHEN sum(refused) >= {{refusedForVerdict}} THEN CAST(sum(refused) AS DOUBLE) / sum(calls) ELSE 0e0 END AS refused_share,
    max(CASE WHEN refused >= {{refusedForVerdict}} THEN CAST(refused AS DOUBLE) / calls ELSE 0e0 END) AS caller_share,
    -- Of one caller's calls to all buckets together.
    max(CASE WHEN caller_refused >= {{refusedForVerdict}} THEN CAST(caller_refused AS DOUBLE) / caller_calls ELSE 0e0 END) AS whole_share
  FROM caller_sums
  GROUP BY pool, bucket
),
marked_buckets AS (
  SELECT
    bucket_shares.*,
    CASE WHEN refused_share >= {{refusedShareForVerdict}} OR caller_share >= {{callerRefusedShare}} THEN 1 ELSE 0 END AS is_throttled
  FROM bucket_shares
),
pool_buckets AS (
  SELECT marked_buckets.*, max(is_throttled) OVER (PARTITION BY pool) AS any_throttled FROM marked_buckets
),
-- Throttled calls of a bucket with few of them don't count beside those of a bucket with many.
pool_shares AS (
  SELECT
    pool,
    max(refused_share) AS bucket_share,
    max(CASE WHEN caller_share > whole_share THEN caller_share ELSE whole_share END) AS caller_share,
    CAST(sum(CASE WHEN is_throttled = any_throttled THEN refused ELSE 0 END) AS BIGINT) AS judged_refused
  FROM pool_buckets
  GROUP BY pool
),
operation_slots AS (
  SELECT
    pool,
    bucket,
    caller,
    sec - mod(sec, 10) AS slot,
    count(*) AS calls,
    CAST(sum(refused) AS BIGINT) AS refused
  FROM calls
  WHERE uses_limit = 1
  GROUP BY pool, bucket, caller, sec - mod(sec, 10)
),
slots AS (
  SELECT
    operation_slots.pool AS pool,
    coalesce(limits.limit_bucket, '') AS bucket,
    caller,
    slot,
    CAST(sum(calls - refused) AS BIGINT) AS served,
    CAST(sum(refused) AS BIGINT) AS refused
  FROM operation_slots
  LEFT JOIN limits ON limits.pool = operation_slots.pool AND limits.bucket = operation_slots.bucket
  GROUP BY operation_slots.pool, coalesce(limits.limit_bucket, ''), caller, slot
),
lags AS (
  SELECT * FROM (VALUES (0, 1e0), (10, 5e-1), (20, 25e-2)) AS t (lag_seconds, weight)
),
pressures AS (
  SELECT
    slots.pool AS pool,
    slots.bucket AS bucket,
    slots.caller AS caller,
    slots.slot + lags.lag_seconds AS slot,
    sum(slots.served * lags.weight) AS pressure,
    sum(CASE WHEN lags.lag_seconds = 0 THEN slots.refused ELSE 0 END) AS refused
  FROM slots
  CROSS JOIN lags
  GROUP BY slots.pool, slots.bucket, slots.caller, slots.slot + lags.lag_seconds
),
slot_pressures AS (
  SELECT
    pressures.*,
    sum(pressure) OVER (PARTITION BY pool, bucket, slot) AS slot_pressure,
    CAST(sum(refused) OVER (PARTITION BY pool, bucket, slot) AS DOUBLE) AS slot_refused
  FROM pressures
),
-- No limit is so low that hardly any call is served in these thirty seconds. So throttled calls of such a slot have no cause
-- under this limit in the logs: a caller that is locked out is not named for the few calls that it was served.
bucket_blames AS (
  SELECT
    pool,
    bucket,
    caller,
    -- Retries without backoff multiply the throttled calls. So they count at most as much as the served calls.
    sum(CASE WHEN slot_refused < slot_pressure THEN slot_refused ELSE slot_pressure END * pressure / slot_pressure) AS blame,
    sum(slot_refused * pressure / slot_pressure) AS explained
  FROM slot_pressures
  WHERE slot_refused > 0 AND pressure > 0 AND slot_pressure >= {{servedUnderLimit}}
  GROUP BY pool, bucket, caller
),
placed_blames AS (
  SELECT
    bucket_blames.*,
    bucket_rates.served AS limit_served,
    bucket_rates.minutes AS limit_minutes,
    row_number() OVER (PARTITION BY bucket_blames.pool, bucket_blames.caller ORDER BY bucket_blames.blame DESC, bucket_blames.bucket) AS place
  FROM bucket_blames
  JOIN pool_buckets ON pool_buckets.pool = bucket_blames.pool AND pool_buckets.bucket = bucket_blames.bucket
  LEFT JOIN bucket_rates ON bucket_rates.pool = bucket_blames.pool AND bucket_rates.bucket = bucket_blames.bucket
  WHERE pool_buckets.is_throttled = pool_buckets.any_throttled
),
blames AS (
  SELECT
    pool,
    caller,
    sum(blame) AS blame,
    sum(explained) AS explained,
    max(CASE WHEN place = 1 AND bucket <> '' THEN 'iam:' || bucket END) AS blamed_operation,
    max(CASE WHEN place = 1 THEN limit_served END) AS limit_served,
    max(CASE WHEN place = 1 THEN limit_minutes END) AS limit_minutes
  FROM placed_blames
  GROUP BY pool, caller
),
pool_blames AS (
  SELECT
    blames.*,
    sum(blame) OVER (PARTITION BY pool) AS pool_blame,
    sum(explained) OVER (PARTITION BY pool) AS pool_explained
  FROM blames
),
by_minute AS (
  SELECT
    pool, caller, minute,
    max(caller_kind) AS caller_kind,
    max(account) AS account,
    CAST(sum(calls) AS BIGINT) AS calls,
    CAST(sum(refused) AS BIGINT) AS refused,
    CAST(sum(audit_calls) AS BIGINT) AS audit_calls
  FROM minutes
  WHERE pool_refused > 0
  GROUP BY pool, caller, minute
),
by_caller AS (
  SELECT
    pool,
    caller,
    max(caller_kind) AS caller_kind,
    max(account) AS account,
    CAST(sum(calls - refused) AS BIGINT) AS served,
    CAST(sum(refused) AS BIGINT) AS refused,
    CAST(sum(audit_calls) AS BIGINT) AS audit_calls,
    max(calls - refused) AS peak_minute,
    count(*) AS minutes
  FROM by_minute
  GROUP BY pool, caller
),
pool_callers AS (
  SELECT
    by_caller.*,
    CAST(sum(served) OVER (PARTITION BY pool) AS BIGINT) AS pool_served,
    CAST(sum(refused) OVER (PARTITION BY pool) AS BIGINT) AS pool_refused
  FROM by_caller
),
operations AS (
  SELECT
    pool, caller, operation,
    sum(calls) AS calls,
    max(sum(calls)) OVER (PARTITION BY pool, caller) AS most_calls,
    row_number() OVER (PARTITION BY pool, caller ORDER BY sum(calls) DESC, operation) AS place
  FROM minutes
  WHERE pool_refused > 0
  GROUP BY pool, caller, operation
),
top_operations AS (
  SELECT
    pool,
    caller,
    max(CASE WHEN place = 1 THEN operation END) AS operation,
    max(CASE WHEN place = 2 AND 4 * calls >= most_calls THEN operation END) AS second_operation
  FROM operations
  GROUP BY pool, caller
),
joined AS (
  SELECT
    pool_callers.*,
    pool_shares.judged_refused AS judged_refused,
    pool_shares.bucket_share AS bucket_share,
    pool_shares.caller_share AS caller_share,
    coalesce(pool_blames.blame, 0e0) AS blame,
    coalesce(pool_blames.blame / pool_blames.pool_blame, 0e0) AS blame_share,
    max(coalesce(pool_blames.pool_explained, 0e0)) OVER (PARTITION BY pool_callers.pool) AS explained,
    top_operations.operation AS operation,
    top_operations.second_operation AS second_operation,
    pool_blames.blamed_operation AS blamed_operation,
    pool_blames.limit_served AS limit_served,
    pool_blames.limit_minutes AS limit_minutes
  FROM pool_callers
  JOIN pool_shares ON pool_shares.pool = pool_callers.pool
  LEFT JOIN pool_blames ON pool_blames.pool = pool_callers.pool AND pool_blames.caller = pool_callers.caller
  LEFT JOIN top_operations ON top_operations.pool = pool_callers.pool AND top_operations.caller = pool_callers.caller
),
ranked AS (
  SELECT joined.*, row_number() OVER (PARTITION BY pool ORDER BY blame DESC, caller) AS place FROM joined
)
SELECT
  pool, place, caller, caller_kind, account, served, refused, audit_calls, peak_minute, minutes, pool_served, pool_refused,
  judged_refused, judged_refused - explained AS unexplained, bucket_share, caller_share, blame, blame_share, operation,
  second_operation, blamed_operation, limit_served, limit_minutes
FROM ranked
WHERE place <= 20
ORDER BY pool, place
