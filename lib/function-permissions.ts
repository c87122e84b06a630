import type { HandlerName } from '../core/contract/environment.ts';
import { organizationReads } from '../core/contract/permissions.ts';

/** What a statement is about; the stack turns it into ARNs of its own account, Region and partition. */
export type PermissionResource =
  /** Objects of the results bucket, by key with wildcards. */
  | { readonly objects: readonly string[] }
  | { readonly own: 'bucket' | 'logs' | 'executions' | 'memberRoles' | 'key' }
  /** The action knows no narrower one. */
  | { readonly own: 'everything' };

export interface Permission {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly on: PermissionResource;
  readonly reason: string;
  /** Only where the settings ask for it; without it always. */
  readonly when?: 'memberRole' | 'noMemberRole' | 'key' | 'vpc';
  /** Only for Lambda itself: what the function's own code asks for with its role is denied. */
  readonly deniedToCode?: boolean;
}

const CLAIM = 'state/claim.json';
const PACE = 'state/*/pace.json';
const EVIDENCE = 'state/*/evidence.jsonl.gz';
const FINDINGS = 'state/*/findings.jsonl.gz';
const RECOMMENDATIONS = 'runs/*/recommendations/*';
const HUB_PACE = 'state/hub/pace.json';

const reads = (...keys: string[]): Permission => ({
  sid: 'ReadObjects',
  actions: ['s3:GetObject'],
  on: { objects: keys },
  reason: 'Reads what earlier states, and for a resumed run an earlier run, have written.',
});

const writes = (...keys: string[]): Permission => ({
  sid: 'WriteObjects',
  actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
  on: { objects: keys },
  reason: 'Writes its own results; an upload that fails is aborted, so that its parts cost nothing.',
});

const knowsAbsence: Permission = {
  sid: 'KnowAbsence',
  actions: ['s3:ListBucket'],
  on: { own: 'bucket' },
  reason: 'Without it S3 answers a missing object with 403, as if it were forbidden.',
};

/** IAM's reads know no resource-level permissions. */
const readsIam = (...actions: string[]): Permission => ({
  sid: 'ReadIam',
  actions,
  on: { own: 'everything' },
  reason: 'The audit’s own reads of the account that it runs in. IAM knows no narrower resource for them.',
  when: 'noMemberRole',
});

const assumesMember: Permission = {
  sid: 'AssumeMemberRole',
  actions: ['sts:AssumeRole'],
  on: { own: 'memberRoles' },
  reason: 'Reads each account with the role that it grants for this.',
  when: 'memberRole',
};

/** DescribePolicy and the lists below a root or policy know ARNs that nobody knows before they are read. */
const readsOrganization: Permission = {
  sid: 'ReadOrganization',
  actions: organizationReads,
  on: { own: 'everything' },
  reason:
    'Accounts and service control policies of the organization, which only its management account and delegated administrators may read; without them the run goes on.',
};

/** What every function needs. */
const common: readonly Permission[] = [
  knowsAbsence,
  {
    sid: 'WriteOwnLogs',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    on: { own: 'logs' },
    reason: 'Writes to its own log group, which the stack makes.',
  },
  {
    sid: 'Trace',
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    on: { own: 'everything' },
    reason: 'Sends traces. X-Ray knows no resources for it.',
  },
  {
    sid: 'UseKey',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    on: { own: 'key' },
    reason: 'Reads and writes objects, and reads its environment, which the customer’s key encrypts.',
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
      'Lambda attaches the function to the VPC with its role, and asks for all resources. Denied to the function’s code (`lambda:SourceFunctionArn`).',
    when: 'vpc',
    deniedToCode: true,
  },
];

/** What each function may do, and why: the policies are made of this, and so is docs/permissions.md. */
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
    ),
    writes(CLAIM, 'runs/*/run.json', 'runs/*/accounts.jsonl', 'runs/*/exceptions.json', 'runs/*/organization.json'),
    readsOrganization,
    {
      sid: 'SeeWhetherItRuns',
      actions: ['states:DescribeExecution'],
      on: { own: 'executions' },
      reason: 'Sees whether the execution that holds the claim still runs.',
    },
    {
      sid: 'ReadLambdaLimit',
      actions: ['lambda:GetAccountSettings'],
      on: { own: 'everything' },
      reason:
        'Audits fewer accounts at once where AWS Lambda runs few functions at once; without it the run goes on with accountsAtOnce. Lambda knows no resource for it.',
    },
    ...common,
  ],
  'inventory-account': [
    reads(CLAIM, PACE, EVIDENCE, 'runs/*/organization.json', 'runs/*/accounts/*'),
    writes(
      PACE,
      'runs/*/inventory.jsonl',
      'runs/*/worklist.jsonl',
      'runs/*/policies.jsonl',
      'runs/*/carried.jsonl',
      'runs/*/inventoried.json',
    ),
    readsIam('iam:GetAccountAuthorizationDetails', 'iam:GenerateCredentialReport', 'iam:GetCredentialReport'),
    assumesMember,
    ...common,
  ],
  'audit-batch': [
    reads(CLAIM, PACE, 'runs/*/worklist.jsonl', 'runs/*/batches/*'),
    writes(PACE, 'runs/*/batches/*'),
    readsIam(
      'iam:GenerateServiceLastAccessedDetails',
      'iam:GetServiceLastAccessedDetails',
      'iam:SimulatePrincipalPolicy',
    ),
    assumesMember,
    ...common,
  ],
  'summarise-account': [
    reads(
      CLAIM,
      PACE,
      EVIDENCE,
      FINDINGS,
      'runs/*/run.json',
      'runs/*/exceptions.json',
      'runs/*/organization.json',
      'runs/*/accounts/*',
    ),
    writes(
      PACE,
      EVIDENCE,
      FINDINGS,
      'runs/*/principals.jsonl',
      'runs/*/uncarried.jsonl',
      'runs/*/findings.jsonl',
      RECOMMENDATIONS,
      'runs/*/account.json',
    ),
    readsIam('iam:GetAccountAuthorizationDetails'),
    assumesMember,
    ...common,
  ],
  'summarise-run': [
    reads(CLAIM, PACE, EVIDENCE, FINDINGS, 'latest.json', 'runs/*'),
    writes(
      CLAIM,
      HUB_PACE,
      EVIDENCE,
      FINDINGS,
      'latest.json',
      'runs/*/run.json',
      'runs/*/report.html',
      'runs/*/findings.jsonl',
      'runs/*/findings.csv',
      'runs/*/principals.jsonl',
      'runs/*/uncarried.jsonl',
      RECOMMENDATIONS,
      'runs/*/account.json',
    ),
    ...common,
  ],
};
