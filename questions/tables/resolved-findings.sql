-- Which findings of the last 30 days are resolved, and how long were they open?
{{now of findings}},
last_open AS (
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
  last_open.account_id,
  last_open.severity,
  last_open.rule,
  last_open.principal_arn,
  {{day last_open.first_seen}} AS first_seen,
  last_open.last_open,
  date_diff('day', CAST(last_open.first_seen AS DATE), CAST(last_open.last_open AS DATE)) + 1 AS days_open
FROM last_open
JOIN latest ON latest.account_id = last_open.account_id AND latest.last_date > last_open.last_open
LEFT JOIN findings_now
  ON findings_now.account_id = last_open.account_id
  AND findings_now.finding_id = last_open.finding_id
  AND findings_now.state <> 'resolved'
WHERE findings_now.finding_id IS NULL
ORDER BY last_open.last_open DESC, last_open.account_id, last_open.principal_arn, last_open.rule, last_open.finding_id
