-- Which findings were first seen in the last 7 days?
{{now of findings}}
SELECT account_id, severity, state, {{day first_seen}} AS first_seen, rule, principal_arn, title
FROM findings_now
WHERE state IN ('new', 'open', 'suppressed') AND {{day first_seen}} > {{days ago 7}}
ORDER BY CASE severity WHEN 'critical' THEN 1 WHEN 'high' THEN 2 WHEN 'medium' THEN 3 ELSE 4 END, account_id, principal_arn, rule, finding_id
