-- Which users and roles were created or deleted in the last 7 days?
{{now of principals}},
deleted AS (
  SELECT
    earlier.account_id,
    earlier.principal_arn,
    earlier.principal_id,
    min(earlier.created_at) AS created_at,
    max(earlier."date") AS last_seen
  FROM principals AS earlier
  JOIN latest ON latest.account_id = earlier.account_id
  LEFT JOIN principals_now
    ON principals_now.account_id = earlier.account_id AND principals_now.principal_id = earlier.principal_id
  WHERE earlier."date" BETWEEN {{days ago 7}} AND {{days ago 0}} AND principals_now.principal_id IS NULL
  GROUP BY earlier.account_id, earlier.principal_arn, earlier.principal_id
)
SELECT 'created' AS change, account_id, principal_arn, {{day created_at}} AS created, administrator, sensitive_actions
FROM principals_now
WHERE {{day created_at}} > {{days ago 7}}
UNION ALL
SELECT 'deleted after ' || last_seen, account_id, principal_arn, {{day created_at}}, NULL, NULL
FROM deleted
ORDER BY account_id, change, principal_arn
