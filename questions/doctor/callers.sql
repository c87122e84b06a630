-- Who used the rate up when calls were throttled. Each throttled call counts against the callers that were served at
-- that time, in proportion to what they were served in these ten seconds and, with less weight, in the twenty before.
-- Throttled calls don't use the rate up, so a caller with many throttled calls is not a cause for this reason.
WITH slots AS (
  SELECT
    pool,
    caller,
    sec - mod(sec, 10) AS slot,
    CAST(sum(1 - refused) AS BIGINT) AS served,
    CAST(sum(refused) AS BIGINT) AS refused
  FROM calls
  WHERE uses_limit = 1
  GROUP BY pool, caller, sec - mod(sec, 10)
),
refused_slots AS (
  SELECT pool, slot, CAST(sum(refused) AS BIGINT) AS refused FROM slots GROUP BY pool, slot HAVING sum(refused) > 0
),
lags AS (
  SELECT * FROM (VALUES (0, 1e0), (10, 5e-1), (20, 25e-2)) AS t (lag_seconds, weight)
),
pressures AS (
  SELECT
    refused_slots.pool AS pool,
    refused_slots.slot AS slot,
    refused_slots.refused AS refused,
    slots.caller AS caller,
    sum(slots.served * lags.weight) AS pressure
  FROM refused_slots
  CROSS JOIN lags
  JOIN slots ON slots.pool = refused_slots.pool AND slots.slot = refused_slots.slot - lags.lag_seconds
  GROUP BY refused_slots.pool, refused_slots.slot, refused_slots.refused, slots.caller
),
slot_pressures AS (
  SELECT pool, slot, sum(pressure) AS pressure FROM pressures GROUP BY pool, slot
),
blames AS (
  SELECT
    pressures.pool AS pool,
    pressures.caller AS caller,
    -- Retries without backoff multiply the throttled calls. So they count at most as much as the served calls.
    sum(
      CASE WHEN pressures.refused < slot_pressures.pressure THEN pressures.refused ELSE slot_pressures.pressure END
      * pressures.pressure / slot_pressures.pressure
    ) AS blame
  FROM pressures
  JOIN slot_pressures ON slot_pressures.pool = pressures.pool AND slot_pressures.slot = pressures.slot
  WHERE slot_pressures.pressure > 0
  GROUP BY pressures.pool, pressures.caller
),
pool_blames AS (
  SELECT pool, sum(blame) AS blame FROM blames GROUP BY pool
),
window_minutes AS (
  SELECT pool, slot - mod(slot, 60) AS minute FROM refused_slots
  UNION
  SELECT pool, slot - mod(slot, 60) - 60 AS minute FROM refused_slots
),
by_minute AS (
  SELECT
    calls.pool AS pool,
    calls.caller AS caller,
    calls.minute AS minute,
    count(*) AS calls,
    CAST(sum(calls.refused) AS BIGINT) AS refused,
    -- The user agent of the audit's own calls ends with its name.
    CAST(sum(CASE WHEN ' ' || calls.user_agent || ' ' LIKE '% iam-audit %' THEN 1 ELSE 0 END) AS BIGINT) AS audit_calls,
    max(calls.caller_kind) AS caller_kind,
    max(calls.account) AS account
  FROM calls
  JOIN window_minutes ON window_minutes.pool = calls.pool AND window_minutes.minute = calls.minute
  WHERE calls.uses_limit = 1
  GROUP BY calls.pool, calls.caller, calls.minute
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
by_pool AS (
  SELECT pool, CAST(sum(served) AS BIGINT) AS served, CAST(sum(refused) AS BIGINT) AS refused FROM by_caller GROUP BY pool
),
operations AS (
  SELECT
    calls.pool AS pool,
    calls.caller AS caller,
    calls.service || ':' || calls.operation AS operation,
    row_number() OVER (PARTITION BY calls.pool, calls.caller ORDER BY count(*) DESC, calls.operation) AS place,
    count(*) AS calls
  FROM calls
  JOIN window_minutes ON window_minutes.pool = calls.pool AND window_minutes.minute = calls.minute
  WHERE calls.uses_limit = 1
  GROUP BY calls.pool, calls.caller, calls.service || ':' || calls.operation, calls.operation
),
ranked AS (
  SELECT
    by_caller.pool AS pool,
    by_caller.caller AS caller,
    by_caller.caller_kind AS caller_kind,
    by_caller.account AS account,
    by_caller.served AS served,
    by_caller.refused AS refused,
    by_caller.audit_calls AS audit_calls,
    by_caller.peak_minute AS peak_minute,
    by_caller.minutes AS minutes,
    by_pool.served AS pool_served,
    by_pool.refused AS pool_refused,
    coalesce(blames.blame, 0e0) AS blame,
    coalesce(blames.blame / pool_blames.blame, 0e0) AS blame_share,
    operations.operation AS operation,
    row_number() OVER (PARTITION BY by_caller.pool ORDER BY coalesce(blames.blame, 0e0) DESC, by_caller.caller) AS place
  FROM by_caller
  JOIN by_pool ON by_pool.pool = by_caller.pool
  LEFT JOIN pool_blames ON pool_blames.pool = by_caller.pool AND pool_blames.blame > 0
  LEFT JOIN blames ON blames.pool = by_caller.pool AND blames.caller = by_caller.caller
  LEFT JOIN operations ON operations.pool = by_caller.pool AND operations.caller = by_caller.caller AND operations.place = 1
)
SELECT pool, place, caller, caller_kind, account, served, refused, audit_calls, peak_minute, minutes, pool_served, pool_refused, blame, blame_share, operation
FROM ranked
WHERE place <= 20
ORDER BY pool, place
