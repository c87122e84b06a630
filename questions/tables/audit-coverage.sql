-- When was each account last audited completely, and what is missing since?
WITH days AS (
  SELECT
    account_id,
    account_name,
    "date",
    status,
    error_code,
    principals,
    principals_complete,
    row_number() OVER (PARTITION BY account_id ORDER BY run_started_at DESC, run_id DESC) AS place,
    max(CASE WHEN status = 'COMPLETE' AND tables_written THEN "date" END) OVER (PARTITION BY account_id) AS last_complete
  FROM runs
  WHERE "date" BETWEEN {{days ago 30}} AND {{days ago 0}}
)
SELECT
  account_id,
  account_name,
  "date" AS last_audit,
  status,
  error_code,
  principals,
  principals - principals_complete AS without_complete_evidence,
  last_complete
FROM days
WHERE place = 1
ORDER BY CASE status WHEN 'FAILED' THEN 1 WHEN 'PARTIAL' THEN 2 ELSE 3 END, account_id
