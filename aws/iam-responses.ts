import type {
  AttachedPolicy,
  EvaluationResult,
  GetAccountAuthorizationDetailsCommandOutput,
  GetServiceLastAccessedDetailsCommandOutput,
  PolicyDetail,
  ServiceLastAccessed,
  SimulatePrincipalPolicyCommandOutput,
  Tag,
} from '@aws-sdk/client-iam';
import type { AccessedService } from '../core/contract/evidence.ts';
import type {
  AuthorizationPage,
  LastAccessedPage,
  AuthorizationFilter,
  NamedDocument,
  SimulatedDecision,
  SimulationPage,
} from '../core/ports/iam.ts';
import { nextMarker, reportPage } from './report-page.ts';
import { required } from './required.ts';

const inventory = 'GetAccountAuthorizationDetails';

/** IAM sends policy documents URL-encoded (RFC 3986). A document that can't be decoded is returned unchanged. */
function decoded(document: string): string {
  try {
    return decodeURIComponent(document);
  } catch (error: unknown) {
    if (error instanceof URIError) return document;
    throw error;
  }
}

const documents = (policies: PolicyDetail[] | undefined): NamedDocument[] =>
  (policies ?? []).map(({ PolicyName, PolicyDocument }) => ({
    name: required(PolicyName, inventory, 'PolicyName'),
    document: decoded(required(PolicyDocument, inventory, 'PolicyDocument')),
  }));

const arnsOf = (attached: AttachedPolicy[] | undefined): string[] =>
  (attached ?? []).map(({ PolicyArn }) => required(PolicyArn, inventory, 'PolicyArn'));

// Object.fromEntries also stores a key such as __proto__. An assignment would not store it.
const tagsOf = (tags: Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [required(Key, inventory, 'Tag.Key'), Value ?? '']));

interface EntityDetail {
  Arn?: string | undefined;
  Path?: string | undefined;
  CreateDate?: Date | undefined;
  AttachedManagedPolicies?: AttachedPolicy[] | undefined;
}

const entity = (
  detail: EntityDetail,
  name: string | undefined,
  id: string | undefined,
  inline: PolicyDetail[] | undefined,
) => ({
  arn: required(detail.Arn, inventory, 'Arn'),
  name: required(name, inventory, 'name'),
  path: required(detail.Path, inventory, 'Path'),
  id: required(id, inventory, 'id'),
  createdAt: required(detail.CreateDate, inventory, 'CreateDate').toISOString(),
  inlinePolicies: documents(inline),
  attachedPolicyArns: arnsOf(detail.AttachedManagedPolicies),
});

/** The list of each kind. AWS sends an empty list for a kind that the page has none of. */
const listOf = {
  User: 'UserDetailList',
  Role: 'RoleDetailList',
  Group: 'GroupDetailList',
  LocalManagedPolicy: 'Policies',
  AWSManagedPolicy: 'Policies',
} as const satisfies Readonly<Record<AuthorizationFilter, string>>;

/** @param filter what was asked for. @throws AwsFault if a list that was asked for is missing: it would look empty */
export function authorizationPage(
  response: GetAccountAuthorizationDetailsCommandOutput,
  filter: readonly AuthorizationFilter[],
): AuthorizationPage {
  for (const kind of filter) {
    const list = listOf[kind];
    if (response[list] === undefined) required(undefined, inventory, list);
  }
  return {
    users: (response.UserDetailList ?? []).map((user) => ({
      ...entity(user, user.UserName, user.UserId, user.UserPolicyList),
      groupNames: user.GroupList ?? [],
      permissionsBoundaryArn: user.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
      tags: tagsOf(user.Tags),
    })),
    roles: (response.RoleDetailList ?? []).map((role) => ({
      ...entity(role, role.RoleName, role.RoleId, role.RolePolicyList),
      permissionsBoundaryArn: role.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
      tags: tagsOf(role.Tags),
      trustPolicy: decoded(role.AssumeRolePolicyDocument ?? ''),
      instanceProfiles: (role.InstanceProfileList ?? []).map(({ InstanceProfileName }) =>
        required(InstanceProfileName, inventory, 'InstanceProfileName'),
      ),
      lastUsedAt: role.RoleLastUsed?.LastUsedDate?.toISOString() ?? null,
    })),
    groups: (response.GroupDetailList ?? []).map((group) =>
      entity(group, group.GroupName, group.GroupId, group.GroupPolicyList),
    ),
    policies: (response.Policies ?? []).map((policy) => {
      const version = policy.PolicyVersionList?.find(({ IsDefaultVersion }) => IsDefaultVersion === true);
      return {
        arn: required(policy.Arn, inventory, 'Arn'),
        defaultDocument: version?.Document === undefined ? null : decoded(version.Document),
        otherVersions: (policy.PolicyVersionList ?? []).flatMap(({ IsDefaultVersion, VersionId, Document }) =>
          IsDefaultVersion === true || Document === undefined
            ? []
            : [{ id: required(VersionId, inventory, 'VersionId'), document: decoded(Document) }],
        ),
      };
    }),
    marker: nextMarker(response),
  };
}

const lastAccessed = 'GetServiceLastAccessedDetails';

const accessedService = (service: ServiceLastAccessed): AccessedService => ({
  namespace: required(service.ServiceNamespace, lastAccessed, 'ServiceNamespace'),
  name: required(service.ServiceName, lastAccessed, 'ServiceName'),
  lastAuthenticated: service.LastAuthenticated?.toISOString() ?? null,
  region: service.LastAuthenticatedRegion ?? null,
  actions:
    service.TrackedActionsLastAccessed?.map((action) => ({
      name: required(action.ActionName, lastAccessed, 'ActionName'),
      lastAccessed: action.LastAccessedTime?.toISOString() ?? null,
    })) ?? null,
});

export const lastAccessedPage = (response: GetServiceLastAccessedDetailsCommandOutput): LastAccessedPage =>
  reportPage(lastAccessed, response, response.Error, () =>
    required(response.ServicesLastAccessed, lastAccessed, 'ServicesLastAccessed').map(accessedService),
  );

const simulate = 'SimulatePrincipalPolicy';

/** For a single resource, AWS may return the decision in EvalDecision, without ResourceSpecificResults. */
function resourceResults(result: EvaluationResult): SimulatedDecision['resources'] {
  const listed = result.ResourceSpecificResults ?? [];
  if (listed.length === 0) {
    const { EvalResourceName: arn, EvalDecision, MissingContextValues } = result;
    if (arn === undefined || arn === '*') return [];
    return [
      {
        arn,
        decision: required(EvalDecision, simulate, 'EvalDecision'),
        allowedByBoundary: result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary ?? null,
        missingContext: MissingContextValues ?? [],
      },
    ];
  }
  return listed.map((resource) => ({
    arn: required(resource.EvalResourceName, simulate, 'EvalResourceName'),
    decision: required(resource.EvalResourceDecision, simulate, 'EvalResourceDecision'),
    allowedByBoundary: resource.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary ?? null,
    missingContext: resource.MissingContextValues ?? [],
  }));
}

const simulatedDecision = (result: EvaluationResult): SimulatedDecision => ({
  action: required(result.EvalActionName, simulate, 'EvalActionName'),
  decision: required(result.EvalDecision, simulate, 'EvalDecision'),
  allowedByOrganizations: result.OrganizationsDecisionDetail?.AllowedByOrganizations ?? null,
  allowedByBoundary: result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary ?? null,
  missingContext: result.MissingContextValues ?? [],
  resources: resourceResults(result),
});

export const simulationPage = (response: SimulatePrincipalPolicyCommandOutput): SimulationPage => ({
  decisions: (response.EvaluationResults ?? []).map(simulatedDecision),
  marker: nextMarker(response),
});
