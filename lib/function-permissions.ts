import type { HandlerName } from '../core/contract/environment.ts';
import { objects } from '../core/contract/objects.ts';
import { iamReadsByState, organizationReads, organizationUseReads } from '../core/contract/permissions.ts';
import { tableNames } from '../core/contract/tables/tables.ts';

/** The resources of a statement. The stack converts them to ARNs of its own account, Region and partition. */
export type PermissionResource =
  /** Objects of the results bucket, as keys with wildcards. */
  | { readonly objects: readonly string[] }
  | { readonly own: 'bucket' | 'logs' | 'executions' | 'memberRoles' | 'key' | 'accountList' | 'securityHub' }
  /** The action has no resource-level permissions. */
  | { readonly own: 'everything' };

export interface Permission {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly on: PermissionResource;
  readonly reason: string;
  /** The condition on the settings. If undefined, the permission is always granted. */
  readonly when?: 'memberRole' | 'noMemberRole' | 'sourceIdentity' | 'sessionTags' | 'key' | 'vpc' | 'accountList';
  /** If true, only Lambda itself may use the permission with the function's role. The function's code is denied. */
  readonly deniedToCode?: boolean;
}

const CLAIM = 'state/claim.json';
const PACE = 'state/*/pace.json';
const EVIDENCE = 'state/*/evidence.jsonl.gz';
const FINDINGS = 'state/*/findings.jsonl.gz';
const CONTEXT = 'runs/*/context.json';
const MEMBERS = 'runs/*/members/*';
const FAILED_INVOCATIONS = 'runs/*/failed-invocations.json';
/** One object for each principal. */
const RECOMMENDATIONS = 'runs/*/recommendations/*.json';
const RECOMMENDATION_INDEX = 'runs/*/recommendations/index.jsonl';
const HUB_PACE = 'state/hub/pace.json';
/** The tables with the rows of an account. Only SummariseRun writes the table `runs`. */
const ACCOUNT_TABLES = tableNames.filter((name) => name !== 'runs').map((name) => `${objects.tableOf(name)}*`);
const TABLES = `${objects.tables}*`;
const LATEST_USE = 'state/hub/organization-use.json';

const reads = (...keys: string[]): Permission => ({
  sid: 'ReadObjects',
  actions: ['s3:GetObject'],
  on: { objects: keys },
  reason: 'Reads objects that earlier states wrote. For a resumed run, also objects that the earlier run wrote.',
});

const writes = (...keys: string[]): Permission => ({
  sid: 'WriteObjects',
  actions: ['s3:PutObject'],
  on: { objects: keys },
  reason: 'Writes its own results, each with one request.',
});

const streams = (...keys: string[]): Permission => ({
  sid: 'StreamObjects',
  actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
  on: { objects: keys },
  reason:
    'Writes its own results, in parts if they are large. A failed upload is aborted, so that its parts are not billed.',
});

const listsBucket: Permission = {
  sid: 'ListResults',
  actions: ['s3:ListBucket'],
  on: { own: 'bucket' },
  reason: 'Without it, S3 returns 403 instead of 404 for a missing object.',
};

/** These IAM reads have no narrower resource: the audit reads every principal. */
const readsIam = (...actions: string[]): Permission => ({
  sid: 'ReadIam',
  actions,
  on: { own: 'everything' },
  reason:
    'Reads IAM in the account that runs the audit. The audit reads every principal, so the resource can’t be narrower.',
  when: 'noMemberRole',
});

const assumesMember: readonly Permission[] = [
  {
    sid: 'AssumeMemberRole',
    actions: ['sts:AssumeRole'],
    on: { own: 'memberRoles' },
    reason: 'Reads each account with its member role.',
    when: 'memberRole',
  },
  {
    sid: 'SetSourceIdentity',
    actions: ['sts:SetSourceIdentity'],
    on: { own: 'memberRoles' },
    reason: 'Gives its sessions in the member roles the source identity of the settings.',
    when: 'sourceIdentity',
  },
  {
    sid: 'TagSession',
    actions: ['sts:TagSession'],
    on: { own: 'memberRoles' },
    reason: 'Gives its sessions in the member roles the tags of the settings.',
    when: 'sessionTags',
  },
];

/** The ARNs for DescribePolicy and for the lists of children and targets are not known before they are read. */
const readsOrganization: Permission = {
  sid: 'ReadOrganization',
  actions: organizationReads,
  on: { own: 'everything' },
  reason:
    'Reads accounts and service control policies of the organization. Only the management account and delegated administrators may do this; in other accounts the run continues without them.',
};

const readsOrganizationUse: Permission = {
  sid: 'ReadOrganizationUse',
  actions: organizationUseReads,
  on: { own: 'everything' },
  reason:
    'Requests and reads reports about the services that the organization uses. AWS checks the actions of Organizations when it makes a report. Only the management account may do this; in other accounts the run continues without the reports.',
};

/** Permissions that every function needs. */
const common: readonly Permission[] = [
  listsBucket,
  {
    sid: 'WriteOwnLogs',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    on: { own: 'logs' },
    reason: 'Writes to its own log group, which the stack creates.',
  },
  {
    sid: 'Trace',
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    on: { own: 'everything' },
    reason: 'Sends traces. X-Ray has no resource-level permissions for these actions.',
  },
  {
    sid: 'UseKey',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    on: { own: 'key' },
    reason:
      'Reads and writes objects, and reads the function’s environment variables; the customer managed key encrypts both.',
    when: 'key',
  },
  {
    sid: 'AttachToVpc',
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    on: { own: 'everything' },
    reason:
      'Lambda uses the function’s role to attach the function to the VPC, and requires `Resource: "*"`. The function’s code is denied these actions (`lambda:SourceFunctionArn`).',
    when: 'vpc',
    deniedToCode: true,
  },
];

/** The permissions of each function, with reasons. The policies and docs/permissions.md are both made from this. */
export const functionPermissions: Readonly<Record<HandlerName, readonly Permission[]>> = {
  'plan-run': [
    reads(
      CLAIM,
      HUB_PACE,
      'config/exceptions.json',
      'latest.json',
      'runs/*/run.json',
      'runs/*/accounts.jsonl',
      'runs/*/account.json',
      'runs/*/organization.json',
      CONTEXT,
    ),
    writes(CLAIM, 'runs/*/run.json', 'runs/*/exceptions.json', 'runs/*/organization.json', CONTEXT, MEMBERS),
    streams('runs/*/accounts.jsonl'),
    readsOrganization,
    {
      sid: 'ReadAccountList',
      actions: ['s3:GetObject'],
      on: { own: 'accountList' },
      reason: 'Reads the accounts that the setting accounts lists.',
      when: 'accountList',
    },
    {
      sid: 'SeeWhetherItRuns',
      actions: ['states:DescribeExecution'],
      on: { own: 'executions' },
      reason: 'Checks whether the execution that holds the claim is still running.',
    },
    {
      sid: 'ReadLambdaLimit',
      actions: ['lambda:GetAccountSettings'],
      on: { own: 'everything' },
      reason:
        'Reads the concurrency quota of AWS Lambda. If the quota is small, the run audits fewer accounts at once. Without this permission the run uses accountsAtOnce. Lambda has no resource-level permissions for it.',
    },
    ...common,
  ],
  'inventory-account': [
    reads(CLAIM, PACE, EVIDENCE, CONTEXT, MEMBERS, 'runs/*/organization.json', 'runs/*/accounts/*'),
    writes(PACE, 'runs/*/inventoried.json', FAILED_INVOCATIONS),
    streams('runs/*/inventory.jsonl', 'runs/*/worklist.jsonl', 'runs/*/policies.jsonl', 'runs/*/carried.jsonl'),
    readsIam(...iamReadsByState['inventory-account']),
    ...assumesMember,
    ...common,
  ],
  'audit-batch': [
    reads(CLAIM, PACE, 'runs/*/worklist.jsonl', 'runs/*/batches/*', FAILED_INVOCATIONS),
    writes(PACE, FAILED_INVOCATIONS),
    streams('runs/*/batches/*'),
    readsIam(...iamReadsByState['audit-batch']),
    ...assumesMember,
    ...common,
  ],
  'summarise-account': [
    reads(
      CLAIM,
      PACE,
      EVIDENCE,
      FINDINGS,
      CONTEXT,
      MEMBERS,
      'runs/*/run.json',
      'runs/*/exceptions.json',
      'runs/*/organization.json',
      'runs/*/accounts/*',
      ...ACCOUNT_TABLES,
    ),
    writes(PACE, RECOMMENDATIONS, 'runs/*/account.json', FAILED_INVOCATIONS),
    streams(
      EVIDENCE,
      FINDINGS,
      ...ACCOUNT_TABLES,
      'runs/*/principals.jsonl',
      'runs/*/uncarried.jsonl',
      'runs/*/findings.jsonl',
      'runs/*/open-roles.jsonl',
      RECOMMENDATION_INDEX,
    ),
    readsIam(...iamReadsByState['summarise-account']),
    ...assumesMember,
    ...common,
  ],
  'organization-use': [
    reads(
      CLAIM,
      LATEST_USE,
      'runs/*/run.json',
      'runs/*/accounts.jsonl',
      'runs/*/organization.json',
      'runs/*/organization-use.jsonl',
      'runs/*/organization-use/*',
    ),
    writes(LATEST_USE, 'runs/*/organization-use.json', 'runs/*/scp/*'),
    streams('runs/*/organization-use.jsonl', 'runs/*/organization-use/*'),
    readsOrganizationUse,
    ...common,
  ],
  'summarise-run': [
    reads(CLAIM, PACE, EVIDENCE, FINDINGS, 'latest.json', 'runs/*', TABLES),
    writes(
      CLAIM,
      HUB_PACE,
      'latest.json',
      'runs/*/run.json',
      'runs/*/trend.json',
      RECOMMENDATIONS,
      'runs/*/account.json',
    ),
    streams(
      TABLES,
      EVIDENCE,
      FINDINGS,
      'runs/*/report.html',
      'runs/*/findings.jsonl',
      'runs/*/findings.csv',
      'runs/*/across-accounts.jsonl',
      'runs/*/open-roles.jsonl',
      'runs/*/principals.jsonl',
      'runs/*/uncarried.jsonl',
      RECOMMENDATION_INDEX,
    ),
    ...common,
  ],
  'name-culprits': [reads('runs/*'), writes('runs/*/run.json'), streams('runs/*/report.html'), ...common],
  'import-findings': [
    reads('runs/*/run.json', 'runs/*/findings.jsonl'),
    writes('runs/*/run.json'),
    {
      sid: 'ImportFindings',
      actions: ['securityhub:BatchImportFindings'],
      on: { own: 'securityHub' },
      reason:
        'Imports the findings of a run into Security Hub, as findings of the account’s own integration. Security Hub takes only findings about this account.',
    },
    ...common,
  ],
};
