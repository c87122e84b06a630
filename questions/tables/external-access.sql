-- Which roles can be assumed from outside the organization, and since when is that known?
{{now of findings}}
SELECT account_id, severity, state, principal_arn, title, {{day first_seen}} AS first_seen
FROM findings_now
WHERE
  rule IN ('assumable-by-anyone', 'assumable-from-outside', 'confused-deputy', 'oidc-without-subject')
  AND state <> 'resolved'
ORDER BY CASE severity WHEN 'critical' THEN 1 WHEN 'high' THEN 2 WHEN 'medium' THEN 3 ELSE 4 END, account_id, principal_arn, rule
