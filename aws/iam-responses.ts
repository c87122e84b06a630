import type {
  AttachedPermissionsBoundary,
  AttachedPolicy,
  EvaluationResult,
  GetAccountAuthorizationDetailsCommandOutput,
  GetServiceLastAccessedDetailsCommandOutput,
  GroupDetail,
  ManagedPolicyDetail,
  PermissionsBoundaryDecisionDetail,
  PolicyDetail,
  RoleDetail,
  ServiceLastAccessed,
  SimulatePrincipalPolicyCommandOutput,
  Tag,
  UserDetail,
} from '@aws-sdk/client-iam';
import * as v from 'valibot';
import { DecisionKind, type AccessedService } from '../core/contract/evidence.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import type {
  AccountGroup,
  AccountPolicy,
  AccountRole,
  AccountUser,
  AuthorizationPage,
  LastAccessedPage,
  AuthorizationFilter,
  NamedDocument,
  SimulatedDecision,
  SimulationPage,
  UnreadableEntity,
} from '../core/ports/iam.ts';
import { readAnswer } from './counted-call.ts';
import { nextMarker, reportPage } from './report-page.ts';
import {
  optionalFlag,
  optionalList,
  optionalText,
  optionalTime,
  requiredChoice,
  requiredList,
  requiredText,
  requiredTime,
} from './required.ts';
import { entriesLeftOut } from './unreadable-entries.ts';

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
  optionalList(policies, inventory, 'list of inline policies').map(({ PolicyName, PolicyDocument }) => ({
    name: requiredText(PolicyName, inventory, 'PolicyName'),
    document: decoded(requiredText(PolicyDocument, inventory, 'PolicyDocument')),
  }));

const arnsOf = (attached: AttachedPolicy[] | undefined): string[] =>
  requiredList(attached, inventory, 'AttachedManagedPolicies').map(({ PolicyArn }) =>
    requiredText(PolicyArn, inventory, 'PolicyArn'),
  );

// Object.fromEntries also stores a key such as __proto__. An assignment would not store it.
const tagsOf = (tags: Tag[] | undefined): Record<string, string> =>
  Object.fromEntries(
    optionalList(tags, inventory, 'Tags').map(({ Key, Value }) => [
      requiredText(Key, inventory, 'Tag.Key'),
      optionalText(Value, inventory, 'Tag.Value') ?? '',
    ]),
  );

/** A boundary without its policy is not the same as no boundary. */
const boundaryOf = (boundary: AttachedPermissionsBoundary | undefined): string | null =>
  boundary === undefined ? null : requiredText(boundary.PermissionsBoundaryArn, inventory, 'PermissionsBoundaryArn');

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
  arn: requiredText(detail.Arn, inventory, 'Arn'),
  name: requiredText(name, inventory, 'name'),
  path: requiredText(detail.Path, inventory, 'Path'),
  id: requiredText(id, inventory, 'id'),
  createdAt: requiredTime(detail.CreateDate, inventory, 'CreateDate'),
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

const needed = <T>(list: T[] | undefined, field: string): T[] => [...requiredList(list, inventory, field)];

const readUser = (user: UserDetail): AccountUser => ({
  ...entity(user, user.UserName, user.UserId, user.UserPolicyList),
  groupNames: requiredList(user.GroupList, inventory, 'GroupList').map((name) =>
    requiredText(name, inventory, 'GroupList'),
  ),
  permissionsBoundaryArn: boundaryOf(user.PermissionsBoundary),
  tags: tagsOf(user.Tags),
});

const readRole = (role: RoleDetail): AccountRole => ({
  ...entity(role, role.RoleName, role.RoleId, needed(role.RolePolicyList, 'RolePolicyList')),
  permissionsBoundaryArn: boundaryOf(role.PermissionsBoundary),
  tags: tagsOf(role.Tags),
  trustPolicy: decoded(optionalText(role.AssumeRolePolicyDocument, inventory, 'AssumeRolePolicyDocument') ?? ''),
  instanceProfiles: needed(role.InstanceProfileList, 'InstanceProfileList').map(({ InstanceProfileName }) =>
    requiredText(InstanceProfileName, inventory, 'InstanceProfileName'),
  ),
  lastUsedAt: optionalTime(role.RoleLastUsed?.LastUsedDate, inventory, 'LastUsedDate'),
});

const readGroup = (group: GroupDetail): AccountGroup =>
  entity(group, group.GroupName, group.GroupId, needed(group.GroupPolicyList, 'GroupPolicyList'));

function readPolicy(policy: ManagedPolicyDetail): AccountPolicy {
  const versions = optionalList(policy.PolicyVersionList, inventory, 'PolicyVersionList').map(
    ({ IsDefaultVersion, VersionId, Document }) => ({
      isDefault: optionalFlag(IsDefaultVersion, inventory, 'IsDefaultVersion') === true,
      id: optionalText(VersionId, inventory, 'VersionId') ?? undefined,
      document: optionalText(Document, inventory, 'Document'),
    }),
  );
  const standard = versions.find(({ isDefault }) => isDefault)?.document ?? null;
  return {
    arn: requiredText(policy.Arn, inventory, 'Arn'),
    defaultDocument: standard === null ? null : decoded(standard),
    otherVersions: versions.flatMap(({ isDefault, id, document }) =>
      isDefault || document === null
        ? []
        : [{ id: requiredText(id, inventory, 'VersionId'), document: decoded(document) }],
    ),
  };
}

/**
 * Reads a page. An entry that can't be read is in `unreadable`: one unexpected field must not cost the whole account.
 * @param filter what was asked for
 * @throws AwsFault if a list that was asked for is missing: it would look empty; if the marker can't be read
 */
export function authorizationPage(
  response: GetAccountAuthorizationDetailsCommandOutput,
  filter: readonly AuthorizationFilter[],
): AuthorizationPage {
  for (const kind of filter) {
    const list = listOf[kind];
    requiredList<unknown>(response[list], inventory, list);
  }
  const unreadable: UnreadableEntity[] = [...entriesLeftOut(response)];
  const readable = <Detail extends { Arn?: string | undefined }, Read>(
    kind: UnreadableEntity['kind'],
    details: readonly Detail[] | undefined,
    read: (detail: Detail) => Read,
  ): Read[] =>
    optionalList(details, inventory, `list of each ${kind}`).flatMap((detail) => {
      try {
        return [readAnswer(inventory, () => read(detail))];
      } catch (error: unknown) {
        if (!(error instanceof AwsFault)) throw error;
        unreadable.push({ kind, arn: arnIn(detail), fault: error });
        return [];
      }
    });
  return {
    users: readable('user', response.UserDetailList, readUser),
    roles: readable('role', response.RoleDetailList, readRole),
    groups: readable('group', response.GroupDetailList, readGroup),
    policies: readable('policy', response.Policies, readPolicy),
    unreadable,
    marker: nextMarker(response),
  };
}

const WithArn = v.object({ Arn: v.pipe(v.string(), v.nonEmpty()) });

function arnIn(detail: unknown): string | null {
  const parsed = v.safeParse(WithArn, detail);
  return parsed.success ? parsed.output.Arn : null;
}

const lastAccessed = 'GetServiceLastAccessedDetails';

const accessedService = (service: ServiceLastAccessed): AccessedService => ({
  namespace: requiredText(service.ServiceNamespace, lastAccessed, 'ServiceNamespace'),
  name: requiredText(service.ServiceName, lastAccessed, 'ServiceName'),
  lastAuthenticated: optionalTime(service.LastAuthenticated, lastAccessed, 'LastAuthenticated'),
  region: optionalText(service.LastAuthenticatedRegion, lastAccessed, 'LastAuthenticatedRegion'),
  // AWS leaves the list out for a service that it does not track by action.
  actions:
    service.TrackedActionsLastAccessed === undefined
      ? null
      : requiredList(service.TrackedActionsLastAccessed, lastAccessed, 'TrackedActionsLastAccessed').map((action) => ({
          name: requiredText(action.ActionName, lastAccessed, 'ActionName'),
          lastAccessed: optionalTime(action.LastAccessedTime, lastAccessed, 'LastAccessedTime'),
        })),
});

export const lastAccessedPage = (response: GetServiceLastAccessedDetailsCommandOutput): LastAccessedPage =>
  reportPage(lastAccessed, response, response.Error, () =>
    requiredList(response.ServicesLastAccessed, lastAccessed, 'ServicesLastAccessed').map(accessedService),
  );

const simulate = 'SimulatePrincipalPolicy';

const decisionOf = (value: unknown, field: string): DecisionKind =>
  requiredChoice(value, DecisionKind.options, simulate, field);

const keysOf = (values: string[] | undefined): string[] =>
  optionalList(values, simulate, 'MissingContextValues').map((key) =>
    requiredText(key, simulate, 'MissingContextValues'),
  );

const byBoundary = (detail: PermissionsBoundaryDecisionDetail | undefined): boolean | null =>
  optionalFlag(detail?.AllowedByPermissionsBoundary, simulate, 'AllowedByPermissionsBoundary');

/** For a single resource, AWS may return the decision in EvalDecision, without ResourceSpecificResults. */
function resourceResults(result: EvaluationResult): SimulatedDecision['resources'] {
  const listed = optionalList(result.ResourceSpecificResults, simulate, 'ResourceSpecificResults');
  if (listed.length === 0) {
    const arn = optionalText(result.EvalResourceName, simulate, 'EvalResourceName');
    if (arn === null || arn === '*') return [];
    return [
      {
        arn,
        decision: decisionOf(result.EvalDecision, 'EvalDecision'),
        allowedByBoundary: byBoundary(result.PermissionsBoundaryDecisionDetail),
        missingContext: keysOf(result.MissingContextValues),
      },
    ];
  }
  return listed.map((resource) => ({
    arn: requiredText(resource.EvalResourceName, simulate, 'EvalResourceName'),
    decision: decisionOf(resource.EvalResourceDecision, 'EvalResourceDecision'),
    allowedByBoundary: byBoundary(resource.PermissionsBoundaryDecisionDetail),
    missingContext: keysOf(resource.MissingContextValues),
  }));
}

const simulatedDecision = (result: EvaluationResult): SimulatedDecision => ({
  action: requiredText(result.EvalActionName, simulate, 'EvalActionName'),
  decision: decisionOf(result.EvalDecision, 'EvalDecision'),
  allowedByOrganizations: optionalFlag(
    result.OrganizationsDecisionDetail?.AllowedByOrganizations,
    simulate,
    'AllowedByOrganizations',
  ),
  allowedByBoundary: byBoundary(result.PermissionsBoundaryDecisionDetail),
  missingContext: keysOf(result.MissingContextValues),
  resources: resourceResults(result),
});

export const simulationPage = (response: SimulatePrincipalPolicyCommandOutput): SimulationPage => ({
  decisions: requiredList(response.EvaluationResults, simulate, 'EvaluationResults').map(simulatedDecision),
  marker: nextMarker(response),
});
