import type { OrganizationNode, OrganizationView } from '../organization.ts';
import { ServiceError } from '../service-error.ts';
import type { XmlValue } from '../xml.ts';
import { parameter, type Operation, type OperationContext } from './operation.ts';

/** Maximum number of entries on a page of Organizations. */
const LARGEST_PAGE = 20;
const SCP = 'SERVICE_CONTROL_POLICY';

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
  const from = Number(parameters.get('NextToken') ?? 0);
  if (!Number.isInteger(requested) || requested < 1 || requested > LARGEST_PAGE)
    throw invalid('You specified an invalid value.');
  if (!Number.isInteger(from) || from < 0 || from > items.length) throw invalid('You provided an invalid token.');
  const maximum = Math.min(requested, behaviour.largestPage);
  // A page may be empty even if more pages follow.
  const to = from + (behaviour.randomPages ? Math.floor(random() * (maximum + 1)) : maximum);
  return { items: items.slice(from, to), rest: { NextToken: to < items.length ? String(to) : null } };
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
    Accounts: items.map(({ id }) => {
      const state = states[id] ?? 'ACTIVE';
      const stateFields: { [name: string]: XmlValue } = hasStateField
        ? { State: state }
        : { Status: state === 'CLOSED' ? 'SUSPENDED' : state };
      return { Id: id, Arn: arnOf(organization, 'account', id), Name: `account ${id}`, ...stateFields };
    }),
    ...rest,
  };
};

const listRoots: Operation = (context) => {
  const organization = organizationForReader(context);
  const { items, rest } = page(context, nodesOf(organization, 'ROOT'));
  return {
    Roots: items.map(({ id }) => ({
      Id: id,
      Arn: arnOf(organization, 'root', id),
      Name: 'Root',
      PolicyTypes: organization.scpsEnabled ? [{ Type: SCP, Status: 'ENABLED' }] : [],
    })),
    ...rest,
  };
};

const listChildren: Operation = (context) => {
  const organization = organizationForReader(context);
  const parentId = parameter(context, 'ParentId');
  const kind = parameter(context, 'ChildType');
  const parent = organization.nodes.get(parentId);
  if (parent === undefined || parent.kind === 'ACCOUNT') {
    throw new ServiceError(400, 'ParentNotFoundException', "You provided a parent that doesn't exist.");
  }
  const children = [...organization.nodes.values()].filter((node) => node.parentId === parentId && node.kind === kind);
  const { items, rest } = page(context, children);
  return { Children: items.map(({ id }) => ({ Id: id, Type: kind })), ...rest };
};

const listPolicies: Operation = (context) => {
  const { policies } = organizationForReader(context);
  if (parameter(context, 'Filter') !== SCP) throw invalid('Only SERVICE_CONTROL_POLICY is emulated.');
  const { items, rest } = page(context, [...policies.values()]);
  return { Policies: items.map(({ id }) => summaryOf(id)), ...rest };
};

const describePolicy: Operation = (context) => {
  const { id, document } = policyOf(context, organizationForReader(context));
  return { Policy: { PolicySummary: summaryOf(id), Content: JSON.stringify(document) } };
};

const listTargetsForPolicy: Operation = (context) => {
  const organization = organizationForReader(context);
  const { id: policyId } = policyOf(context, organization);
  const targets = [...organization.nodes.values()].filter(({ policyIds }) => policyIds.includes(policyId));
  const { items, rest } = page(context, targets);
  return { Targets: items.map(({ id, kind }) => ({ TargetId: id, Type: kind, Name: id })), ...rest };
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

const summaryOf = (id: string) => ({ Id: id, Name: id, Type: SCP, AwsManaged: id === 'p-FullAWSAccess' });

export const organizationsOperations: Readonly<Record<string, Operation>> = {
  DescribeOrganization: describeOrganization,
  ListAccounts: listAccounts,
  ListRoots: listRoots,
  ListChildren: listChildren,
  ListPolicies: listPolicies,
  DescribePolicy: describePolicy,
  ListTargetsForPolicy: listTargetsForPolicy,
  ListAWSServiceAccessForOrganization: listServiceAccess,
  ListDelegatedAdministrators: listDelegatedAdministrators,
};
