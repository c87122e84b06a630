-- Which users have a console password and no MFA device?
{{now of principals}}
SELECT
  account_id,
  principal_arn,
  {{day password_last_used}} AS password_last_used,
  administrator,
  sensitive_actions
FROM principals_now
WHERE principal_type = 'user' AND password_enabled AND NOT mfa_active
ORDER BY sensitive_actions DESC NULLS LAST, account_id, principal_arn
