-- Which users and roles can pass a role to a service, and on which resources?
{{now of permissions}}
SELECT account_id, principal_arn, resource, conditions
FROM permissions_now
WHERE action = 'iam:PassRole' AND decision = 'allowed'
ORDER BY account_id, principal_arn, resource
