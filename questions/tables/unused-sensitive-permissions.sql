-- Which sensitive actions are allowed to users and roles that never used them?
{{now of permissions}}
SELECT
  account_id,
  action,
  categories,
  count(*) AS allowed_to,
  count(CASE WHEN used = 'never' THEN 1 END) AS never_used
FROM permissions_now
WHERE decision = 'allowed' AND resource = '*'
GROUP BY account_id, action, categories
HAVING count(CASE WHEN used = 'never' THEN 1 END) > 0
ORDER BY never_used DESC, account_id, action
