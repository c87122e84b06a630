-- How long callers wait before they repeat a throttled call. Calls with the same parameters by the same process, each
-- soon after a throttled one, are one chain of retries. Means over many retries are exact although times have whole
-- seconds. Calls that several processes make at once are not used, and throttled calls whose parameters are not recorded
-- are not used.
-- If the time to the next call is about the same after a second with a served call as after a second with throttled
-- calls only, the calls are counted, but not used either: several threads make the same call, and the next call is another thread's.
-- The waits of the SDK that waits least are the measure. Between retries of one thread, calls of others come in between:
-- so the expected time to the next call is shorter, the more often calls follow served ones.
WITH throttled_operations AS (
  SELECT
    caller,
    user_agent,
    service,
    operation,
    -- If no successful call has parameters, this caller's calls to the operation have none: GetAccountSummary takes none.
    CASE WHEN sum(1 - failed) > 0 AND sum(CASE WHEN params IS NOT NULL THEN 1 ELSE 0 END) = 0 THEN 1 ELSE 0 END AS has_no_params
  FROM calls
  WHERE from_service = 0
  GROUP BY caller, user_agent, service, operation
  HAVING sum(refused) > 0
),
repeatable AS (
  SELECT
    calls.caller AS caller,
    calls.service AS service,
    calls.operation AS operation,
    calls.user_agent AS user_agent,
    calls.access_key AS access_key,
    calls.ip AS ip,
    coalesce(calls.params, '') AS params,
    calls.sec AS sec,
    calls.refused AS refused,
    calls.call_id AS call_id
  FROM calls
  JOIN throttled_operations ON throttled_operations.caller = calls.caller
    AND coalesce(throttled_operations.user_agent, '') = coalesce(calls.user_agent, '')
    AND throttled_operations.service = calls.service AND throttled_operations.operation = calls.operation
  WHERE calls.from_service = 0 AND (calls.params IS NOT NULL OR throttled_operations.has_no_params = 1)
),
attempts AS (
  SELECT
    caller,
    service || ':' || operation AS operation,
    user_agent,
    access_key,
    ip,
    params,
    sec,
    refused,
    call_id,
    lag(sec) OVER (
      PARTITION BY caller, access_key, ip, user_agent, service, operation, params ORDER BY sec, refused DESC, call_id
    ) AS former_sec,
    lag(refused) OVER (
      PARTITION BY caller, access_key, ip, user_agent, service, operation, params ORDER BY sec, refused DESC, call_id
    ) AS former_refused,
    count(*) OVER (PARTITION BY caller, access_key, ip, user_agent, service, operation, params, sec) AS side_by_side,
    sum(1 - refused) OVER (PARTITION BY caller, access_key, ip, user_agent, service, operation, params, sec) AS served_in_second,
    min(sec) OVER (
      PARTITION BY caller, access_key, ip, user_agent, service, operation, params ORDER BY sec
      RANGE BETWEEN 1 FOLLOWING AND {{retryWithin}} FOLLOWING
    ) - sec AS next_second
  FROM repeatable
),
marked AS (
  SELECT
    attempts.*,
    CASE WHEN former_refused = 1 AND sec - former_sec <= {{retryWithin}} THEN 1 ELSE 0 END AS is_retry,
    CAST(sec - former_sec AS DOUBLE) AS gap
  FROM attempts
),
chains AS (
  SELECT
    marked.*,
    sum(1 - is_retry) OVER (
      PARTITION BY caller, access_key, ip, user_agent, operation, params ORDER BY sec, refused DESC, call_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS chain,
    avg(CASE WHEN served_in_second = 0 THEN CAST(next_second AS DOUBLE) END) OVER (
      PARTITION BY caller, access_key, ip, user_agent, operation
    ) AS after_refused,
    avg(CASE WHEN served_in_second > 0 THEN CAST(coalesce(next_second, {{retryWithin}}) AS DOUBLE) END) OVER (
      PARTITION BY caller, access_key, ip, user_agent, operation
    ) AS after_served,
    avg(CASE WHEN refused = 0 THEN CAST(served_in_second AS DOUBLE) END) OVER (
      PARTITION BY caller, access_key, ip, user_agent, operation
    ) AS served_at_once
  FROM marked
),
numbered AS (
  SELECT
    chains.*,
    row_number() OVER (
      PARTITION BY caller, access_key, ip, user_agent, operation, params, chain ORDER BY sec, refused DESC, call_id
    ) - 1 AS retry,
    max(side_by_side) OVER (PARTITION BY caller, access_key, ip, user_agent, operation, params, chain) AS most_side_by_side
  FROM chains
),
judged AS (
  SELECT
    caller,
    user_agent,
    CASE
      WHEN most_side_by_side <= {{callsOfOneProcess}}
        -- If no second has throttled calls only, all retries happen in the second of their throttled call.
        AND (after_served IS NULL OR after_served >= {{retrySooner}} * coalesce(after_refused, 1e0))
        -- More served calls in one second than calls at random times have: a process starts several of them at once.
        AND (served_at_once IS NULL OR served_at_once <= 125e-2 + 1e0 / (after_served - 5e-1))
        THEN retry
    END AS retry,
    gap,
    after_served
  FROM numbered
  WHERE is_retry = 1
),
sdk_waits AS (
  SELECT
    judged.*,
    -- 1e0, 2e0 or 4e0 times the wait before the first retry; the divisor is that of calls of others at random times.
    CASE WHEN retry = 1 THEN 1e0 WHEN retry = 2 THEN 2e0 WHEN retry = 3 THEN 4e0 END * {{sdkFirstWait}} AS sdk_wait
  FROM judged
),
waits AS (
  SELECT
    sdk_waits.*,
    CASE WHEN after_served IS NULL THEN sdk_wait ELSE sdk_wait / (1e0 + 2e0 / 3e0 * sdk_wait / (after_served - 5e-1)) END AS expected,
    -- If calls follow served ones sooner, they look like retries with a fixed wait.
    CASE WHEN retry >= 4 AND (after_served IS NULL OR after_served >= 4 * {{laterRetryGap}}) THEN gap END AS later_gap
  FROM sdk_waits
),
processes AS (
  SELECT
    caller,
    user_agent,
    CAST(sum(CASE WHEN retry = 1 THEN 1 ELSE 0 END) AS BIGINT) AS first_retries,
    avg(CASE WHEN retry = 1 THEN gap END) AS first_gap,
    avg(CASE WHEN retry = 1 THEN gap * gap END) AS first_square,
    avg(CASE WHEN retry = 1 THEN expected END) AS first_expected,
    CAST(sum(CASE WHEN retry IN (2, 3) THEN 1 ELSE 0 END) AS BIGINT) AS next_retries,
    avg(CASE WHEN retry IN (2, 3) THEN gap END) AS next_gap,
    avg(CASE WHEN retry IN (2, 3) THEN gap * gap END) AS next_square,
    avg(CASE WHEN retry IN (2, 3) THEN expected END) AS next_expected,
    CAST(sum(CASE WHEN retry >= 4 THEN 1 ELSE 0 END) AS BIGINT) AS later_retries,
    avg(later_gap) AS later_gap,
    avg(later_gap * later_gap) AS later_square,
    max(retry) AS longest_chain,
    count(*) AS repeated
  FROM waits
  GROUP BY caller, user_agent
),
refusals AS (
  SELECT
    calls.caller AS caller,
    calls.user_agent AS user_agent,
    max(caller_kind) AS caller_kind,
    max(account) AS account,
    count(*) AS calls,
    CAST(sum(refused) AS BIGINT) AS refused,
    -- Throttled calls whose parameters are not recorded, although the operation has some.
    CAST(sum(CASE WHEN refused = 1 AND params IS NULL AND coalesce(has_no_params, 0) = 0 THEN 1 ELSE 0 END) AS BIGINT) AS refused_unrecorded,
    min(sec) AS first_sec,
    max(sec) AS last_sec
  FROM calls
  LEFT JOIN throttled_operations ON throttled_operations.caller = calls.caller
    AND coalesce(throttled_operations.user_agent, '') = coalesce(calls.user_agent, '')
    AND throttled_operations.service = calls.service AND throttled_operations.operation = calls.operation
  WHERE from_service = 0
  GROUP BY calls.caller, calls.user_agent
  HAVING sum(refused) > 0
),
operations AS (
  SELECT
    caller,
    user_agent,
    service || ':' || operation AS operation,
    row_number() OVER (PARTITION BY caller, user_agent ORDER BY count(*) DESC, operation) AS place
  FROM calls
  WHERE from_service = 0 AND refused = 1
  GROUP BY caller, user_agent, service || ':' || operation, operation
)
SELECT
  refusals.caller AS caller,
  refusals.caller_kind AS caller_kind,
  refusals.account AS account,
  refusals.user_agent AS user_agent,
  operations.operation AS operation,
  refusals.calls AS calls,
  refusals.refused AS refused,
  refusals.refused_unrecorded AS refused_unrecorded,
  coalesce(processes.repeated, 0) AS repeated,
  refusals.first_sec AS first_sec,
  refusals.last_sec AS last_sec,
  coalesce(processes.first_retries, 0) AS first_retries,
  processes.first_gap AS first_gap,
  processes.first_square AS first_square,
  processes.first_expected AS first_expected,
  coalesce(processes.next_retries, 0) AS next_retries,
  processes.next_gap AS next_gap,
  processes.next_square AS next_square,
  processes.next_expected AS next_expected,
  coalesce(processes.later_retries, 0) AS later_retries,
  processes.later_gap AS later_gap,
  processes.later_square AS later_square,
  coalesce(processes.longest_chain, 0) AS longest_chain
FROM refusals
LEFT JOIN processes ON processes.caller = refusals.caller
  AND coalesce(processes.user_agent, '') = coalesce(refusals.user_agent, '')
LEFT JOIN operations ON operations.caller = refusals.caller
  AND coalesce(operations.user_agent, '') = coalesce(refusals.user_agent, '') AND operations.place = 1
ORDER BY refusals.refused DESC, refusals.caller, refusals.user_agent
