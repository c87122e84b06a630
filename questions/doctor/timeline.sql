-- Served and throttled calls by minute, for the callers with the most calls of each pool. The others are one row.
WITH ranked AS (
  SELECT
    pool,
    caller,
    row_number() OVER (PARTITION BY pool ORDER BY count(*) DESC, caller) AS place
  FROM calls
  WHERE uses_limit = 1
  GROUP BY pool, caller
)
SELECT
  calls.pool AS pool,
  calls.minute AS minute,
  CASE WHEN ranked.place <= 8 THEN calls.caller ELSE 'others' END AS caller,
  CAST(sum(1 - calls.refused) AS BIGINT) AS served,
  CAST(sum(calls.refused) AS BIGINT) AS refused
FROM calls
JOIN ranked ON ranked.pool = calls.pool AND ranked.caller = calls.caller
WHERE calls.uses_limit = 1
GROUP BY calls.pool, calls.minute, CASE WHEN ranked.place <= 8 THEN calls.caller ELSE 'others' END
ORDER BY 1, 2, 3
