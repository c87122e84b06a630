-- Minutes with a throttled call, and the minute before each: a burst late in one minute throttles calls in the next.
WITH by_minute AS (
  SELECT pool, minute, count(*) AS calls, CAST(sum(refused) AS BIGINT) AS refused
  FROM calls
  WHERE uses_limit = 1
  GROUP BY pool, minute
),
marked AS (
  SELECT pool, minute FROM by_minute WHERE refused > 0
  UNION
  SELECT pool, minute - 60 AS minute FROM by_minute WHERE refused > 0
)
SELECT
  marked.pool AS pool,
  marked.minute AS minute,
  coalesce(by_minute.calls - by_minute.refused, 0) AS served,
  coalesce(by_minute.refused, 0) AS refused
FROM marked
LEFT JOIN by_minute ON by_minute.pool = marked.pool AND by_minute.minute = marked.minute
ORDER BY marked.pool, marked.minute
