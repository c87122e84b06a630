import * as v from 'valibot';

/** A request that a function made to a service. */
export interface FunctionRequest {
  readonly functionName: string;
  /** Such as `s3:PutObject`. */
  readonly action: string;
  /** ARN; null if the request's resource is not known. The policy may then allow the action on any resource. */
  readonly resource: string | null;
}

/** A request to S3, as an HTTP server receives it. */
export interface S3Request {
  readonly method: string;
  /** `/bucket/key`, decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Whether the header `If-Match` is set. */
  readonly ifMatch: boolean;
}

/** What a policy must allow for a request to S3 (Amazon S3 User Guide, "Required permissions for S3 API operations"). */
export function s3Permissions({ method, path, query, ifMatch }: S3Request): { action: string; resource: string }[] {
  const [bucket = '', ...rest] = path.replace(/^\//, '').split('/');
  const key = rest.join('/');
  const bucketArn = `arn:aws:s3:::${bucket}`;
  if (key === '') {
    // No function changes the bucket itself. Such a request is returned unchanged, and no policy allows it.
    const reads = method === 'GET' || method === 'HEAD';
    return [{ action: reads ? 's3:ListBucket' : `s3:${method} on the bucket`, resource: bucketArn }];
  }
  const resource = `${bucketArn}/${key}`;
  switch (method) {
    case 'GET':
    case 'HEAD':
      return [{ action: query.has('uploadId') ? 's3:ListMultipartUploadParts' : 's3:GetObject', resource }];
    case 'DELETE':
      return [{ action: query.has('uploadId') ? 's3:AbortMultipartUpload' : 's3:DeleteObject', resource }];
    default:
      // S3 compares the ETag of the stored object only if the caller may read the object.
      return [{ action: 's3:PutObject', resource }, ...(ifMatch ? [{ action: 's3:GetObject', resource }] : [])];
  }
}

/** Resources of a deployed stack: physical IDs by logical ID. */
export type PhysicalIds = ReadonlyMap<string, string>;

const Strings = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => (typeof value === 'string' ? [value] : value)),
);
const Statement = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.literal('Allow'),
  Action: Strings,
  Resource: v.pipe(
    v.unknown(),
    v.transform((value): unknown[] => (Array.isArray(value) ? value : [value])),
  ),
});
type Statement = v.InferOutput<typeof Statement>;

const Template = v.object({
  Resources: v.record(v.string(), v.looseObject({ Type: v.string(), Properties: v.optional(v.unknown()) })),
});
const Reference = v.object({ Ref: v.string() });
const FunctionProperties = v.object({ Role: v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) }) });
const PolicyProperties = v.object({
  Roles: v.array(Reference),
  PolicyDocument: v.object({ Statement: v.array(v.unknown()) }),
});

const Intrinsic = v.union([
  Reference,
  v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.string()]) }),
  v.object({ 'Fn::Join': v.tuple([v.string(), v.array(v.unknown())]) }),
  v.object({ 'Fn::Sub': v.string() }),
]);

const pseudoParameters: Readonly<Record<string, string>> = { 'AWS::Partition': 'aws' };

/** A resource's ARN with references replaced by physical IDs. References that are not needed for S3 stay placeholders. */
function resolved(value: unknown, physicalIds: PhysicalIds): string {
  if (typeof value === 'string') return value;
  const intrinsic = v.parse(Intrinsic, value);
  if ('Ref' in intrinsic) {
    return pseudoParameters[intrinsic.Ref] ?? physicalIds.get(intrinsic.Ref) ?? `<${intrinsic.Ref}>`;
  }
  // The name of the bootstrap stack's bucket has the account and the Region in it.
  if ('Fn::Sub' in intrinsic) {
    return intrinsic['Fn::Sub'].replace(/\$\{([^}]+)\}/g, (_, name: string) => pseudoParameters[name] ?? '*');
  }
  if ('Fn::Join' in intrinsic) {
    const [separator, parts] = intrinsic['Fn::Join'];
    return parts.map((part) => resolved(part, physicalIds)).join(separator);
  }
  const [id, attribute] = intrinsic['Fn::GetAtt'];
  return attribute === 'Arn' && id.startsWith('ResultsBucket')
    ? `arn:aws:s3:::${physicalIds.get(id) ?? `<${id}>`}`
    : `<${id}.${attribute}>`;
}

/** Whether an IAM pattern matches: `*` matches any characters, slashes too, and `?` matches one. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** The policies of a stack's functions, read from its synthesised template. */
export class FunctionPolicies {
  /** Statements by the function's physical name. */
  readonly #statements = new Map<string, readonly { actions: readonly string[]; resources: readonly string[] }[]>();

  constructor(template: unknown, physicalIds: PhysicalIds) {
    const resources = Object.entries(v.parse(Template, template).Resources);
    const policies = resources
      .filter(([, { Type }]) => Type === 'AWS::IAM::Policy')
      .map(([, { Properties }]) => v.parse(PolicyProperties, Properties));
    for (const [logicalId, { Type, Properties }] of resources) {
      const name = physicalIds.get(logicalId);
      if (Type !== 'AWS::Lambda::Function' || name === undefined) continue;
      const [role] = v.parse(FunctionProperties, Properties).Role['Fn::GetAtt'];
      const statements = policies
        .filter(({ Roles }) => Roles.some(({ Ref }) => Ref === role))
        .flatMap(({ PolicyDocument }): Statement[] => v.parse(v.array(Statement), PolicyDocument.Statement));
      this.#statements.set(
        name,
        statements.map(({ Action, Resource }) => ({
          actions: Action,
          resources: Resource.map((value) => resolved(value, physicalIds)),
        })),
      );
    }
  }

  /** Physical names of the functions. */
  get functions(): readonly string[] {
    return [...this.#statements.keys()];
  }

  allows({ functionName, action, resource }: FunctionRequest): boolean {
    return (this.#statements.get(functionName) ?? []).some(
      ({ actions, resources }) =>
        actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
        (resource === null || resources.some((pattern) => matches(pattern, resource))),
    );
  }
}
