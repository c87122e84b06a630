import { AwsFault } from '../ports/aws-fault.ts';
import type { ServiceControlDocuments } from '../contract/account-objects.ts';
import type {
  Organization,
  OrganizationAccount,
  OrganizationPart,
  OrganizationProblem,
} from '../contract/organization.ts';
import { carryOrganization, describeCarried, NOT_IN_TREE, type EarlierOrganization } from './carry-organization.ts';
import type { OrganizationReader } from '../ports/organization-reader.ts';
import { OrganizationCalls, type CallTiming } from './organization-calls.ts';
import { readResourceControl, readServiceControl, readTree } from './read-tree.ts';
import { noServiceControl } from './service-control.ts';

/** The effect of each part that can't be read, for the warning. */
const consequences: Readonly<Record<OrganizationPart, string>> = {
  organization: 'Findings can’t say whether a trusted account belongs to the organization.',
  accounts: 'Findings can’t say whether a trusted account belongs to the organization.',
  units:
    'The units of the accounts are not known. If a service control policy changes, carried decisions change only at their next refresh.',
  serviceControlPolicies: 'If a service control policy changes, carried decisions change only at their next refresh.',
  resourceControlPolicies: 'It is not known to which accounts resource control policies apply.',
};

/**
 * Reads the parts of the hub's organization that its permissions allow. If AWS refuses a part, the part is unknown,
 * with the reason, and the last run's data is used for up to seven days.
 * @param readEarlier called only if a part can't be read; null: no earlier run has data
 * @returns the organization, and milliseconds that calls waited, by `organizations:Operation`
 */
export async function readOrganization(
  reader: OrganizationReader,
  timing: CallTiming,
  warn: (message: string) => void,
  readEarlier: () => Promise<EarlierOrganization | null>,
): Promise<{
  organization: Organization;
  waits: ReadonlyMap<string, number>;
  /** The documents of the SCPs, by the hash of an account's service control. Empty if they can't be read today. */
  serviceControl: ReadonlyMap<string, ServiceControlDocuments>;
}> {
  const calls = new OrganizationCalls(timing);
  const problems: OrganizationProblem[] = [];
  const tolerated = async <T>(part: OrganizationPart, read: () => Promise<T>): Promise<{ value: T } | null> => {
    try {
      return { value: await read() };
    } catch (error: unknown) {
      if (!(error instanceof AwsFault)) throw error;
      problems.push({ part, code: error.code, message: error.message });
      return null;
    }
  };

  const described = await tolerated('organization', () => calls.call('DescribeOrganization', () => reader.describe()));
  const identity = described?.value ?? null;
  const listed =
    identity === null
      ? null
      : await tolerated('accounts', () => calls.list('ListAccounts', (next) => reader.accountsPage(next)));
  const tree = listed === null ? null : await tolerated('units', () => readTree(reader, calls));
  const control =
    tree === null
      ? null
      : await tolerated('serviceControlPolicies', () => readServiceControl(reader, calls, tree.value));
  const resourceControl =
    tree === null
      ? null
      : await tolerated('resourceControlPolicies', () => readResourceControl(reader, calls, tree.value));
  const accounts =
    listed?.value.map((account): OrganizationAccount => ({
      ...account,
      units: tree?.value.get(account.accountId)?.units.slice() ?? null,
      // Neither kind affects the management account (Organizations User Guide, "Service control policies" and
      // "Resource control policies").
      serviceControlPolicies:
        account.accountId === identity?.managementAccountId
          ? noServiceControl
          : (control?.value.of(account.accountId) ?? null),
      resourceControlPolicies:
        account.accountId === identity?.managementAccountId ? [] : (resourceControl?.value(account.accountId) ?? null),
    })) ?? null;
  const notInTree = accounts?.filter(({ units }) => units === null) ?? [];
  if (problems.length === 0 && notInTree.length > 0) {
    const message = `These accounts were not found under any root: ${notInTree.map(({ accountId }) => accountId).join(', ')}.`;
    problems.push({ part: 'units', code: NOT_IN_TREE, message });
  }
  const now = timing.clock.now();
  const today: Organization = {
    schemaVersion: 1,
    readAt: new Date(now).toISOString(),
    membership: described === null ? 'unknown' : identity === null ? 'none' : 'member',
    organizationId: identity?.organizationId ?? null,
    managementAccountId: identity?.managementAccountId ?? null,
    ...(control === null ? {} : { attachedPolicies: control.value.attached }),
    accounts,
    problems,
  };
  const earlier = problems.length === 0 ? null : await readEarlier();
  const organization = earlier === null ? today : carryOrganization(today, earlier, now);
  for (const { part, code, message } of problems) {
    const { carried = [] } = organization;
    const effect = carried.length === 0 ? consequences[part] : describeCarried(carried);
    warn(`The organization could not be read (${part}: ${code}: ${message}). ${effect}`);
  }
  return { organization, waits: calls.waits, serviceControl: control?.value.documents ?? new Map() };
}
