-- Callers that request a new session in the first half of the lifetime of an equal session. Sessions are equal if role,
-- session policies, tags, external ID, source identity and session name are equal; generated session names count as
-- one name. A process is identified by its access key and address: other processes can't use its cache. A program can
-- send another user agent with each call, so the user agent does not identify it.
-- Sessions without an access key (web identity, SAML) are not used, because their processes can't be distinguished:
-- many pods have one identity and one address. The query of the totals counts them.
-- SDKs renew sessions 5 to 15 minutes before their end, so only requests in the first half are avoidable.
WITH requests AS (
  SELECT
    caller, caller_kind, account, access_key, ip, operation, call_id, sec, duration,
    coalesce(role_arn, operation) AS role,
    session_limits,
    coalesce(session_name, '') AS session_name,
    coalesce(session_pattern, '') AS session_pattern
  FROM calls
  WHERE service = 'sts' AND operation IN ('AssumeRole', 'GetSessionToken', 'GetFederationToken')
    AND failed = 0 AND from_service = 0 AND invoked_by IS NULL AND access_key IS NOT NULL
),
-- If a process requests equal sessions at a high rate, and hardly any session name is used again, the names are generated,
-- unless they look like those of persons, with an @ or a dot, and without a generated part.
hourly AS (
  SELECT
    requests.*,
    count(*) OVER (
      PARTITION BY caller, access_key, ip, role, session_limits ORDER BY sec
      RANGE BETWEEN 3599 PRECEDING AND CURRENT ROW
    ) AS in_hour
  FROM requests
),
purposes AS (
  SELECT
    caller, access_key, ip, role, session_limits,
    CASE WHEN 10 * count(DISTINCT session_name) >= 8 * count(*) THEN 1 ELSE 0 END AS are_new,
    CASE
      WHEN 2 * sum(
        CASE WHEN session_pattern = session_name AND (session_name LIKE '_%@_%' OR session_name LIKE '_%._%') THEN 1 ELSE 0 END
      ) >= count(*) THEN 1
      ELSE 0
    END AS are_persons,
    max(in_hour) AS busiest
  FROM hourly
  GROUP BY caller, access_key, ip, role, session_limits
),
-- A name that is used again belongs to a person, a tenant or a process. A name that is used once is generated for the call.
names AS (
  SELECT
    caller, access_key, ip, role, session_limits, session_pattern,
    CASE WHEN count(*) >= 2 * count(DISTINCT session_name) THEN 1 ELSE 0 END AS are_reused
  FROM requests
  GROUP BY caller, access_key, ip, role, session_limits, session_pattern
),
keyed AS (
  SELECT
    requests.caller AS caller, requests.caller_kind AS caller_kind, requests.account AS account,
    requests.access_key AS access_key, requests.ip AS ip,
    requests.call_id AS call_id, requests.sec AS sec, requests.duration AS duration, requests.role AS role,
    requests.session_limits AS session_limits,
    CASE
      WHEN purposes.are_new = 1 AND purposes.are_persons = 0 AND purposes.busiest >= {{newNamesPerHour}} THEN ''
      WHEN names.are_reused = 1 THEN requests.session_name
      ELSE requests.session_pattern
    END AS session_name,
    CASE
      WHEN purposes.are_new = 1 AND (purposes.are_persons = 1 OR purposes.busiest < {{newNamesPerHour}})
        AND purposes.busiest >= {{avoidablePerHour}} AND requests.session_pattern = requests.session_name
        THEN CAST(1 AS BIGINT)
      ELSE CAST(0 AS BIGINT)
    END AS unsure,
    -- Nothing in the name shows that it is generated: it is assumed, because so many names are used once.
    CASE
      WHEN purposes.are_new = 1 AND purposes.are_persons = 0 AND purposes.busiest >= {{newNamesPerHour}}
        AND requests.session_pattern = requests.session_name
        THEN CAST(1 AS BIGINT)
      ELSE CAST(0 AS BIGINT)
    END AS assumed
  FROM requests
  JOIN purposes ON purposes.caller = requests.caller AND purposes.access_key = requests.access_key
    AND coalesce(purposes.ip, '') = coalesce(requests.ip, '')
    AND purposes.role = requests.role AND purposes.session_limits = requests.session_limits
  JOIN names ON names.caller = requests.caller AND names.access_key = requests.access_key
    AND coalesce(names.ip, '') = coalesce(requests.ip, '')
    AND names.role = requests.role AND names.session_limits = requests.session_limits
    AND names.session_pattern = requests.session_pattern
),
ordered AS (
  SELECT
    keyed.*,
    lag(sec) OVER (
      PARTITION BY caller, access_key, ip, role, session_limits, session_name ORDER BY sec, call_id
    ) AS former_sec,
    lag(duration) OVER (
      PARTITION BY caller, access_key, ip, role, session_limits, session_name ORDER BY sec, call_id
    ) AS former_duration
  FROM keyed
),
judged AS (
  SELECT
    ordered.*,
    CASE WHEN former_sec IS NOT NULL AND 2 * (sec - former_sec) < former_duration THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS avoidable
  FROM ordered
),
-- Jobs that are restarted, and processes that run at the same time, make a few requests an hour for the same session.
keyed_hours AS (
  SELECT
    judged.*,
    sum(avoidable) OVER (
      PARTITION BY caller, access_key, ip, role, session_limits, session_name ORDER BY sec
      RANGE BETWEEN 3599 PRECEDING AND CURRENT ROW
    ) AS key_hour
  FROM judged
),
counted AS (
  SELECT
    keyed_hours.*,
    CASE WHEN avoidable = 1 AND key_hour > {{avoidableAllowed}} THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS excess
  FROM keyed_hours
),
process_hours AS (
  SELECT
    counted.*,
    sum(excess) OVER (
      PARTITION BY caller, access_key, ip ORDER BY sec RANGE BETWEEN 3599 PRECEDING AND CURRENT ROW
    ) AS process_hour,
    sum(avoidable) OVER (PARTITION BY caller, access_key, ip) AS process_avoidable,
    count(*) OVER (PARTITION BY caller, access_key, ip) AS process_calls
  FROM counted
),
process_peaks AS (
  SELECT
    process_hours.*,
    max(process_hour) OVER (PARTITION BY caller, access_key, ip) AS process_peak
  FROM process_hours
),
-- Several processes with one address and key, each with its own cache, request a few sessions at the same time.
suspects AS (
  SELECT
    process_peaks.*,
    CASE
      WHEN process_avoidable >= {{avoidableShare}} * process_calls AND process_peak >= {{avoidablePerProcessAndHour}}
        THEN CAST(1 AS BIGINT)
      ELSE CAST(0 AS BIGINT)
    END AS suspect
  FROM process_peaks
),
hours AS (
  SELECT
    suspects.*,
    sum(excess * suspect) OVER (PARTITION BY caller ORDER BY sec RANGE BETWEEN 3599 PRECEDING AND CURRENT ROW) AS hour
  FROM suspects
),
by_role AS (
  SELECT
    caller, role,
    row_number() OVER (PARTITION BY caller ORDER BY sum(avoidable * suspect) DESC, count(*) DESC, role) AS place
  FROM suspects
  GROUP BY caller, role
),
by_caller AS (
  SELECT
    caller,
    max(caller_kind) AS caller_kind,
    max(account) AS account,
    count(*) AS sessions,
    CAST(sum(suspect) AS BIGINT) AS suspect_sessions,
    CAST(sum(unsure) AS BIGINT) AS unsure_sessions,
    CAST(sum(assumed * suspect) AS BIGINT) AS assumed_sessions,
    CAST(sum(avoidable * suspect) AS BIGINT) AS avoidable,
    CAST(max(hour) AS BIGINT) AS busiest_hour,
    CAST(count(DISTINCT CASE WHEN suspect = 1 THEN access_key || ' ' || coalesce(ip, '') END) AS BIGINT) AS processes,
    count(DISTINCT role) AS roles,
    min(duration) AS shortest,
    min(sec) AS first_sec,
    max(sec) AS last_sec
  FROM hours
  GROUP BY caller
)
SELECT
  by_caller.caller AS caller, caller_kind, account, sessions, suspect_sessions, unsure_sessions, assumed_sessions, avoidable, busiest_hour,
  processes, roles, shortest, first_sec, last_sec, by_role.role AS role
FROM by_caller
JOIN by_role ON by_role.caller = by_caller.caller AND by_role.place = 1
ORDER BY avoidable DESC, sessions DESC, by_caller.caller
