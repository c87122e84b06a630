-- The last day of each account. An account that could not be read today has the rows of an earlier day.
latest AS (
  SELECT account_id, max("date") AS last_date
  FROM runs
  WHERE "date" BETWEEN {{days ago 7}} AND {{days ago 0}} AND tables_written
  GROUP BY account_id
)
