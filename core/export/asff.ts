import type { Finding } from '../contract/finding.ts';
import { needsAction } from '../findings/compare.ts';
import { withoutControls } from '../wording/html.ts';
import { limited, partitionOf, ruleOf, runTime, type ExportedRun } from './exported-run.ts';

/**
 * The product that the findings are imported for: the account's own integration, which needs no registration (Security Hub
 * User Guide, "Using custom product integrations").
 */
const productArn = (partition: string, region: string, accountId: string): string =>
  `arn:${partition}:securityhub:${region}:${accountId}:product/${accountId}/default`;

/** Limits of BatchImportFindings (Security Hub API reference, "AwsSecurityFinding"). */
const MOST_TITLE = 256;
const MOST_DESCRIPTION = 1_024;
const MOST_REMEDIATION = 512;
const MOST_DETAILS = 1_024;

/**
 * A finding in the AWS Security Finding Format, version 2018-10-08. The ID is the same every day, so Security Hub updates
 * what it has. A resolved finding is archived, with its workflow resolved.
 * @param region of the Security Hub that the finding is for
 */
export function asffFinding(finding: Finding, time: string, region: string): Record<string, unknown> {
  const { id, rule, severity, state, accountId, principalArn, title, detail, firstSeen, controls, exception } = finding;
  const partition = partitionOf(principalArn);
  const text = ruleOf(finding);
  const isUser = principalArn.includes(':user/');
  return {
    SchemaVersion: '2018-10-08',
    Id: `iam-audit/${accountId}/${rule}/${id}`,
    ProductArn: productArn(partition, region, accountId),
    ProductName: 'IAM audit',
    CompanyName: 'IAM audit',
    GeneratorId: `iam-audit/${rule}`,
    AwsAccountId: accountId,
    Types: ['Software and Configuration Checks/AWS Security Best Practices'],
    FirstObservedAt: firstSeen,
    LastObservedAt: time,
    CreatedAt: firstSeen,
    UpdatedAt: time,
    Severity: { Label: severity.toUpperCase() },
    Title: limited(withoutControls(title), MOST_TITLE),
    Description: limited(withoutControls(detail === '' ? title : detail), MOST_DESCRIPTION),
    ...(text === null ? {} : { Remediation: { Recommendation: { Text: limited(text.remedy, MOST_REMEDIATION) } } }),
    ProductFields: {
      'iam-audit/rule': rule,
      'iam-audit/state': state,
      'iam-audit/controls': controls.join(', '),
      ...(exception === null
        ? {}
        : {
            'iam-audit/exception-owner': limited(withoutControls(exception.owner), MOST_DETAILS),
            'iam-audit/exception-expires': exception.expires,
          }),
    },
    Resources: [
      {
        Type: isUser ? 'AwsIamUser' : principalArn.includes(':role/') ? 'AwsIamRole' : 'AwsAccount',
        Id: principalArn,
        Partition: partition,
        Region: region,
      },
    ],
    Compliance: {
      Status: needsAction(state) ? 'FAILED' : state === 'resolved' ? 'PASSED' : 'WARNING',
      ...(controls.length === 0 ? {} : { RelatedRequirements: controls }),
    },
    Workflow: { Status: state === 'suppressed' ? 'SUPPRESSED' : state === 'resolved' ? 'RESOLVED' : 'NEW' },
    RecordState: state === 'resolved' ? 'ARCHIVED' : 'ACTIVE',
    FindingProviderFields: {
      Severity: { Label: severity.toUpperCase(), Original: severity },
      Types: ['Software and Configuration Checks/AWS Security Best Practices'],
    },
  };
}

/** All findings of a run in the AWS Security Finding Format. */
export async function* asffFindings({ run, findings }: ExportedRun, region: string): AsyncGenerator {
  const time = runTime(run);
  for await (const finding of findings) yield asffFinding(finding, time, region);
}
