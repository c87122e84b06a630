-- AWS does not say which operations share a limit. If they do, the calls of each second are throttled about equally often,
-- whatever their operation. So an operation has a limit of its own if hardly any of its calls was throttled in the seconds in
-- which many calls of other operations were. A caller whose calls come at the right time is never throttled: so if
-- the calls of others to the same operation were throttled like those of other operations, the limit is shared.
operation_seconds AS (
  SELECT pool, bucket, caller, sec, count(*) AS calls, CAST(sum(refused) AS BIGINT) AS refused
  FROM calls
  WHERE uses_limit = 1 AND service = 'iam'
  GROUP BY pool, bucket, caller, sec
),
compared_seconds AS (
  SELECT
    operation_seconds.*,
    sum(calls) OVER (PARTITION BY pool, bucket, caller) AS caller_calls,
    sum(calls) OVER (PARTITION BY pool, sec) - sum(calls) OVER (PARTITION BY pool, bucket, sec) AS other_calls,
    sum(refused) OVER (PARTITION BY pool, sec) - sum(refused) OVER (PARTITION BY pool, bucket, sec) AS other_refused,
    sum(calls - refused) OVER (PARTITION BY pool, bucket ORDER BY sec RANGE BETWEEN 29 PRECEDING AND CURRENT ROW) AS served_before
  FROM operation_seconds
),
expected_seconds AS (
  SELECT
    pool,
    bucket,
    caller_calls,
    max(caller_calls) OVER (PARTITION BY pool, bucket) AS most_calls,
    CASE WHEN other_refused > 0 THEN calls * CAST(other_refused AS DOUBLE) / other_calls ELSE 0e0 END AS expected,
    CASE WHEN other_refused > 0 THEN refused ELSE 0 END AS compared_refused,
    CASE WHEN served_before >= {{servedUnderLimit}} THEN refused ELSE 0 END AS explained,
    refused
  FROM compared_seconds
),
operation_sums AS (
  SELECT
    pool,
    bucket,
    sum(refused) AS refused,
    sum(explained) AS explained,
    CASE
      WHEN sum(expected) >= {{ownLimitCalls}} AND sum(compared_refused) < {{ownLimitShare}} * sum(expected)
        AND (sum(CASE WHEN caller_calls < most_calls THEN compared_refused ELSE 0 END) < {{refusedForVerdict}}
          OR sum(CASE WHEN caller_calls < most_calls THEN compared_refused ELSE 0 END)
            < 3 * {{ownLimitShare}} * sum(CASE WHEN caller_calls < most_calls THEN expected ELSE 0e0 END))
        THEN 1
      ELSE 0
    END AS is_apart
  FROM expected_seconds
  GROUP BY pool, bucket
),
-- If one operation has a limit of its own, all have, unless hardly any call was served under these limits when calls were
-- throttled. Then the other operations share one. `limit_bucket` is the bucket of an operation; it is empty for the shared one.
limits AS (
  SELECT
    pool,
    bucket,
    CASE
      WHEN is_apart = 1 THEN bucket
      WHEN max(is_apart) OVER (PARTITION BY pool) = 1
        AND 2 * sum(explained) OVER (PARTITION BY pool) >= sum(refused) OVER (PARTITION BY pool) THEN bucket
      ELSE ''
    END AS limit_bucket
  FROM operation_sums
),
