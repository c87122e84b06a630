-- Callers that change the same policy, role, user or group again and again. Changes by services and by CloudFormation
-- are not counted.
WITH writes AS (
  SELECT caller, caller_kind, account, operation, target, sec, minute, user_agent
  FROM calls
  WHERE service = 'iam' AND failed = 0 AND from_service = 0 AND invoked_by IS NULL AND target IS NOT NULL
    AND operation IN (
      'CreatePolicyVersion', 'DeletePolicyVersion', 'SetDefaultPolicyVersion',
      'PutRolePolicy', 'PutUserPolicy', 'PutGroupPolicy', 'DeleteRolePolicy', 'DeleteUserPolicy', 'DeleteGroupPolicy',
      'AttachRolePolicy', 'AttachUserPolicy', 'AttachGroupPolicy', 'DetachRolePolicy', 'DetachUserPolicy', 'DetachGroupPolicy',
      'PutRolePermissionsBoundary', 'PutUserPermissionsBoundary', 'DeleteRolePermissionsBoundary', 'DeleteUserPermissionsBoundary',
      'UpdateAssumeRolePolicy'
    )
),
minutes AS (
  SELECT caller, target, minute, count(*) AS writes FROM writes GROUP BY caller, target, minute
),
hours AS (
  SELECT
    caller, target,
    count(*) OVER (PARTITION BY caller, target ORDER BY minute RANGE BETWEEN 3599 PRECEDING AND CURRENT ROW) AS minutes_in_hour,
    sum(writes) OVER (PARTITION BY caller, target ORDER BY minute RANGE BETWEEN 3599 PRECEDING AND CURRENT ROW) AS writes_in_hour
  FROM minutes
),
peaks AS (
  SELECT caller, target, max(minutes_in_hour) AS busiest_minutes, CAST(max(writes_in_hour) AS BIGINT) AS busiest_writes
  FROM hours
  GROUP BY caller, target
),
targets AS (
  SELECT
    caller, target,
    max(caller_kind) AS caller_kind,
    max(account) AS account,
    count(*) AS writes,
    count(DISTINCT minute) AS minutes,
    max(user_agent) AS user_agent
  FROM writes
  GROUP BY caller, target
),
operations AS (
  SELECT
    caller, target, 'iam:' || operation AS operation,
    row_number() OVER (PARTITION BY caller, target ORDER BY count(*) DESC, operation) AS place
  FROM writes
  GROUP BY caller, target, operation
)
SELECT
  targets.caller AS caller, targets.target AS target, targets.caller_kind AS caller_kind, targets.account AS account,
  targets.writes AS writes, targets.minutes AS minutes, peaks.busiest_minutes AS busiest_minutes,
  peaks.busiest_writes AS busiest_writes, targets.user_agent AS user_agent,
  operations.operation AS operation
FROM targets
JOIN peaks ON peaks.caller = targets.caller AND peaks.target = targets.target
JOIN operations ON operations.caller = targets.caller AND operations.target = targets.target AND operations.place = 1
ORDER BY targets.writes DESC, targets.caller, targets.target
