import type { OrganizationNode, OrganizationView } from '../organization.ts';
import { ServiceError } from '../service-error.ts';
import type { XmlValue } from '../xml.ts';
import { parameter, type Operation, type OperationContext } from './operation.ts';

/** Maximum number of entries on a page of Organizations. */
const LARGEST_PAGE = 20;
const SCP = 'SERVICE_CONTROL_POLICY';
const RCP = 'RESOURCE_CONTROL_POLICY';
const RCP_FULL_ACCESS = 'p-RCPFullAWSAccess';

/** @throws ServiceError AWSOrganizationsNotInUseException */
function organizationOfCaller({ organization, session }: OperationContext): OrganizationView {
  const view = organization();
  if (view?.nodes.has(session.accountId) === true) return view;
  throw new ServiceError(400, 'AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');
}

/**
 * The organization, if the caller may read all of it. Members may only call DescribeOrganization.
 * @throws ServiceError AccessDenied
 */
function organizationForReader(context: OperationContext): OrganizationView {
  const view = organizationOfCaller(context);
  if (view.readers.has(context.session.accountId)) return view;
  throw new ServiceError(403, 'AccessDenied', "You don't have permissions to access this resource.");
}

/** @throws ServiceError InvalidInputException */
function page<T>({ parameters, behaviour, random }: OperationContext, items: readonly T[]) {
  const requested = Number(parameters.get('MaxResults') ?? LARGEST_PAGE);
  // The offset and the page's number, because AWS's token is never the same for two pages, also after an empty one.
  const [from = 0, pages = 0] = (parameters.get('NextToken') ?? '0.0').split('.').map(Number);
  if (!Number.isInteger(requested) || requested < 1 || requested > LARGEST_PAGE)
    throw invalid('You specified an invalid value.');
  if (!Number.isInteger(from) || !Number.isInteger(pages) || from < 0 || from > items.length)
    throw invalid('You provided an invalid token.');
  const maximum = Math.min(requested, behaviour.largestPage);
  // A page may be empty even if more pages follow.
  const to = from + (behaviour.randomPages ? Math.floor(random() * (maximum + 1)) : maximum);
  return { items: items.slice(from, to), rest: { NextToken: to < items.length ? `${to}.${pages + 1}` : null } };
}

const invalid = (message: string): ServiceError => new ServiceError(400, 'InvalidInputException', message);

const nodesOf = ({ nodes }: OrganizationView, kind: OrganizationNode['kind']): OrganizationNode[] =>
  [...nodes.values()].filter((node) => node.kind === kind);

const arnOf = ({ id, managementAccountId }: OrganizationView, kind: string, node: string): string =>
  `arn:aws:organizations::${managementAccountId}:${kind}/${id}/${node}`;

const describeOrganization: Operation = (context) => {
  const organization = organizationOfCaller(context);
  const { id, managementAccountId, scpsEnabled } = organization;
  const { allFeatures = scpsEnabled } = context.organizationSettings;
  return {
    Organization: {
      Id: id,
      Arn: `arn:aws:organizations::${managementAccountId}:organization/${id}`,
      FeatureSet: allFeatures ? 'ALL' : 'CONSOLIDATED_BILLING',
      MasterAccountId: managementAccountId,
      MasterAccountArn: arnOf(organization, 'account', managementAccountId),
    },
  };
};

const listAccounts: Operation = (context) => {
  const organization = organizationForReader(context);
  const { items, rest } = page(context, nodesOf(organization, 'ACCOUNT'));
  const { states = {}, hasStateField = true } = context.organizationSettings;
  return {
    Accounts: items.map(({ id, name }) => {
      const state = states[id] ?? 'ACTIVE';
      const stateFields: { [name: string]: XmlValue } = hasStateField
        ? { State: state }
        : { Status: state === 'CLOSED' ? 'SUSPENDED' : state };
      return { Id: id, Arn: arnOf(organization, 'account', id), Name: name, ...stateFields };
    }),
    ...rest,
  };
};

const listRoots: Operation = (context) => {
  const organization = organizationForReader(context);
  const { items, rest } = page(context, nodesOf(organization, 'ROOT'));
  return {
    Roots: items.map(({ id, name }) => ({
      Id: id,
      Arn: arnOf(organization, 'root', id),
      Name: name,
      PolicyTypes: [
        ...(organization.scpsEnabled ? [{ Type: SCP, Status: 'ENABLED' }] : []),
        ...(resourcePoliciesOf(context).length > 0 ? [{ Type: RCP, Status: 'ENABLED' }] : []),
      ],
    })),
    ...rest,
  };
};

const listChildren: Operation = (context) => {
  const organization = organizationForReader(context);
  const kind = parameter(context, 'ChildType');
  if (kind !== 'ACCOUNT' && kind !== 'ORGANIZATIONAL_UNIT') throw invalid('You specified an invalid value.');
  const { items, rest } = page(context, childrenOf(context, organization, kind));
  return { Children: items.map(({ id }) => ({ Id: id, Type: kind })), ...rest };
};

const listOrganizationalUnitsForParent: Operation = (context) => {
  const organization = organizationForReader(context);
  const { items, rest } = page(context, childrenOf(context, organization, 'ORGANIZATIONAL_UNIT'));
  return {
    OrganizationalUnits: items.map(({ id, name }) => ({ Id: id, Arn: arnOf(organization, 'ou', id), Name: name })),
    ...rest,
  };
};

/** The children of the requested parent. @throws ServiceError ParentNotFoundException */
function childrenOf(context: OperationContext, { nodes }: OrganizationView, kind: string): OrganizationNode[] {
  const parentId = parameter(context, 'ParentId');
  const parent = nodes.get(parentId);
  if (parent === undefined || parent.kind === 'ACCOUNT') {
    throw new ServiceError(400, 'ParentNotFoundException', "You provided a parent that doesn't exist.");
  }
  return [...nodes.values()].filter((node) => node.parentId === parentId && node.kind === kind);
}

const listPolicies: Operation = (context) => {
  const { policies } = organizationForReader(context);
  const filter = parameter(context, 'Filter');
  if (filter !== SCP && filter !== RCP) throw invalid('Only service and resource control policies are emulated.');
  const ids = filter === SCP ? [...policies.keys()] : resourcePoliciesOf(context).map(({ id }) => id);
  const { items, rest } = page(context, ids);
  return { Policies: items.map((id) => summaryOf(id, filter)), ...rest };
};

const describePolicy: Operation = (context) => {
  const { id, document } = policyOf(context, organizationForReader(context));
  return { Policy: { PolicySummary: summaryOf(id, SCP), Content: JSON.stringify(document) } };
};

const listTargetsForPolicy: Operation = (context) => {
  const organization = organizationForReader(context);
  const resourcePolicy = resourcePoliciesOf(context).find(({ id }) => id === parameter(context, 'PolicyId'));
  const policyId = resourcePolicy?.id ?? policyOf(context, organization).id;
  const nodes = [...organization.nodes.values()];
  const targets =
    resourcePolicy === undefined
      ? nodes.filter(({ policyIds }) => policyIds.includes(policyId))
      : nodes.filter(({ id }) => resourcePolicy.id === RCP_FULL_ACCESS || resourcePolicy.targets.includes(id));
  const { items, rest } = page(context, targets);
  return { Targets: items.map(({ id, name, kind }) => ({ TargetId: id, Type: kind, Name: name })), ...rest };
};

const listServiceAccess: Operation = (context) => {
  organizationForReader(context);
  const { trustedServices = [] } = context.organizationSettings;
  const { items, rest } = page(context, trustedServices);
  return { EnabledServicePrincipals: items.map((name) => ({ ServicePrincipal: name })), ...rest };
};

const listDelegatedAdministrators: Operation = (context) => {
  const organization = organizationForReader(context);
  const { serviceAdministrators = {} } = context.organizationSettings;
  const service = context.parameters.get('ServicePrincipal');
  const administrators =
    service === null ? Object.values(serviceAdministrators).flat() : serviceAdministrators[service];
  const { items, rest } = page(context, [...new Set(administrators)]);
  return {
    DelegatedAdministrators: items.map((id) => ({ Id: id, Arn: arnOf(organization, 'account', id), State: 'ACTIVE' })),
    ...rest,
  };
};

/** @throws ServiceError PolicyNotFoundException */
function policyOf(context: OperationContext, { policies }: OrganizationView) {
  const policy = policies.get(parameter(context, 'PolicyId'));
  if (policy !== undefined) return policy;
  throw new ServiceError(400, 'PolicyNotFoundException', "You specified a policy that doesn't exist.");
}

/** With AWS's own policy, which is attached everywhere. None if they are not enabled. */
function resourcePoliciesOf({ organizationSettings }: OperationContext): { id: string; targets: readonly string[] }[] {
  const own = Object.entries(organizationSettings.resourceControlPolicies ?? {});
  return own.length === 0
    ? []
    : [{ id: RCP_FULL_ACCESS, targets: [] }, ...own.map(([name, targets]) => ({ id: `p-${name}`, targets }))];
}

const summaryOf = (id: string, type: string) => ({
  Id: id,
  Name: id.replace(/^p-/, ''),
  Type: type,
  AwsManaged: id === 'p-FullAWSAccess' || id === RCP_FULL_ACCESS,
});

export const organizationsOperations: Readonly<Record<string, Operation>> = {
  DescribeOrganization: describeOrganization,
  ListAccounts: listAccounts,
  ListRoots: listRoots,
  ListChildren: listChildren,
  ListOrganizationalUnitsForParent: listOrganizationalUnitsForParent,
  ListPolicies: listPolicies,
  DescribePolicy: describePolicy,
  ListTargetsForPolicy: listTargetsForPolicy,
  ListAWSServiceAccessForOrganization: listServiceAccess,
  ListDelegatedAdministrators: listDelegatedAdministrators,
};
