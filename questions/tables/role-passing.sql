-- Which users and roles can pass a role to a service, and on which resources?
{{now of permissions}}
SELECT account_id, principal_arn, resource, conditions
FROM permissions_now
WHERE
  action = 'iam:PassRole'
  -- A denial that lacked a condition key, such as iam:PassedToService, may be none for some values of it.
  AND (decision = 'allowed' OR (decision = 'implicitDeny' AND conditions IS NOT NULL))
ORDER BY account_id, principal_arn, resource
