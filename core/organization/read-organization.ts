import { AwsFault } from '../ports/aws-fault.ts';
import type {
  Organization,
  OrganizationAccount,
  OrganizationPart,
  OrganizationProblem,
  ServiceControl,
} from '../contract/organization.ts';
import { carryOrganization, describeCarried, NOT_IN_TREE, type EarlierOrganization } from './carry-organization.ts';
import type { ListedUnit, OrganizationReader } from '../ports/organization-reader.ts';
import { OrganizationCalls, type CallTiming } from './organization-calls.ts';
import { analyse, serviceControl, noServiceControl, type AnalysedPolicy } from './service-control.ts';

/** The effect of each part that can't be read, for the warning. */
const consequences: Readonly<Record<OrganizationPart, string>> = {
  organization: 'Findings can’t say whether a trusted account belongs to the organization.',
  accounts: 'Findings can’t say whether a trusted account belongs to the organization.',
  units:
    'The units of the accounts are not known. If a service control policy changes, carried decisions change only at their next refresh.',
  serviceControlPolicies: 'If a service control policy changes, carried decisions change only at their next refresh.',
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
): Promise<{ organization: Organization; waits: ReadonlyMap<string, number> }> {
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
  const accounts =
    listed?.value.map((account): OrganizationAccount => ({
      ...account,
      units: tree?.value.places.get(account.accountId)?.units.slice() ?? null,
      // SCPs don't affect the management account's principals (Organizations User Guide, "Service control policies").
      serviceControlPolicies:
        account.accountId === identity?.managementAccountId
          ? noServiceControl
          : (control?.value(account.accountId) ?? null),
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
  return { organization, waits: calls.waits };
}

/** An account's place: the root, then the units below it; and whether SCPs are enabled below that root. */
interface Place {
  readonly units: readonly ListedUnit[];
  readonly controls: boolean;
}

interface Tree {
  readonly places: ReadonlyMap<string, Place>;
  readonly scpsEnabled: boolean;
}

/** The places of all accounts. @throws AwsFault */
async function readTree(reader: OrganizationReader, calls: OrganizationCalls): Promise<Tree> {
  const roots = await calls.list('ListRoots', (next) => reader.rootsPage(next));
  const places = new Map<string, Place>();
  const waiting: Place[] = roots.map(({ id, name, scpsEnabled }) => ({ units: [{ id, name }], controls: scpsEnabled }));
  for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
    const { units, controls } = place;
    const parentId = units.at(-1)?.id ?? '';
    for (const accountId of await calls.list('ListChildren', (next) => reader.childAccountsPage(parentId, next))) {
      places.set(accountId, place);
    }
    const below = await calls.list('ListOrganizationalUnitsForParent', (next) => reader.unitsPage(parentId, next));
    for (const unit of below) waiting.push({ units: [...units, unit], controls });
  }
  return { places, scpsEnabled: roots.some(({ scpsEnabled }) => scpsEnabled) };
}

/** The SCPs of each account; null for an account that is not in the tree. @throws AwsFault */
async function readServiceControl(
  reader: OrganizationReader,
  calls: OrganizationCalls,
  { places, scpsEnabled }: Tree,
): Promise<(accountId: string) => ServiceControl | null> {
  if (!scpsEnabled) return () => noServiceControl;
  const attached = await readAttachments(reader, calls);
  const found = new Map<string, ServiceControl>();
  for (const [accountId, { units, controls }] of places) {
    const levels = [...units.map(({ id }) => id), accountId].map((id) => attached.get(id) ?? []);
    found.set(accountId, controls ? await serviceControl(levels) : noServiceControl);
  }
  return (accountId) => found.get(accountId) ?? null;
}

/** SCPs by the root, unit or account that they are attached to. @throws AwsFault */
async function readAttachments(
  reader: OrganizationReader,
  calls: OrganizationCalls,
): Promise<ReadonlyMap<string, readonly AnalysedPolicy[]>> {
  const attached = new Map<string, AnalysedPolicy[]>();
  for (const policyId of await calls.list('ListPolicies', (next) => reader.policiesPage(next))) {
    const targets = await calls.list('ListTargetsForPolicy', (next) => reader.targetsPage(policyId, next));
    // A policy without a target has no effect.
    if (targets.length === 0) continue;
    const document = await calls.call('DescribePolicy', () => reader.policyDocument(policyId));
    const policy = await analyse(document);
    for (const target of targets) {
      const policies = attached.get(target) ?? [];
      policies.push(policy);
      attached.set(target, policies);
    }
  }
  return attached;
}
