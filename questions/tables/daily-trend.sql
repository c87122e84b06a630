-- How did users and roles, administrators and findings change over the last 30 days?
WITH people AS (
  SELECT
    "date",
    count(*) AS principals,
    count(CASE WHEN administrator THEN 1 END) AS administrators,
    count(CASE WHEN used = 'never' THEN 1 END) AS never_used
  FROM principals
  WHERE "date" BETWEEN {{days ago 30}} AND {{days ago 0}}
  GROUP BY "date"
),
open_findings AS (
  SELECT
    "date",
    count(CASE WHEN severity IN ('critical', 'high') THEN 1 END) AS critical_or_high,
    count(*) AS findings
  FROM findings
  WHERE "date" BETWEEN {{days ago 30}} AND {{days ago 0}} AND state IN ('new', 'open')
  GROUP BY "date"
)
SELECT
  people."date",
  people.principals,
  people.administrators,
  people.never_used,
  coalesce(open_findings.critical_or_high, 0) AS critical_or_high,
  coalesce(open_findings.findings, 0) AS findings
FROM people
LEFT JOIN open_findings ON open_findings."date" = people."date"
ORDER BY people."date"
