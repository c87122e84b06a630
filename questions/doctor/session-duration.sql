-- Sessions that their processes renew near their end, and how much longer they could be. The limit is one hour for a
-- caller that is a session itself (role chaining), otherwise the twelve hours that a role may allow.
WITH requests AS (
  SELECT
    caller, caller_kind, account, call_id, sec, duration, role_arn,
    lag(sec) OVER (
      PARTITION BY caller, access_key, ip, role_arn, session_limits, session_pattern ORDER BY sec, call_id
    ) AS former_sec,
    lag(duration) OVER (
      PARTITION BY caller, access_key, ip, role_arn, session_limits, session_pattern ORDER BY sec, call_id
    ) AS former_duration,
    CASE WHEN is_session = 1 THEN CAST(3600 AS BIGINT) ELSE CAST(43200 AS BIGINT) END AS longest
  FROM calls
  WHERE service = 'sts' AND operation = 'AssumeRole' AND failed = 0 AND from_service = 0 AND invoked_by IS NULL
    AND access_key IS NOT NULL
),
judged AS (
  SELECT
    requests.*,
    CASE
      WHEN former_sec IS NOT NULL AND 2 * (sec - former_sec) >= former_duration
        AND sec - former_sec <= former_duration + {{renewalWithin}}
        THEN CAST(1 AS BIGINT)
      ELSE CAST(0 AS BIGINT)
    END AS renewal
  FROM requests
)
SELECT
  caller,
  max(caller_kind) AS caller_kind,
  max(account) AS account,
  role_arn AS role,
  count(*) AS sessions,
  CAST(sum(renewal) AS BIGINT) AS renewals,
  min(duration) AS shortest,
  max(longest) AS longest,
  sum(
    CASE WHEN renewal = 1 AND former_duration < longest THEN 1e0 - CAST(former_duration AS DOUBLE) / longest ELSE 0e0 END
  ) AS saved,
  avg(CASE WHEN renewal = 1 THEN CAST(former_duration AS DOUBLE) END) AS mean_duration
FROM judged
GROUP BY caller, role_arn
ORDER BY saved DESC, caller, role_arn
