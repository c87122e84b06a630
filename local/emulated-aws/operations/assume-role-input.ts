import { deflateRawSync } from 'node:zlib';
import type { EmulatedAccount, PolicyDocument } from '../account.ts';
import { ServiceError } from '../service-error.ts';
import { members, parameter, type OperationContext } from './operation.ts';

/** The parameters of a call of AssumeRole, with values that AWS accepts. */
export interface AssumeRoleInput {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly externalId: string | null;
  readonly policy: PolicyDocument | null;
  readonly policyArns: readonly string[];
  readonly sourceIdentity: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  /** Percentage of the space for session policies and tags. Null: there are none. */
  readonly packedSize: number | null;
}

/** Bytes for session policies and tags in their packed form. AWS publishes neither the size nor the form. */
const PACKED_BYTES = 1_024;

export const validationError = (message: string): ServiceError => new ServiceError(400, 'ValidationError', message);

/** The form of AWS's message about one parameter, whose name starts with a lowercase letter there. */
const invalid = (name: string, value: string, constraint: string): ServiceError =>
  validationError(
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must ${constraint}`,
  );

interface TextRule {
  readonly least: number;
  readonly most: number;
  readonly pattern: RegExp;
}

const NAME: TextRule = { least: 2, most: 64, pattern: /^[\w+=,.@-]*$/ };
const EXTERNAL_ID: TextRule = { least: 2, most: 1_224, pattern: /^[\w+=,.@:/-]*$/ };
const TAG_KEY: TextRule = { least: 1, most: 128, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u };
const TAG_VALUE: TextRule = { least: 0, most: 256, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u };

function checked(name: string, value: string, { least, most, pattern }: TextRule): string {
  if (value.length < least) throw invalid(name, value, `have length greater than or equal to ${least}`);
  if (value.length > most) throw invalid(name, value, `have length less than or equal to ${most}`);
  if (!pattern.test(value)) throw invalid(name, value, `satisfy regular expression pattern: ${pattern.source}`);
  return value;
}

const optional = ({ parameters }: OperationContext, name: string, rule: TextRule): string | null => {
  const value = parameters.get(name);
  return value === null ? null : checked(`${name.charAt(0).toLowerCase()}${name.slice(1)}`, value, rule);
};

/** @throws ServiceError ValidationError, MalformedPolicyDocument, PackedPolicyTooLarge or InvalidParameterValue */
export function assumeRoleInput(context: OperationContext): AssumeRoleInput {
  const { parameters } = context;
  const roleArn = parameter(context, 'RoleArn');
  if (!/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(roleArn)) throw validationError(`${roleArn} is invalid`);
  const sessionName = checked('roleSessionName', parameter(context, 'RoleSessionName'), NAME);
  const durationSeconds = Number(parameters.get('DurationSeconds') ?? 3_600);
  if (!(durationSeconds >= 900)) {
    throw invalid('durationSeconds', String(durationSeconds), 'have value greater than or equal to 900');
  }
  if (durationSeconds > 43_200) {
    throw invalid('durationSeconds', String(durationSeconds), 'have value less than or equal to 43200');
  }
  const policyText = parameters.get('Policy');
  const policyArns = fields(context, 'PolicyArns', 'arn');
  const pairs = tagPairs(context);
  const transitiveTagKeys = members(context, 'TransitiveTagKeys');
  for (const key of transitiveTagKeys) {
    if (pairs.some(([own]) => own === key)) continue;
    throw invalidTags('The specified transitive tag key must be included in the requested tags.');
  }
  if (policyArns.length > 10)
    throw invalid('policyArns', policyArns.join(', '), 'have length less than or equal to 10');
  return {
    roleArn,
    sessionName,
    durationSeconds,
    externalId: optional(context, 'ExternalId', EXTERNAL_ID),
    policy: policyText === null ? null : sessionPolicy(policyText),
    policyArns,
    sourceIdentity: optional(context, 'SourceIdentity', NAME),
    tags: Object.fromEntries(pairs),
    transitiveTagKeys,
    packedSize: packedSize([...(policyText === null ? [] : [policyText]), ...policyArns, ...pairs.flat()]),
  };
}

function sessionPolicy(text: string): PolicyDocument {
  if (text.length > 2_048) throw invalid('policy', text, 'have length less than or equal to 2048');
  const malformed = new ServiceError(400, 'MalformedPolicyDocument', 'The policy is not in the valid JSON format.');
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('Statement' in parsed)) throw malformed;
    return Object.fromEntries(Object.entries(parsed));
  } catch {
    throw malformed;
  }
}

function packedSize(texts: readonly string[]): number | null {
  if (texts.length === 0) return null;
  const percent = Math.ceil((100 * deflateRawSync(texts.join('\n')).length) / PACKED_BYTES);
  if (percent <= 100) return percent;
  throw new ServiceError(
    400,
    'PackedPolicyTooLarge',
    `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );
}

const invalidTags = (message: string): ServiceError => new ServiceError(400, 'InvalidParameterValue', message);

function tagPairs(context: OperationContext): [key: string, value: string][] {
  const keys = fields(context, 'Tags', 'Key').map((key) => checked('tags', key, TAG_KEY));
  const values = fields(context, 'Tags', 'Value').map((value) => checked('tags', value, TAG_VALUE));
  if (keys.length > 50) throw invalid('tags', keys.join(', '), 'have length less than or equal to 50');
  if (new Set(keys.map((key) => key.toLowerCase())).size < keys.length) {
    throw invalidTags('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  return keys.map((key, n) => [key, values[n] ?? '']);
}

/** The values of `Name.member.1.Field`, `Name.member.2.Field`, and so on. */
function fields({ parameters }: OperationContext, name: string, field: string): string[] {
  const values: string[] = [];
  for (let n = 1; ; n += 1) {
    const value = parameters.get(`${name}.member.${n}.${field}`);
    if (value === null) return values;
    values.push(value);
  }
}

/** The documents of managed session policies, which must exist in the role's account. @throws ServiceError */
export function managedSessionPolicies(account: EmulatedAccount, arns: readonly string[]): PolicyDocument[] {
  return arns.map((arn) => {
    const version = account.policies.get(arn)?.versions.find(({ isDefault }) => isDefault);
    if (version !== undefined) return version.document;
    throw new ServiceError(400, 'MalformedPolicyDocument', `The session policy ${arn} does not exist.`);
  });
}
