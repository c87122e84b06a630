-- How long callers wait before they repeat a throttled call. Calls with the same parameters by the same process, each
-- soon after a throttled one, are one chain of retries. Means over many retries are exact although times have whole
-- seconds. Calls that several processes make at once are not used, and calls without parameters are not used.
-- If the time to the next call is about the same after a second with a served call as after a second with throttled
-- calls only, the calls are not used either: several threads make the same call, and the next call is another thread's.
WITH attempts AS (
  SELECT
    caller,
    caller_kind,
    account,
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
    max(1 - refused) OVER (PARTITION BY caller, access_key, ip, user_agent, service, operation, params, sec) AS served_in_second,
    min(sec) OVER (
      PARTITION BY caller, access_key, ip, user_agent, service, operation, params ORDER BY sec
      RANGE BETWEEN 1 FOLLOWING AND {{retryWithin}} FOLLOWING
    ) - sec AS next_second
  FROM calls
  WHERE from_service = 0 AND params IS NOT NULL
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
    avg(CASE WHEN served_in_second = 1 THEN CAST(coalesce(next_second, {{retryWithin}}) AS DOUBLE) END) OVER (
      PARTITION BY caller, access_key, ip, user_agent, operation
    ) AS after_served
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
processes AS (
  SELECT
    caller,
    max(caller_kind) AS caller_kind,
    max(account) AS account,
    user_agent,
    CAST(sum(CASE WHEN retry = 1 THEN 1 ELSE 0 END) AS BIGINT) AS first_retries,
    avg(CASE WHEN retry = 1 THEN gap END) AS first_gap,
    avg(CASE WHEN retry = 1 THEN gap * gap END) AS first_square,
    CAST(sum(CASE WHEN retry IN (2, 3) THEN 1 ELSE 0 END) AS BIGINT) AS next_retries,
    avg(CASE WHEN retry IN (2, 3) THEN gap END) AS next_gap,
    avg(CASE WHEN retry IN (2, 3) THEN gap * gap END) AS next_square,
    CAST(sum(CASE WHEN retry >= 4 THEN 1 ELSE 0 END) AS BIGINT) AS later_retries,
    avg(CASE WHEN retry >= 4 THEN gap END) AS later_gap,
    avg(CASE WHEN retry >= 4 THEN gap * gap END) AS later_square,
    max(retry) AS longest_chain
  FROM numbered
  WHERE most_side_by_side <= {{callsOfOneProcess}} AND is_retry = 1
    -- If no second has throttled calls only, all retries happen in the second of their throttled call.
    AND (after_served IS NULL OR after_served >= {{retrySooner}} * coalesce(after_refused, 1e0))
  GROUP BY caller, user_agent
),
refusals AS (
  SELECT
    caller,
    user_agent,
    max(caller_kind) AS caller_kind,
    max(account) AS account,
    count(*) AS calls,
    CAST(sum(refused) AS BIGINT) AS refused,
    min(sec) AS first_sec,
    max(sec) AS last_sec
  FROM calls
  WHERE from_service = 0
  GROUP BY caller, user_agent
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
  refusals.first_sec AS first_sec,
  refusals.last_sec AS last_sec,
  coalesce(processes.first_retries, 0) AS first_retries,
  processes.first_gap AS first_gap,
  processes.first_square AS first_square,
  coalesce(processes.next_retries, 0) AS next_retries,
  processes.next_gap AS next_gap,
  processes.next_square AS next_square,
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
