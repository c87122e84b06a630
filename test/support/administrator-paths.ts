import { allow, inline, trustOf } from './policy-documents.ts';
import { scanned } from './scanned-case.ts';

export type Json = Readonly<Record<string, unknown>>;

export const ID = '111122223396';
export const iam = `arn:aws:iam::${ID}:`;
export const service = trustOf({ Service: 'ec2.amazonaws.com' });
export const account = trustOf({ AWS: `${iam}root` });
export const reads = inline(allow('sqs:ReceiveMessage'));
export const everything = inline(allow('*'));
export const deny = (Action: unknown, more: Json = {}): Json => ({ Effect: 'Deny', Action, Resource: '*', ...more });

interface Parts {
  /** Statements of the principal `dev`, a role unless it is in `users`. */
  readonly dev?: readonly Json[];
  readonly users?: readonly Json[];
  readonly groups?: readonly Json[];
  readonly roles?: readonly Json[];
  readonly policies?: readonly Json[];
  readonly scps?: readonly (readonly Json[])[];
}

export const userOf = (name: string, more: Json = {}): Json => ({ name, inline: reads, cred: {}, la: {}, ...more });
export const roleOf = (name: string, trust: Json, more: Json = {}): Json => ({
  name,
  trust,
  inline: reads,
  lastUsed: 2,
  instanceProfiles: [],
  la: {},
  ...more,
});

/** The paths of `dev` to administrator permissions: certainty, and the technique and end of each step. */
export async function administratorPaths({
  dev,
  users = [],
  groups = [],
  roles = [],
  policies = [],
  scps,
}: Parts): Promise<string[]> {
  const own = dev === undefined ? [] : [roleOf('dev', service, { inline: inline(...dev) })];
  const { findings } = await scanned({
    id: ID,
    users,
    groups,
    roles: [...own, ...roles],
    policies,
    ...(scps === undefined ? {} : { scps }),
  });
  const found = findings.find(
    ({ rule, principalArn }) => rule === 'escalation-path' && principalArn.split('/').at(-1) === 'dev',
  );
  const paths = (found?.evidence['paths'] ?? []) as {
    gain: string;
    certainty: string;
    steps: { technique: string; to: string; changes?: string }[];
  }[];
  return paths
    .filter(({ gain }) => gain === 'administrator')
    .map(({ certainty, steps }) =>
      [
        certainty,
        ...steps.map(({ technique, to, changes }) => `${technique} ${(changes ?? to).split(':')[5] ?? ''}`),
      ].join(', '),
    );
}
