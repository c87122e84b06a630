-- How many findings does each account have, by severity?
{{now of findings}}
SELECT
  account_id,
  count(CASE WHEN severity = 'critical' AND state <> 'suppressed' THEN 1 END) AS critical,
  count(CASE WHEN severity = 'high' AND state <> 'suppressed' THEN 1 END) AS high,
  count(CASE WHEN severity = 'medium' AND state <> 'suppressed' THEN 1 END) AS medium,
  count(CASE WHEN severity = 'low' AND state <> 'suppressed' THEN 1 END) AS low,
  count(CASE WHEN state = 'suppressed' THEN 1 END) AS suppressed,
  {{day min(first_seen)}} AS oldest
FROM findings_now
WHERE state <> 'resolved'
GROUP BY account_id
ORDER BY critical DESC, high DESC, medium DESC, low DESC, account_id
