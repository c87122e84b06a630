-- Which users and roles can become an administrator, how certainly, and in how many steps?
{{now of access_paths}},
ranked AS (
  SELECT
    account_id,
    principal_arn,
    certainty,
    steps,
    by_action,
    end_arn,
    row_number() OVER (
      PARTITION BY account_id, principal_arn
      ORDER BY CASE certainty WHEN 'certain' THEN 1 WHEN 'conditional' THEN 2 ELSE 3 END, steps, path
    ) AS place
  FROM access_paths_now
  WHERE gain = 'administrator' AND step = 1
)
SELECT account_id, principal_arn, certainty, steps, by_action AS first_action, end_arn AS ends_as
FROM ranked
WHERE place = 1
ORDER BY account_id, CASE certainty WHEN 'certain' THEN 1 WHEN 'conditional' THEN 2 ELSE 3 END, steps, principal_arn
