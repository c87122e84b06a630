-- The user agents of each caller, those with the most calls first.
WITH by_agent AS (
  SELECT caller, user_agent, count(*) AS calls, CAST(sum(refused) AS BIGINT) AS refused, max(invoked_by) AS invoked_by
  FROM calls
  GROUP BY caller, user_agent
),
ranked AS (
  SELECT by_agent.*, row_number() OVER (PARTITION BY caller ORDER BY calls DESC, user_agent) AS place
  FROM by_agent
)
SELECT caller, user_agent, calls, refused, invoked_by
FROM ranked
WHERE place <= 5
ORDER BY caller, place
