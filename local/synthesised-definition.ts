import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { handlerNames, type HandlerName } from '../core/contract/environment.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = ['lib', 'core/contract', 'core/doctor', 'questions', 'cdk.json', 'package-lock.json'];

const Synthesised = v.object({
  definition: v.string(),
  /** The handler of each function, by the function's ARN. */
  functions: v.record(v.string(), v.picklist(handlerNames)),
});
export type Synthesised = v.InferOutput<typeof Synthesised>;

/**
 * The state machine's definition as the CDK app synthesises it. CloudFormation references are resolved to local names.
 * Synthesis takes seconds, so the result is cached under a hash of the source files.
 * @param doctor whether the stack has the setting `doctor`
 * @param ofOrganization whether its setting `accounts` is `organization`
 * @param securityHub whether its setting `securityHub` is true; no other setting changes the states
 * @param onSynthesis called before a synthesis, during which the event loop is blocked
 * @param cache the folder of the cached definitions
 */
export async function workflowDefinition({
  doctor = false,
  ofOrganization = false,
  securityHub = false,
  onSynthesis = (): void => undefined,
  cache = join(root, 'node_modules/.cache/iam-audit'),
} = {}): Promise<Synthesised> {
  const variant = `${doctor ? '-doctor' : ''}${ofOrganization ? '-organization' : ''}${securityHub ? '-security-hub' : ''}`;
  const name = `${await hashOf(sources)}${variant}`;
  const path = join(cache, `${name}.json`);
  const cached = await readFile(path, 'utf8').catch(() => null);
  if (cached !== null) return v.parse(Synthesised, JSON.parse(cached));
  onSynthesis();
  const synthesised = await synthesise({
    ...(doctor ? { doctor: { trailBucket: 'emulated-trail' } } : {}),
    ...(securityHub ? { securityHub } : {}),
    ...(ofOrganization ? { accounts: 'organization', memberRoleName: 'emulated-member' } : {}),
  });
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(synthesised));
  await rename(temporary, path);
  return synthesised;
}

async function hashOf(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    const entries = path.includes('.') ? [''] : (await readdir(join(root, path), { recursive: true })).sort();
    for (const entry of entries) {
      if (entry !== '' && !/\.(ts|sql)$/.test(entry)) continue;
      hash.update(`${path}/${entry}\0`).update(await readFile(join(root, path, entry)));
    }
  }
  return hash.digest('hex').slice(0, 32);
}

const Joined = v.object({ 'Fn::Join': v.tuple([v.literal(''), v.array(v.unknown())]) });
const Attribute = v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) });
const Reference = v.object({ Ref: v.string() });

/** The value that CloudFormation would insert for a reference. @throws ValiError for an unknown kind of reference */
export function resolveReference(part: unknown): string {
  if (typeof part === 'string') return part;
  if (v.is(Attribute, part)) return functionArn(part['Fn::GetAtt'][0]);
  const { Ref } = v.parse(Reference, part);
  return Ref === 'AWS::Partition' ? 'aws' : Ref;
}

const functionArn = (logicalId: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${logicalId}`;

async function synthesise(settings: Readonly<Record<string, unknown>>): Promise<Synthesised> {
  const { auditApp } = await import('../lib/audit-app.ts');
  const { app, stack } = auditApp({ bundle: false, validate: false, settings });
  const { CfnFunction } = await import('aws-cdk-lib/aws-lambda');
  const functions = Object.fromEntries(
    handlerNames.flatMap((name): [string, HandlerName][] => {
      const resource = stack.functions.byName[name]?.node.defaultChild;
      if (!(resource instanceof CfnFunction)) return [];
      return [[functionArn(v.parse(v.string(), stack.resolve(resource.logicalId))), name]];
    }),
  );
  const template = v.parse(
    v.object({ Resources: v.record(v.string(), v.looseObject({ Type: v.string() })) }),
    app.synth().getStackByName(stack.stackName).template,
  );
  const machine = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::StepFunctions::StateMachine');
  const { Properties } = v.parse(v.object({ Properties: v.object({ DefinitionString: Joined }) }), machine);
  return { definition: Properties.DefinitionString['Fn::Join'][1].map(resolveReference).join(''), functions };
}
