-- The period and the number of calls.
SELECT
  count(*) AS calls,
  CAST(coalesce(sum(refused), 0) AS BIGINT) AS refused,
  min(sec) AS first_sec,
  max(sec) AS last_sec,
  CAST(coalesce(sum(from_service), 0) AS BIGINT) AS by_services,
  CAST(coalesce(sum(CASE WHEN refused = 1 AND params IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS refused_with_params,
  CAST(coalesce(sum(CASE WHEN service = 'sts' THEN 1 ELSE 0 END), 0) AS BIGINT) AS sts_calls,
  count(DISTINCT account) AS accounts
FROM calls
