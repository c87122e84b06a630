import { parse } from '@cdktf/hcl2json';

/** The parts of the member role that a template sets, with references resolved. */
export interface ResolvedRole {
  readonly name: unknown;
  readonly path: unknown;
  readonly description: unknown;
  readonly maxSessionDuration: unknown;
  readonly trust: unknown;
  readonly policyName: unknown;
  readonly policy: unknown;
  readonly boundary: unknown;
  readonly tags: unknown;
}

export type References = Readonly<Record<string, string>>;
type Json = Readonly<Record<string, unknown>>;

/** Resolves Ref, Fn::Sub and Fn::Join as CloudFormation does. */
export function resolve(value: unknown, references: References): unknown {
  if (Array.isArray(value)) return value.map((part) => resolve(part, references));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::Sub': sub, 'Fn::Join': join } = value as Json;
  const referenced = (name: string): string => {
    const found = references[name];
    if (found === undefined) throw new Error(`No value for the reference ${name}.`);
    return found;
  };
  if (typeof ref === 'string') return referenced(ref);
  if (typeof sub === 'string') return sub.replace(/\$\{([^}]+)\}/g, (_, name: string) => referenced(name));
  if (Array.isArray(join)) return (resolve(join[1], references) as string[]).join(String(join[0]));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolve(part, references)]));
}

/** The role of a CloudFormation template that has one role. */
export function cloudFormationRole(template: unknown, references: References): ResolvedRole {
  const { Resources } = template as { Resources: Record<string, { Type: string; Properties: Json }> };
  const [role] = Object.values(Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
  const properties = resolve(role!.Properties, references) as Json;
  const [policy, ...others] = properties.Policies as Json[];
  expect([others, properties.ManagedPolicyArns]).toEqual([[], undefined]);
  return {
    name: properties.RoleName,
    path: properties.Path,
    description: properties.Description,
    maxSessionDuration: properties.MaxSessionDuration,
    trust: normalised(properties.AssumeRolePolicyDocument),
    policyName: policy!.PolicyName,
    policy: normalised(policy!.PolicyDocument),
    boundary: properties.PermissionsBoundary,
    tags: Object.fromEntries(
      ((properties.Tags ?? []) as { Key: string; Value: string }[]).map((t) => [t.Key, t.Value]),
    ),
  };
}

interface TerraformStatement {
  readonly sid: string;
  readonly actions: string[];
  readonly resources?: string[];
  readonly principals?: { readonly type: string; readonly identifiers: string[] }[];
  readonly condition?: { readonly test: string; readonly variable: string; readonly values: string[] }[];
}

/** The role of a Terraform configuration. HashiCorp's own parser of HCL reads it. */
export async function terraformRole(configuration: string, references: References): Promise<ResolvedRole> {
  const text = configuration.replace(/\$\{data\.([\w.]+)\}/g, (_, name: string) => references[name] ?? `?${name}?`);
  const parsed = (await parse('member-role.tf', text)) as {
    data: { aws_iam_policy_document: Record<string, { statement: TerraformStatement[] }[]> };
    resource: { aws_iam_role: Record<string, Json[]>; aws_iam_role_policy: Record<string, Json[]> };
  };
  const [[role]] = Object.values(parsed.resource.aws_iam_role) as [[Json]];
  const [[policy]] = Object.values(parsed.resource.aws_iam_role_policy) as [[Json]];
  const documentOf = (reference: unknown): unknown => {
    const name = /^\$\{data\.aws_iam_policy_document\.(\w+)\.json\}$/.exec(String(reference))?.[1] ?? '';
    const [document] = parsed.data.aws_iam_policy_document[name]!;
    return normalised({ Version: '2012-10-17', Statement: document!.statement.map(statementOf) });
  };
  return {
    name: role.name,
    path: role.path,
    description: role.description,
    maxSessionDuration: role.max_session_duration,
    trust: documentOf(role.assume_role_policy),
    policyName: policy.name,
    policy: documentOf(policy.policy),
    boundary: role.permissions_boundary,
    tags: role.tags ?? {},
  };
}

/** What the data source aws_iam_policy_document makes of a statement. The effect is Allow unless it is given. */
function statementOf({ sid, actions, resources, principals, condition = [] }: TerraformStatement): Json {
  const conditions: Record<string, Record<string, string[]>> = {};
  for (const { test, variable, values } of condition) (conditions[test] ??= {})[variable] = values;
  return {
    Sid: sid,
    Effect: 'Allow',
    Action: actions,
    ...(principals === undefined
      ? {}
      : { Principal: Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers])) }),
    ...(resources === undefined ? {} : { Resource: resources }),
    ...(condition.length === 0 ? {} : { Condition: conditions }),
  };
}

/** IAM treats a text and a list with this one text alike. */
function normalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? normalised(value[0]) : value.map(normalised);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, normalised(part)]));
}
