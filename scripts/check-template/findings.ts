import * as v from 'valibot';

/** A finding of a checker on one resource of one template. */
export interface Finding {
  readonly tool: Tool;
  readonly id: string;
  /** `AWS::S3::Bucket ResultsBucket46167C27`, or `template` if the finding is not on a resource. */
  readonly resource: string;
  readonly message: string;
  /** Name of the settings that the template was synthesised with. */
  readonly variant: string;
}

export const Tool = v.picklist(['cfn-lint', 'checkov']);
export type Tool = v.InferOutput<typeof Tool>;

/** A rule that does not apply to some resources, with the reason. */
export const Exception = v.strictObject({
  tool: Tool,
  id: v.pipe(v.string(), v.minLength(1)),
  /** As in findings; `*` stands for any characters. */
  resource: v.pipe(v.string(), v.minLength(1)),
  /** The variants in which it applies. If undefined, it applies in all variants. */
  variants: v.optional(v.array(v.string())),
  reason: v.pipe(v.string(), v.minLength(20)),
});
export type Exception = v.InferOutput<typeof Exception>;

export interface Verdict {
  /** Findings without an exception, each once. */
  readonly unexpected: readonly Finding[];
  /** Exceptions that match no finding of any variant. */
  readonly unused: readonly Exception[];
}

export function judge(findings: readonly Finding[], exceptions: readonly Exception[]): Verdict {
  return {
    unexpected: findings.filter((finding) => !exceptions.some((exception) => covers(exception, finding))),
    unused: exceptions.filter((exception) => !findings.some((finding) => covers(exception, finding))),
  };
}

function covers(exception: Exception, { tool, id, resource, variant }: Finding): boolean {
  if (exception.variants?.includes(variant) === false) return false;
  const source = exception.resource.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return exception.tool === tool && exception.id === id && new RegExp(`^${source}$`).test(resource);
}

const CfnLintOutput = v.array(
  v.object({
    Filename: v.string(),
    Location: v.object({ Path: v.nullable(v.array(v.union([v.string(), v.number()]))) }),
    Message: v.string(),
    Rule: v.object({ Id: v.string() }),
  }),
);

/** Types of a template's resources by logical ID. */
export type ResourceTypes = ReadonlyMap<string, string>;

/** @param variants types of resources by the name of the template's file, without its ending */
export function cfnLintFindings(output: unknown, variants: ReadonlyMap<string, ResourceTypes>): Finding[] {
  return v.parse(CfnLintOutput, output).map(({ Filename, Location, Message, Rule }) => {
    const variant = variantOf(Filename);
    const [section, logicalId] = Location.Path ?? [];
    const type = section === 'Resources' ? variants.get(variant)?.get(String(logicalId)) : undefined;
    const resource = type === undefined ? 'template' : `${type} ${logicalId ?? ''}`;
    return { tool: 'cfn-lint', id: Rule.Id, resource, message: Message, variant };
  });
}

const CheckovOutput = v.object({
  summary: v.object({ passed: v.pipe(v.number(), v.minValue(1)), parsing_errors: v.literal(0) }),
  results: v.object({
    failed_checks: v.array(
      v.object({ check_id: v.string(), check_name: v.string(), resource: v.string(), file_path: v.string() }),
    ),
  }),
});

export function checkovFindings(output: unknown): Finding[] {
  return v.parse(CheckovOutput, output).results.failed_checks.map(({ check_id, check_name, resource, file_path }) => ({
    tool: 'checkov',
    id: check_id,
    // `AWS::S3::Bucket.ResultsBucket46167C27`
    resource: resource.replace('.', ' '),
    message: check_name,
    variant: variantOf(file_path),
  }));
}

const variantOf = (path: string): string => (path.split('/').at(-1) ?? '').replace(/\.template\.json$/, '');
