-- The period and the number of calls. Calls whose time is more than a day from nearly all others have a wrong clock: they
-- do not count for the period.
WITH ranked AS (
  SELECT sec, row_number() OVER (ORDER BY sec) AS place, count(*) OVER () AS calls FROM calls
),
bulk AS (
  SELECT
    min(CASE WHEN 1000 * place > calls THEN sec END) - 86400 AS low,
    max(CASE WHEN 1000 * (calls - place + 1) > calls THEN sec END) + 86400 AS high
  FROM ranked
),
period AS (
  SELECT
    min(CASE WHEN calls.sec BETWEEN bulk.low AND bulk.high THEN calls.sec END) AS first_sec,
    max(CASE WHEN calls.sec BETWEEN bulk.low AND bulk.high THEN calls.sec END) AS last_sec,
    CAST(coalesce(sum(CASE WHEN calls.sec BETWEEN bulk.low AND bulk.high THEN 0 ELSE 1 END), 0) AS BIGINT) AS strays
  FROM calls
  CROSS JOIN bulk
),
sums AS (
  SELECT
    count(*) AS calls,
    CAST(coalesce(sum(refused), 0) AS BIGINT) AS refused,
    CAST(coalesce(sum(CASE WHEN refused = 1 AND params IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS refused_with_params,
    CAST(coalesce(sum(CASE WHEN service = 'iam' AND from_service = 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS iam_calls,
    CAST(coalesce(sum(
      CASE
        WHEN service = 'sts' AND failed = 0 AND from_service = 0 AND invoked_by IS NULL
          AND (
            operation IN ('AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML')
            OR (operation = 'AssumeRole' AND access_key IS NULL AND from_other_account = 0)
          )
          THEN 1
        ELSE 0
      END
    ), 0) AS BIGINT) AS keyless_sessions,
    CAST(coalesce(sum(CASE WHEN operation = 'AssumeRole' AND failed = 0 AND access_key IS NULL AND from_other_account = 1 THEN 1 ELSE 0 END), 0) AS BIGINT)
      AS outside_sessions,
    count(DISTINCT CASE WHEN operation = 'AssumeRole' AND failed = 0 AND access_key IS NULL AND from_other_account = 1 THEN account END)
      AS outside_accounts,
    max(CASE WHEN operation = 'AssumeRole' AND failed = 0 AND access_key IS NULL AND from_other_account = 1 THEN account END)
      AS outside_account,
    CAST(coalesce(sum(CASE WHEN region = 'us-east-1' THEN 1 ELSE 0 END), 0) AS BIGINT) AS first_region_calls,
    CAST(coalesce(sum(CASE WHEN region LIKE 'us-gov-%' OR region LIKE 'cn-%' THEN 1 ELSE 0 END), 0) AS BIGINT) AS other_partition_calls
  FROM calls
)
SELECT
  sums.calls AS calls, sums.refused AS refused, period.first_sec AS first_sec, period.last_sec AS last_sec, period.strays AS strays,
  sums.refused_with_params AS refused_with_params, sums.iam_calls AS iam_calls,
  sums.keyless_sessions AS keyless_sessions, sums.outside_sessions AS outside_sessions,
  sums.outside_accounts AS outside_accounts, sums.outside_account AS outside_account, sums.first_region_calls AS first_region_calls, sums.other_partition_calls AS other_partition_calls
FROM sums
CROSS JOIN period
