-- Which users and roles, at least 90 days old, were not used in the last 90 days?
{{now of principals}}
SELECT
  account_id,
  principal_arn,
  used,
  {{day last_used}} AS last_used,
  date_diff('day', CAST(coalesce(last_used, created_at) AS DATE), current_date) AS days_idle,
  sensitive_actions
FROM principals_now
WHERE
  used <> 'unknown'
  AND coalesce(managed_by, 'account') <> 'service'
  AND {{day created_at}} <= {{days ago 90}}
  AND (used = 'never' OR {{day last_used}} <= {{days ago 90}})
ORDER BY days_idle DESC, account_id, principal_arn
