import type { RunSummary } from '../../core/contract/run.ts';
import { cloudFormationTemplate } from '../../core/member-role/cloudformation.ts';
import type { MemberRoleOptions } from '../../core/member-role/member-role.ts';
import type { EmulatedAccount, PolicyDocument } from '../../local/emulated-aws/account.ts';
import type { RecordedCall } from '../../local/emulated-aws/cloudtrail/recorded-call.ts';
import { currentRecords, trailRecords } from '../../local/emulated-aws/cloudtrail/records.ts';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { cloudFormationRole } from '../support/member-role-policies.ts';
import { auditableAccount, HUB, VirtualAudit } from '../support/virtual-audit.ts';

const MEMBER = '111122223334';
const EXTERNAL_ID = 'secret';
const SOURCE_IDENTITY = 'iam-audit';
const TAGS = { team: 'security', cost: '' };

interface Record {
  readonly eventName: string;
  readonly eventSource: string;
  readonly userIdentity: { readonly sessionContext?: { readonly sourceIdentity?: string } };
  readonly requestParameters: { readonly sourceIdentity?: string; readonly tags?: unknown } | null;
  readonly responseElements: { readonly sourceIdentity?: string } | null;
}

let audit: VirtualAudit;
let recorded: RecordedCall[] = [];
afterEach(async () => {
  await audit.close();
});

/** The trust policy of the member role's template, for the emulated operator. */
function trustPolicy(options: Partial<MemberRoleOptions>): PolicyDocument {
  const template = cloudFormationTemplate({
    hubAccountId: HUB,
    hubRolePath: '/iam-audit/',
    roleName: AUDIT_ROLE,
    externalId: EXTERNAL_ID,
    trustedPrincipals: [`user/${OPERATOR}`],
    ...options,
  });
  return cloudFormationRole(template, { 'AWS::Partition': 'aws' }).trust as PolicyDocument;
}

/** @param callerActions what the operator may do with the member roles */
async function run(
  options: Partial<MemberRoleOptions>,
  callerActions = ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
): Promise<RunSummary> {
  recorded = [];
  const accounts = [auditableAccount(HUB, 6), auditableAccount(MEMBER, 6)];
  const described = (account: EmulatedAccount): void => {
    account.roles.get(AUDIT_ROLE)!.trustPolicy = trustPolicy(options);
  };
  accounts.forEach(described);
  const document = policy(allow(callerActions, `arn:aws:iam::*:role/${AUDIT_ROLE}`));
  accounts[0]!.users.get(OPERATOR)!.inlinePolicies = [{ name: 'audit', document }];
  audit = await VirtualAudit.start(
    { accounts, cloudTrail: (call) => recorded.push(call) },
    {},
    {
      memberRole: { roleName: AUDIT_ROLE, externalId: EXTERNAL_ID },
      sourceIdentity: SOURCE_IDENTITY,
      sessionTags: TAGS,
    },
  );
  await audit.run({ accountIds: [HUB, MEMBER] });
  return audit.lastRun();
}

const recordsOf = (): Record[] =>
  recorded.flatMap((call) =>
    trailRecords(call, currentRecords, seededRandom(1)).map(({ record }) => record as unknown as Record),
  );

test('with roles that allow both, CloudTrail shows the source identity and the tags of every session', async () => {
  const { accounts } = await run({ allowsSourceIdentity: true, allowsSessionTags: true });
  expect(accounts.map(({ status }) => status)).toEqual(['COMPLETE', 'COMPLETE']);
  const records = recordsOf();
  const assumed = records.filter(
    ({ eventName, responseElements }) => eventName === 'AssumeRole' && responseElements !== null,
  );
  expect(assumed.length).toBeGreaterThanOrEqual(6);
  for (const { requestParameters, responseElements } of assumed) {
    const tags = Object.entries(TAGS).map(([key, value]) => ({ key, value }));
    expect(requestParameters).toMatchObject({ sourceIdentity: SOURCE_IDENTITY, tags });
    expect(responseElements).toMatchObject({ sourceIdentity: SOURCE_IDENTITY });
  }
  const reads = records.filter(({ eventSource }) => eventSource === 'iam.amazonaws.com');
  expect(reads.length).toBeGreaterThan(20);
  for (const { userIdentity } of reads) expect(userIdentity.sessionContext?.sourceIdentity).toBe(SOURCE_IDENTITY);
});

const missing = (action: string): string => `the trust policy and the caller’s policies must allow ${action}`;

test.each<[string, Partial<MemberRoleOptions>, string[] | undefined, string]>([
  [
    'the trust policy does not allow the source identity',
    { allowsSessionTags: true },
    undefined,
    'sts:SetSourceIdentity',
  ],
  ['the trust policy does not allow session tags', { allowsSourceIdentity: true }, undefined, 'sts:TagSession'],
  [
    'the caller’s policies do not allow session tags',
    { allowsSourceIdentity: true, allowsSessionTags: true },
    ['sts:AssumeRole', 'sts:SetSourceIdentity'],
    'sts:TagSession',
  ],
])('if %s, the account is FAILED, and the message names the action', async (_name, options, callerActions, action) => {
  const { accounts } = await run(options, callerActions);
  for (const { status, error } of accounts) {
    expect([status, error?.code]).toEqual(['FAILED', 'AssumeRoleDenied']);
    expect(error?.message).toContain(missing(action));
    expect(error?.message.length).toBeLessThanOrEqual(200);
  }
});
