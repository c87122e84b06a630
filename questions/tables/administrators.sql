-- Which users and roles are administrators, and when was each last used?
{{now of principals}}
SELECT
  account_id,
  principal_arn,
  used,
  {{day last_used}} AS last_used,
  managed_by
FROM principals_now
WHERE administrator
ORDER BY account_id, principal_arn
