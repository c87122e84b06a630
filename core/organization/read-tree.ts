import type { ServiceControlDocuments } from '../contract/account-objects.ts';
import type { ServiceControl } from '../contract/organization.ts';
import type { ControlPolicyKind, ListedUnit, OrganizationReader } from '../ports/organization-reader.ts';
import type { OrganizationCalls } from './organization-calls.ts';
import { analyse, noServiceControl, serviceControl, type AnalysedPolicy } from './service-control.ts';

/** An account's place: the root, then the units below it; and which kinds of policies are enabled below that root. */
interface Place {
  readonly units: readonly ListedUnit[];
  readonly enabled: readonly ControlPolicyKind[];
}

/** The places of all accounts, by account ID. */
export type Tree = ReadonlyMap<string, Place>;

/** @throws AwsFault */
export async function readTree(reader: OrganizationReader, calls: OrganizationCalls): Promise<Tree> {
  const roots = await calls.list('ListRoots', (next) => reader.rootsPage(next));
  const places = new Map<string, Place>();
  const waiting: Place[] = roots.map(({ id, name, enabled }) => ({ units: [{ id, name }], enabled }));
  for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
    const { units, enabled } = place;
    const parentId = units.at(-1)?.id ?? '';
    for (const accountId of await calls.list('ListChildren', (next) => reader.childAccountsPage(parentId, next))) {
      places.set(accountId, place);
    }
    const below = await calls.list('ListOrganizationalUnitsForParent', (next) => reader.unitsPage(parentId, next));
    for (const unit of below) waiting.push({ units: [...units, unit], enabled });
  }
  return places;
}

export interface ServiceControlOfTree {
  /** The SCPs of an account; null for an account that is not in the tree. */
  readonly of: (accountId: string) => ServiceControl | null;
  /** Number of SCPs that are attached to each root and unit itself, by its ID. */
  readonly attached: Readonly<Record<string, number>>;
  /** The documents of the SCPs, by the hash of an account's service control. */
  readonly documents: ReadonlyMap<string, ServiceControlDocuments>;
}

/** @throws AwsFault */
export async function readServiceControl(
  reader: OrganizationReader,
  calls: OrganizationCalls,
  tree: Tree,
): Promise<ServiceControlOfTree> {
  if (!isEnabled(tree, 'service')) return { of: () => noServiceControl, attached: {}, documents: new Map() };
  const attached = await readAttachments(reader, calls);
  const found = new Map<string, ServiceControl>();
  const documents = new Map<string, ServiceControlDocuments>();
  for (const [accountId, { units, enabled }] of tree) {
    const levels = [...units.map(({ id }) => id), accountId].map((id) => attached.get(id) ?? []);
    if (!enabled.includes('service')) {
      found.set(accountId, noServiceControl);
      continue;
    }
    const control = await serviceControl(levels);
    found.set(accountId, control);
    if (!documents.has(control.hash)) {
      documents.set(
        control.hash,
        levels.map((level) => [...new Set(level.map(({ document }) => document))]),
      );
    }
  }
  const units = new Set([...tree.values()].flatMap(({ units: above }) => above.map(({ id }) => id)));
  return {
    of: (accountId) => found.get(accountId) ?? null,
    attached: Object.fromEntries([...units].map((id) => [id, attached.get(id)?.length ?? 0])),
    documents,
  };
}

/** SCPs by the root, unit or account that they are attached to. @throws AwsFault */
async function readAttachments(
  reader: OrganizationReader,
  calls: OrganizationCalls,
): Promise<ReadonlyMap<string, readonly AnalysedPolicy[]>> {
  const attached = new Map<string, AnalysedPolicy[]>();
  for (const { id } of await calls.list('ListPolicies', (next) => reader.policiesPage('service', next))) {
    const targets = await calls.list('ListTargetsForPolicy', (next) => reader.targetsPage(id, next));
    // A policy without a target has no effect.
    if (targets.length === 0) continue;
    const document = await calls.call('DescribePolicy', () => reader.policyDocument(id));
    const policy = await analyse(document);
    for (const target of targets) {
      const policies = attached.get(target) ?? [];
      policies.push(policy);
      attached.set(target, policies);
    }
  }
  return attached;
}

/**
 * The names of the resource control policies that apply to an account, directly or through its units; null for an account
 * that is not in the tree. AWS's own RCPFullAWSAccess, which is attached everywhere, does not count.
 * @throws AwsFault
 */
export async function readResourceControl(
  reader: OrganizationReader,
  calls: OrganizationCalls,
  tree: Tree,
): Promise<(accountId: string) => string[] | null> {
  const namesAt = new Map<string, string[]>();
  const listed = isEnabled(tree, 'resource')
    ? await calls.list('ListPolicies', (next) => reader.policiesPage('resource', next))
    : [];
  for (const { id, name, isAwsManaged } of listed) {
    if (isAwsManaged) continue;
    for (const target of await calls.list('ListTargetsForPolicy', (next) => reader.targetsPage(id, next))) {
      namesAt.set(target, [...(namesAt.get(target) ?? []), name]);
    }
  }
  return (accountId) => {
    const place = tree.get(accountId);
    if (place === undefined) return null;
    const ids = place.enabled.includes('resource') ? [...place.units.map(({ id }) => id), accountId] : [];
    return [...new Set(ids.flatMap((id) => namesAt.get(id) ?? []))].sort();
  };
}

const isEnabled = (tree: Tree, kind: ControlPolicyKind): boolean =>
  [...tree.values()].some(({ enabled }) => enabled.includes(kind));
