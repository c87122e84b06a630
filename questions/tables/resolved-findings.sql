-- Which findings of the last 30 days are resolved, and how long were they open?
{{now of findings}},
seen AS (
  SELECT
    account_id,
    finding_id,
    rule,
    max_by(severity, "date") AS severity,
    principal_arn,
    min(first_seen) AS first_seen,
    max("date") AS last_open
  FROM findings
  WHERE "date" BETWEEN {{days ago 30}} AND {{days ago 0}} AND state <> 'resolved'
  GROUP BY account_id, finding_id, rule, principal_arn
)
SELECT
  seen.account_id,
  seen.severity,
  seen.rule,
  seen.principal_arn,
  {{day seen.first_seen}} AS first_seen,
  seen.last_open,
  date_diff('day', CAST(seen.first_seen AS DATE), CAST(seen.last_open AS DATE)) + 1 AS days_open
FROM seen
JOIN latest ON latest.account_id = seen.account_id AND latest.last_date > seen.last_open
LEFT JOIN findings_now
  ON findings_now.account_id = seen.account_id
  AND findings_now.finding_id = seen.finding_id
  AND findings_now.state <> 'resolved'
WHERE findings_now.finding_id IS NULL
ORDER BY seen.last_open DESC, seen.account_id, seen.principal_arn, seen.rule, seen.finding_id
