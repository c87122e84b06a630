-- Callers that change the same policy, role, user or group again and again, and callers that create and delete policies,
-- or roles and users with a policy, again and again. Changes by services and by CloudFormation are not counted.
WITH changes AS (
  SELECT
    caller, caller_kind, account, operation, target, sec, minute,
    CASE WHEN operation IN ('CreatePolicy', 'DeletePolicy') THEN 'policy' ELSE 'identity' END AS kind,
    CASE WHEN operation IN ('CreatePolicy', 'CreateRole', 'CreateUser', 'CreateGroup') THEN 1 ELSE 0 END AS creates,
    CASE WHEN operation IN ('DeletePolicy', 'DeleteRole', 'DeleteUser', 'DeleteGroup') THEN 1 ELSE 0 END AS deletes
  FROM calls
  WHERE service = 'iam' AND failed = 0 AND from_service = 0 AND invoked_by IS NULL
    AND operation IN (
      'CreatePolicy', 'DeletePolicy', 'CreateRole', 'DeleteRole', 'CreateUser', 'DeleteUser', 'CreateGroup', 'DeleteGroup',
      'CreatePolicyVersion', 'DeletePolicyVersion', 'SetDefaultPolicyVersion',
      'PutRolePolicy', 'PutUserPolicy', 'PutGroupPolicy', 'DeleteRolePolicy', 'DeleteUserPolicy', 'DeleteGroupPolicy',
      'AttachRolePolicy', 'AttachUserPolicy', 'AttachGroupPolicy', 'DetachRolePolicy', 'DetachUserPolicy', 'DetachGroupPolicy',
      'PutRolePermissionsBoundary', 'PutUserPermissionsBoundary', 'DeleteRolePermissionsBoundary', 'DeleteUserPermissionsBoundary',
      'UpdateAssumeRolePolicy'
    )
),
-- Whether one caller creates a role, user or group, gives it a policy, and deletes it.
lives AS (
  SELECT
    changes.*,
    CASE
      WHEN sum(creates) OVER (PARTITION BY caller, kind, target) > 0
        AND sum(deletes) OVER (PARTITION BY caller, kind, target) > 0
        AND sum(1 - creates - deletes) OVER (PARTITION BY caller, kind, target) > 0
        THEN 1
      ELSE 0
    END AS is_short
  FROM changes
),
-- One key for each habit: a target that is changed, all short-lived policies, or all short-lived roles, users and groups.
writes AS (
  SELECT
    caller, caller_kind, account, operation, target, sec, minute, creates, deletes,
    CASE WHEN creates + deletes = 0 THEN target WHEN kind = 'policy' THEN 'policies' ELSE 'identities' END AS habit,
    CAST(creates + deletes AS BIGINT) AS is_lifecycle
  FROM lives
  WHERE kind = 'policy' OR (target IS NOT NULL AND (creates + deletes = 0 OR is_short = 1))
),
-- A new policy is created once, whatever follows. So a policy, role, user or group counts when it is created.
minutes AS (
  SELECT caller, habit, is_lifecycle, minute, count(*) AS writes
  FROM writes
  WHERE is_lifecycle = 0 OR creates = 1
  GROUP BY caller, habit, is_lifecycle, minute
),
hours AS (
  SELECT
    caller, habit, is_lifecycle,
    count(*) OVER (PARTITION BY caller, habit, is_lifecycle ORDER BY minute RANGE BETWEEN 3599 PRECEDING AND CURRENT ROW) AS minutes_in_hour,
    sum(writes) OVER (PARTITION BY caller, habit, is_lifecycle ORDER BY minute RANGE BETWEEN 3599 PRECEDING AND CURRENT ROW) AS writes_in_hour
  FROM minutes
),
peaks AS (
  SELECT
    caller, habit, is_lifecycle,
    count(*) AS minutes,
    max(minutes_in_hour) AS busiest_minutes,
    CAST(max(writes_in_hour) AS BIGINT) AS busiest_writes
  FROM hours
  GROUP BY caller, habit, is_lifecycle
),
habits AS (
  SELECT
    caller, habit, is_lifecycle,
    coalesce(max(target), habit) AS target,
    max(caller_kind) AS caller_kind,
    max(account) AS account,
    count(*) AS writes,
    CAST(sum(creates) AS BIGINT) AS created,
    CAST(sum(deletes) AS BIGINT) AS deleted,
    min(sec) AS first_sec,
    max(sec) AS last_sec
  FROM writes
  GROUP BY caller, habit, is_lifecycle
),
operations AS (
  SELECT
    caller, habit, is_lifecycle, 'iam:' || operation AS operation,
    row_number() OVER (PARTITION BY caller, habit, is_lifecycle ORDER BY count(*) DESC, operation) AS place
  FROM writes
  GROUP BY caller, habit, is_lifecycle, operation
)
SELECT
  habits.caller AS caller, habits.target AS target, habits.caller_kind AS caller_kind, habits.account AS account,
  habits.writes AS writes, habits.is_lifecycle AS is_lifecycle, habits.created AS created, habits.deleted AS deleted,
  habits.first_sec AS first_sec, habits.last_sec AS last_sec,
  coalesce(peaks.minutes, 0) AS minutes, coalesce(peaks.busiest_minutes, 0) AS busiest_minutes,
  coalesce(peaks.busiest_writes, 0) AS busiest_writes, operations.operation AS operation
FROM habits
LEFT JOIN peaks ON peaks.caller = habits.caller AND peaks.habit = habits.habit AND peaks.is_lifecycle = habits.is_lifecycle
JOIN operations ON operations.caller = habits.caller AND operations.habit = habits.habit AND operations.is_lifecycle = habits.is_lifecycle
  AND operations.place = 1
ORDER BY habits.writes DESC, habits.caller, habits.target
