-- Callers of the global STS endpoint, and the Region whose endpoint they should use: the Region that served them, or
-- the Region of most of their other calls to STS.
WITH customer_calls AS (
  SELECT * FROM calls WHERE service = 'sts' AND from_service = 0 AND invoked_by IS NULL
),
regions AS (
  SELECT
    caller,
    serving_region AS region,
    count(*) AS calls
  FROM customer_calls
  WHERE is_global = 1 AND serving_region IS NOT NULL
  GROUP BY caller, serving_region
),
other_regions AS (
  SELECT caller, region, count(*) AS calls
  FROM customer_calls
  WHERE is_global = 0
  GROUP BY caller, region
),
best AS (
  SELECT caller, region, row_number() OVER (PARTITION BY caller ORDER BY calls DESC, region) AS place FROM regions
),
best_other AS (
  SELECT caller, region, row_number() OVER (PARTITION BY caller ORDER BY calls DESC, region) AS place FROM other_regions
),
sums AS (
  SELECT
    caller,
    max(caller_kind) AS caller_kind,
    max(account) AS account,
    count(*) AS calls,
    CAST(sum(is_global) AS BIGINT) AS global_calls,
    CAST(sum(endpoint_known) AS BIGINT) AS known_calls,
    CAST(sum(CASE WHEN is_global = 1 THEN refused ELSE 0 END) AS BIGINT) AS global_refused
  FROM customer_calls
  GROUP BY caller
),
operations AS (
  SELECT
    caller, 'sts:' || operation AS operation,
    row_number() OVER (PARTITION BY caller ORDER BY count(*) DESC, operation) AS place
  FROM customer_calls
  WHERE is_global = 1
  GROUP BY caller, operation
)
SELECT
  sums.caller AS caller, sums.caller_kind AS caller_kind, sums.account AS account, sums.calls AS calls,
  sums.global_calls AS global_calls, sums.known_calls AS known_calls, sums.global_refused AS global_refused,
  coalesce(best.region, best_other.region) AS use_region, operations.operation AS operation
FROM sums
LEFT JOIN best ON best.caller = sums.caller AND best.place = 1
LEFT JOIN best_other ON best_other.caller = sums.caller AND best_other.place = 1
LEFT JOIN operations ON operations.caller = sums.caller AND operations.place = 1
ORDER BY sums.global_calls DESC, sums.calls DESC, sums.caller
