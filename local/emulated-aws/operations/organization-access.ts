import { randomUUID } from 'node:crypto';
import type { EmulatedRole, EmulatedUser, PolicyDocument, ServiceActivity } from '../account.ts';
import { statementsOf } from '../evaluation/statements.ts';
import { services } from '../evaluation/services.ts';
import { matchesWildcards } from '../evaluation/wildcards.ts';
import { lognormal } from '../latency.ts';
import type { OrganizationNode, OrganizationView } from '../organization.ts';
import { ServiceError } from '../service-error.ts';
import type { XmlValue } from '../xml.ts';
import { iso, page, parameter, TRACKED_MS, type Operation, type OperationContext } from './operation.ts';

/** A report about the services that a root, unit or account may use, and about their use. */
export interface AccessReportJob {
  readonly entityId: string;
  readonly askedAt: number;
  readonly readyAt: number;
  readonly fails: boolean;
}

/** @throws ServiceError AccessDenied for other accounts than the management account; InvalidInput without SCPs */
function organizationOfManagement({ organization, session }: OperationContext): OrganizationView {
  const view = organization();
  if (view?.managementAccountId !== session.accountId) {
    throw new ServiceError(403, 'AccessDenied', "You don't have permissions to access this resource.");
  }
  // AWS does not document the error for an organization without SCPs.
  if (!view.scpsEnabled) {
    throw new ServiceError(400, 'InvalidInput', 'Service control policies are not enabled for the organization root.');
  }
  return view;
}

export const generateOrganizationsAccessReport: Operation = (context) => {
  const view = organizationOfManagement(context);
  const { clock, random, behaviour, accessReports } = context;
  const path = parameter(context, 'EntityPath');
  const entityId = path.split('/').at(-1) ?? '';
  const node = view.nodes.get(entityId);
  if (node === undefined || path !== [view.id, ...above(view, node).map(({ id }) => id)].join('/')) {
    throw new ServiceError(400, 'InvalidInput', `Invalid entity path: ${path}`);
  }
  const now = clock.now();
  const inGeneration = [...accessReports.values()].filter(({ readyAt }) => readyAt > now);
  if (inGeneration.length >= behaviour.accessReportsAtOnce) {
    throw new ServiceError(
      409,
      'ReportGenerationLimitExceeded',
      'The request failed because the maximum number of concurrent requests for this account are already running.',
    );
  }
  const jobId = randomUUID();
  const { reportMs } = behaviour;
  accessReports.set(jobId, {
    entityId,
    askedAt: now,
    readyAt: now + (typeof reportMs === 'number' ? reportMs : lognormal(random, reportMs)),
    fails: behaviour.failedAccessReports.includes(entityId) || random() < behaviour.failedReports,
  });
  return { JobId: jobId };
};

export const getOrganizationsAccessReport: Operation = (context) => {
  const view = organizationOfManagement(context);
  const jobId = parameter(context, 'JobId');
  const job = context.accessReports.get(jobId);
  if (job === undefined) throw new ServiceError(404, 'NoSuchEntity', `Job ${jobId} cannot be found.`);
  const created = { JobCreationDate: iso(job.askedAt) };
  if (context.clock.now() < job.readyAt) return { JobStatus: 'IN_PROGRESS', ...created, IsTruncated: false };
  const finished = { ...created, JobCompletionDate: iso(job.readyAt) };
  if (job.fails) {
    const ErrorDetails = { Code: 'INTERNAL_ERROR', Message: 'An internal error occurred.' };
    return { JobStatus: 'FAILED', ...finished, ErrorDetails, IsTruncated: false };
  }
  const node = view.nodes.get(job.entityId);
  if (node === undefined) throw new ServiceError(404, 'NoSuchEntity', `Entity ${job.entityId} cannot be found.`);
  const allowed = services.filter(({ namespace }) => isAllowed(view, node, namespace));
  const { items, rest } = page(context, allowed);
  const used = activityBelow(context, view, node, job.askedAt - TRACKED_MS);
  const details = items.map(({ namespace, name }): XmlValue => {
    const uses = used.get(namespace) ?? [];
    const last = uses.reduce<Use | null>((a, b) => (a !== null && a.at >= b.at ? a : b), null);
    return {
      ServiceName: name,
      ServiceNamespace: namespace,
      ...(last === null
        ? {}
        : {
            Region: last.region,
            EntityPath: [view.id, ...above(view, last.node).map(({ id }) => id)].join('/'),
            LastAuthenticatedTime: iso(last.at),
            TotalAuthenticatedEntities: uses.length,
          }),
    };
  });
  const notUsed = allowed.filter(({ namespace }) => !used.has(namespace)).length;
  const counts = { NumberOfServicesAccessible: allowed.length, NumberOfServicesNotAccessed: notUsed };
  return { JobStatus: 'COMPLETED', ...finished, ...counts, AccessDetails: details, ...rest };
};

/** The nodes from the root to this one. */
function above({ nodes }: OrganizationView, node: OrganizationNode): OrganizationNode[] {
  const path = [node];
  for (let { parentId } = node; parentId !== null;) {
    const parent = nodes.get(parentId);
    if (parent === undefined) break;
    path.unshift(parent);
    ({ parentId } = parent);
  }
  return path;
}

/** Whether the SCPs of each level allow some action of the service. SCPs do not affect the management account. */
function isAllowed(view: OrganizationView, node: OrganizationNode, namespace: string): boolean {
  if (node.id === view.managementAccountId) return true;
  return above(view, node).every(({ policyIds }) => {
    const documents = policyIds
      .map((id) => view.policies.get(id)?.document)
      .filter((document) => document !== undefined);
    return (
      documents.some((document) => allows(document, namespace)) && !documents.some((one) => denies(one, namespace))
    );
  });
}

const allows = (document: PolicyDocument, namespace: string): boolean =>
  statementsOf(document).some(
    (statement) =>
      statement.allows &&
      (statement.actions?.some((pattern) => matchesWildcards(serviceOf(pattern), namespace)) ??
        !(statement.notActions ?? []).some((pattern) => isWhole(pattern, namespace))),
  );

/** Whether a statement denies every action of the service on every resource. */
const denies = (document: PolicyDocument, namespace: string): boolean =>
  statementsOf(document).some(
    (statement) =>
      !statement.allows &&
      statement.conditions.length === 0 &&
      statement.resources?.includes('*') === true &&
      statement.actions?.some((pattern) => isWhole(pattern, namespace)) === true,
  );

const serviceOf = (pattern: string): string => pattern.split(':')[0]?.toLowerCase() ?? '';

const isWhole = (pattern: string, namespace: string): boolean =>
  pattern === '*' || (pattern.endsWith(':*') && matchesWildcards(serviceOf(pattern), namespace));

interface Use {
  readonly at: number;
  readonly region: string;
  readonly node: OrganizationNode;
}

/** By service namespace: the uses by principals below the node. Only its own report contains the management account. */
function activityBelow(
  { accounts }: OperationContext,
  view: OrganizationView,
  node: OrganizationNode,
  since: number,
): Map<string, Use[]> {
  const used = new Map<string, Use[]>();
  const add = (namespace: string, { lastAuthenticated: at, region }: ServiceActivity, of: OrganizationNode): void => {
    if (at <= since) return;
    used.set(namespace, [...(used.get(namespace) ?? []), { at, region, node: of }]);
  };
  for (const account of view.nodes.values()) {
    const isBelow = account.kind === 'ACCOUNT' && above(view, account).includes(node);
    if (!isBelow || (account.id === view.managementAccountId && node !== account)) continue;
    const { users, roles } = accounts.get(account.id) ?? {};
    const principals: (EmulatedUser | EmulatedRole)[] = [...(users?.values() ?? []), ...(roles?.values() ?? [])];
    for (const { activity } of principals) for (const [namespace, use] of activity) add(namespace, use, account);
  }
  return used;
}
