-- The view of all questions: one row for each call to IAM or STS. A cross-account call is recorded in both accounts:
-- the record that names the caller is kept. A record without any ID is a call of its own. A caller is the role or user behind a session, or the name of a service.
-- A pool is what shares one limit: IAM of an account, or STS of an account in a Region or at the global endpoint.
-- A bucket is the part of a pool that may have a limit of its own: one operation of IAM, or the whole pool of STS.
WITH distinct_records AS (
  SELECT
    records.*,
    coalesce(shared_event_id, event_id) AS call_id,
    CASE
      WHEN shared_event_id IS NULL AND event_id IS NULL THEN 1
      ELSE row_number() OVER (
        PARTITION BY coalesce(shared_event_id, event_id)
        ORDER BY CASE WHEN arn IS NOT NULL THEN 0 ELSE 1 END, event_id, sec, recipient_account, region
      )
    END AS copy
  FROM records
),
named AS (
  SELECT
    call_id,
    sec,
    sec - mod(sec, 60) AS minute,
    service,
    operation,
    coalesce(region, 'us-east-1') AS region,
    -- The message of another error can repeat a text of the caller, so it counts only if it is AWS's own, without a code.
    CASE
      WHEN lower(error_code) IN (
        'throttling', 'client.throttling', 'throttlingexception', 'throttledexception', 'requestthrottled',
        'requestthrottledexception', 'requestlimitexceeded', 'client.requestlimitexceeded', 'toomanyrequestsexception',
        'ec2throttledexception', 'slowdown'
      ) OR (error_code IS NULL AND error_message = 'Rate exceeded') THEN CAST(1 AS BIGINT)
      ELSE CAST(0 AS BIGINT)
    END AS refused,
    CASE WHEN error_code IS NULL AND error_message IS NULL THEN 0 ELSE 1 END AS failed,
    CASE
      WHEN identity_type = 'AWSService' THEN 'service'
      WHEN identity_type = 'Root' THEN 'root'
      WHEN identity_type = 'IAMUser' AND arn IS NOT NULL THEN 'user'
      WHEN issuer_arn LIKE '%:user/%' THEN 'user'
      WHEN issuer_arn LIKE '%:role/%' THEN 'role'
      WHEN identity_type = 'AssumedRole' AND arn LIKE '%:assumed-role/%' THEN 'role'
      ELSE 'identity'
    END AS caller_kind,
    CASE
      WHEN identity_type = 'AWSService' THEN coalesce(invoked_by, ip, 'an AWS service')
      WHEN identity_type IN ('Root', 'IAMUser') AND arn IS NOT NULL THEN arn
      WHEN issuer_arn IS NOT NULL THEN issuer_arn
      WHEN identity_type = 'AssumedRole' AND arn LIKE '%:assumed-role/%'
        THEN 'arn:' || split_part(arn, ':', 2) || ':iam::' || split_part(arn, ':', 5) || ':role/' || split_part(arn, '/', 2)
      WHEN arn IS NOT NULL THEN arn
      WHEN identity_type = 'AWSAccount' AND principal_id LIKE '%:%' THEN split_part(principal_id, ':', 1)
      ELSE coalesce(principal_id, identity_type, 'unknown')
    END AS caller,
    coalesce(account_id, recipient_account, 'unknown') AS account,
    coalesce(recipient_account, account_id, 'unknown') AS recipient_account,
    access_key,
    ip,
    user_agent,
    invoked_by,
    CASE WHEN identity_type = 'AWSService' OR arn LIKE '%:role/aws-service-role/%' OR issuer_arn LIKE '%:role/aws-service-role/%'
      THEN 1 ELSE 0 END AS from_service,
    -- Requests of AWS services to STS do not count for the account's limit. Their calls to IAM do.
    CASE WHEN identity_type = 'AWSService' AND service = 'sts' THEN 0 ELSE 1 END AS uses_limit,
    CASE
      WHEN service <> 'sts' THEN 0
      WHEN endpoint_type = 'global' THEN 1
      -- The caller writes this name: capitals, a dot at the end and a port are allowed.
      WHEN endpoint_type IS NULL AND lower(split_part(host_header, ':', 1)) IN ('sts.amazonaws.com', 'sts.amazonaws.com.') THEN 1
      ELSE 0
    END AS is_global,
    -- Old records have no host name. Calls of the global endpoint are recorded in us-east-1 only.
    CASE
      WHEN endpoint_type IS NULL AND host_header IS NULL AND coalesce(region, 'us-east-1') = 'us-east-1' THEN 0
      ELSE 1
    END AS endpoint_known,
    serving_region,
    params,
    role_arn,
    session_name,
    session_pattern,
    coalesce(session_limits, '') AS session_limits,
    coalesce(duration, CAST(CASE WHEN operation IN ('GetSessionToken', 'GetFederationToken') THEN 43200 ELSE 3600 END AS BIGINT)) AS duration,
    -- The copy of a cross-account call in the role's account: it has the account of the caller only.
    CASE WHEN identity_type = 'AWSAccount' THEN 1 ELSE 0 END AS from_other_account,
    CASE WHEN identity_type IN ('AssumedRole', 'FederatedUser', 'WebIdentityUser', 'SAMLUser') THEN 1 ELSE 0 END AS is_session,
    target
  FROM distinct_records
  WHERE copy = 1
)
SELECT
  named.*,
  CASE
    WHEN service = 'iam' THEN 'iam:' || account
    WHEN is_global = 1 THEN 'sts:' || account || ':global'
    ELSE 'sts:' || account || ':' || region
  END AS pool,
  CASE WHEN service = 'iam' THEN operation ELSE '' END AS bucket
FROM named
