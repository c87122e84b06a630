-- Which users have an active access key that is older than 90 days?
{{now of principals}}
SELECT
  account_id,
  principal_arn,
  active_access_keys,
  date_diff('day', CAST(oldest_access_key AS DATE), current_date) AS days_old,
  {{day access_key_last_used}} AS last_used
FROM principals_now
WHERE active_access_keys > 0 AND {{day oldest_access_key}} < {{days ago 90}}
ORDER BY days_old DESC, account_id, principal_arn
