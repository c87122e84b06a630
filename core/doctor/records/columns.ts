/**
 * The columns of the view `records`: one row for each record of a call to IAM or STS. The reader of log files writes
 * them, and the Athena view selects them from the CloudTrail table. Everything else is SQL over these columns, the same
 * in both engines. Each is null if the record does not have the field.
 */
export const recordColumns = {
  event_id: 'VARCHAR',
  /** The same in the caller's and in the role's account, for a cross-account call. */
  shared_event_id: 'VARCHAR',
  /** Seconds since 1970. CloudTrail's times have whole seconds. */
  sec: 'BIGINT',
  /** `iam` or `sts`. */
  service: 'VARCHAR',
  operation: 'VARCHAR',
  region: 'VARCHAR',
  error_code: 'VARCHAR',
  error_message: 'VARCHAR',
  ip: 'VARCHAR',
  user_agent: 'VARCHAR',
  /** userIdentity.type. */
  identity_type: 'VARCHAR',
  principal_id: 'VARCHAR',
  arn: 'VARCHAR',
  /** The caller's account. */
  account_id: 'VARCHAR',
  access_key: 'VARCHAR',
  /** sessionContext.sessionIssuer.arn: the role or user behind a session. */
  issuer_arn: 'VARCHAR',
  /** The AWS service that calls, or calls on behalf of the caller. */
  invoked_by: 'VARCHAR',
  recipient_account: 'VARCHAR',
  /** additionalEventData.RequestDetails: `regional` or `global`, and the Region that served a call to STS. */
  endpoint_type: 'VARCHAR',
  serving_region: 'VARCHAR',
  /** tlsDetails.clientProvidedHostHeader. */
  host_header: 'VARCHAR',
  /** Identifies the request parameters: only equality counts. */
  params: 'VARCHAR',
  /** Request parameters of AssumeRole. */
  role_arn: 'VARCHAR',
  session_name: 'VARCHAR',
  /** The session name with its generated parts replaced by `#`. */
  session_pattern: 'VARCHAR',
  /** Identifies what limits a session: policies, tags, external ID, source identity. Only equality counts. */
  session_limits: 'VARCHAR',
  /** Requested seconds of the session. */
  duration: 'BIGINT',
  /** The policy, role, user or group that a call to IAM names. */
  target: 'VARCHAR',
} as const;

export type RecordColumn = keyof typeof recordColumns;

/** A row of `records`. */
export type RecordRow = {
  readonly [C in RecordColumn]: (typeof recordColumns)[C] extends 'BIGINT' ? number | null : string | null;
};
