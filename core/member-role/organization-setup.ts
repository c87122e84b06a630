import type { OrganizationSetup, SetupAnswer } from '../contract/answers/organization-setup.ts';
import { AwsFault } from '../ports/aws-fault.ts';
import type { OrganizationPage } from '../ports/organization-reader.ts';
import type { OrganizationSetupReader } from '../ports/organization-setup-reader.ts';

/** The service principal of StackSets in AWS Organizations (CloudFormation User Guide, "Activate trusted access"). */
export const STACKSETS_PRINCIPAL = 'member.org.stacksets.cloudformation.amazonaws.com';

/** The reads of the check, with reasons. docs/organization.md lists them. */
export const setupReads = {
  'organizations:DescribeOrganization':
    'Reads the IDs of the organization and of the management account, and whether all features are enabled.',
  'organizations:ListAWSServiceAccessForOrganization':
    'Reads whether trusted access of StackSets is activated. AWS allows it in the management account and in delegated administrators.',
  'organizations:ListDelegatedAdministrators':
    'Reads whether the account is a delegated administrator for StackSets. AWS allows it in the same accounts.',
} as const;

/** Reads the set-up with the caller's credentials. @throws AwsFault if the organization itself can't be read */
export async function readOrganizationSetup(
  accountId: string,
  reader: OrganizationSetupReader,
): Promise<OrganizationSetup> {
  const organization = await reader.organization();
  if (organization === null) return { schemaVersion: 1, accountId, organization: null, callAs: null, ready: false };
  const trustedAccess = await answerOf(STACKSETS_PRINCIPAL, (next) => reader.trustedServicesPage(next));
  const delegatedAdministrator = await answerOf(accountId, (next) =>
    reader.administratorsPage(STACKSETS_PRINCIPAL, next),
  );
  const managing = organization.managementAccountId === accountId;
  const delegated = delegatedAdministrator.known && delegatedAdministrator.yes;
  const callAs = managing ? 'SELF' : delegated ? 'DELEGATED_ADMIN' : null;
  return {
    schemaVersion: 1,
    accountId,
    organization: { ...organization, trustedAccess, delegatedAdministrator },
    callAs,
    ready: organization.allFeatures && trustedAccess.known && trustedAccess.yes && callAs !== null,
  };
}

/** Whether a list contains an entry. A page may be empty although more pages follow. */
async function answerOf(
  entry: string,
  pageOf: (next: string | null) => Promise<OrganizationPage<string>>,
): Promise<SetupAnswer> {
  try {
    let next: string | null = null;
    do {
      const page: OrganizationPage<string> = await pageOf(next);
      if (page.items.includes(entry)) return { known: true, yes: true };
      ({ next } = page);
    } while (next !== null);
    return { known: true, yes: false };
  } catch (error: unknown) {
    if (!(error instanceof AwsFault) || error.kind !== 'denied') throw error;
    return { known: false, reason: `${error.code}: ${error.message.replace(/\.$/, '')}` };
  }
}

/** The set-up in words: each line says what is so, and what to do about it. */
export function setupInWords({ accountId, organization, callAs, ready }: OrganizationSetup): string[] {
  if (organization === null) {
    return [
      `Account ${accountId} is in no organization. Create the role in each account to audit with the output of iam-audit member-template.`,
    ];
  }
  const { organizationId, managementAccountId, allFeatures, trustedAccess } = organization;
  const managing = managementAccountId === accountId;
  return [
    managing
      ? `Account ${accountId} is the management account of organization ${organizationId}.`
      : `Account ${accountId} is a member of organization ${organizationId}. Its management account is ${managementAccountId}.`,
    allFeatures
      ? 'All features of the organization are enabled.'
      : 'Only consolidated billing is enabled, so StackSets can’t deploy to the organization. Start enabling all features in the management account: aws organizations enable-all-features',
    trustedAccessInWords(trustedAccess),
    callAsInWords(organization, accountId, callAs),
    ...(callAs === 'DELEGATED_ADMIN'
      ? [
          `StackSets never deploy to the management account. Create its role there with the output of iam-audit member-template --hub-account ${accountId} --organization-id ${organizationId}.`,
        ]
      : []),
    ready
      ? `StackSets can deploy the role. Settings: "memberRole": { "deploy": true, "organizationId": "${organizationId}", "targets": ["ROOT_OR_OU_ID"], "callAs": "${callAs ?? ''}" }`
      : 'StackSets can’t deploy the role yet, or not from this account. Without them, create the role in each account with the output of iam-audit member-template.',
  ];
}

function trustedAccessInWords(trustedAccess: SetupAnswer): string {
  if (!trustedAccess.known) {
    return `Whether trusted access of StackSets is activated is not known (${trustedAccess.reason}). Run the same check in the management account.`;
  }
  return trustedAccess.yes
    ? 'Trusted access of StackSets is activated.'
    : 'Trusted access of StackSets is not activated. Activate it in the management account: aws cloudformation activate-organizations-access';
}

function callAsInWords(
  { managementAccountId, delegatedAdministrator }: NonNullable<OrganizationSetup['organization']>,
  accountId: string,
  callAs: OrganizationSetup['callAs'],
): string {
  if (callAs === 'SELF') return 'The management account deploys StackSets with memberRole.callAs "SELF".';
  if (callAs === 'DELEGATED_ADMIN') {
    return `Account ${accountId} is a delegated administrator for StackSets: it deploys them with memberRole.callAs "DELEGATED_ADMIN".`;
  }
  const state = delegatedAdministrator.known
    ? `Account ${accountId} is not a delegated administrator for StackSets.`
    : `Whether account ${accountId} is a delegated administrator for StackSets is not known (${delegatedAdministrator.reason}).`;
  return `${state} Deploy in the management account ${managementAccountId}, or register this account there: aws organizations register-delegated-administrator --account-id ${accountId} --service-principal ${STACKSETS_PRINCIPAL}`;
}
