-- The view `records` over the CloudTrail table, in the SQL of Athena. The reader of log files writes the same columns.
-- Athena has JSON text for objects: 'null' or no value if the record has none. An identity that is one text is that text.
WITH audited AS (
  SELECT
    cloudtrail.*,
    nullif(requestparameters, 'null') AS parameters,
    CASE WHEN useridentity LIKE '{%' THEN useridentity END AS identity,
    TRY(CAST(floor(to_unixtime(from_iso8601_timestamp(eventtime))) AS BIGINT)) AS sec
  FROM cloudtrail
  WHERE eventsource IN ('iam.amazonaws.com', 'sts.amazonaws.com')
    AND (eventcategory IS NULL OR eventcategory = 'Management')
    AND eventname IS NOT NULL AND useridentity IS NOT NULL AND useridentity <> 'null'
),
parsed AS (
  SELECT
    audited.*,
    -- Only text counts for these parameters: JSON text begins with a quotation mark.
    CASE WHEN json_format(json_extract(parameters, '$.roleArn')) LIKE '"%' THEN json_extract_scalar(parameters, '$.roleArn') END AS role_arn,
    CASE WHEN json_format(json_extract(parameters, '$.roleSessionName')) LIKE '"%' THEN json_extract_scalar(parameters, '$.roleSessionName') END AS session_name,
    CASE WHEN json_format(json_extract(parameters, '$.policyArn')) LIKE '"%' THEN json_extract_scalar(parameters, '$.policyArn') END AS policy_arn,
    CASE WHEN json_format(json_extract(parameters, '$.roleName')) LIKE '"%' THEN json_extract_scalar(parameters, '$.roleName') END AS role_name,
    CASE WHEN json_format(json_extract(parameters, '$.userName')) LIKE '"%' THEN json_extract_scalar(parameters, '$.userName') END AS user_name,
    CASE WHEN json_format(json_extract(parameters, '$.groupName')) LIKE '"%' THEN json_extract_scalar(parameters, '$.groupName') END AS group_name,
    CASE WHEN json_format(json_extract(parameters, '$.instanceProfileName')) LIKE '"%' THEN json_extract_scalar(parameters, '$.instanceProfileName') END AS profile_name,
    json_extract_scalar(parameters, '$.durationSeconds') AS requested_seconds,
    coalesce(json_format(json_extract(parameters, '$.policy')), 'null')
      || ',' || coalesce(json_format(json_extract(parameters, '$.policyArns')), 'null')
      || ',' || coalesce(json_format(json_extract(parameters, '$.tags')), 'null')
      || ',' || coalesce(json_format(json_extract(parameters, '$.transitiveTagKeys')), 'null')
      || ',' || coalesce(json_format(json_extract(parameters, '$.externalId')), 'null')
      || ',' || coalesce(json_format(json_extract(parameters, '$.sourceIdentity')), 'null') AS limits
  FROM audited
  WHERE sec IS NOT NULL
)
SELECT
  nullif(eventid, '') AS event_id,
  nullif(sharedeventid, '') AS shared_event_id,
  sec,
  CASE WHEN eventsource = 'iam.amazonaws.com' THEN 'iam' ELSE 'sts' END AS service,
  eventname AS operation,
  awsregion AS region,
  errorcode AS error_code,
  substr(errormessage, 1, 200) AS error_message,
  sourceipaddress AS ip,
  substr(useragent, 1, 500) AS user_agent,
  json_extract_scalar(identity, '$.type') AS identity_type,
  CASE WHEN identity IS NULL THEN useridentity ELSE json_extract_scalar(identity, '$.principalId') END AS principal_id,
  json_extract_scalar(identity, '$.arn') AS arn,
  json_extract_scalar(identity, '$.accountId') AS account_id,
  json_extract_scalar(identity, '$.accessKeyId') AS access_key,
  json_extract_scalar(identity, '$.sessionContext.sessionIssuer.arn') AS issuer_arn,
  json_extract_scalar(identity, '$.invokedBy') AS invoked_by,
  recipientaccountid AS recipient_account,
  json_extract_scalar(additionaleventdata, '$.RequestDetails.endpointType') AS endpoint_type,
  json_extract_scalar(additionaleventdata, '$.RequestDetails.awsServingRegion') AS serving_region,
  json_extract_scalar(tlsdetails, '$.clientProvidedHostHeader') AS host_header,
  to_hex(md5(to_utf8(parameters))) AS params,
  role_arn,
  session_name,
  -- Without lookahead, which not all libraries for regular expressions have: letters, a digit, eight characters in all.
  regexp_replace(
    session_name,
    '[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9][A-Fa-f][0-9A-Fa-f]{6,}|[0-9]{2}[A-Fa-f][0-9A-Fa-f]{5,}|[0-9]{3}[A-Fa-f][0-9A-Fa-f]{4,}|[0-9]{4}[A-Fa-f][0-9A-Fa-f]{3,}|[0-9]{5}[A-Fa-f][0-9A-Fa-f]{2,}|[0-9]{6}[A-Fa-f][0-9A-Fa-f]+|[0-9]{7,}[A-Fa-f][0-9A-Fa-f]*|[A-Fa-f][0-9][0-9A-Fa-f]{6,}|[A-Fa-f]{2}[0-9][0-9A-Fa-f]{5,}|[A-Fa-f]{3}[0-9][0-9A-Fa-f]{4,}|[A-Fa-f]{4}[0-9][0-9A-Fa-f]{3,}|[A-Fa-f]{5}[0-9][0-9A-Fa-f]{2,}|[A-Fa-f]{6}[0-9][0-9A-Fa-f]+|[A-Fa-f]{7,}[0-9][0-9A-Fa-f]*|[0-9]{9,}',
    '#'
  ) AS session_pattern,
  CASE WHEN limits <> 'null,null,null,null,null,null' THEN to_hex(md5(to_utf8(limits))) END AS session_limits,
  CASE
    WHEN regexp_like(requested_seconds, '\A[0-9]{1,15}\z') THEN nullif(CAST(requested_seconds AS BIGINT), 0)
  END AS duration,
  coalesce(role_name, user_name, group_name, policy_arn, profile_name) AS target
FROM parsed
