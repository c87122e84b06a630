import type { TrustStatement } from '../trust/trust-statement.ts';
import { coversAction } from './trust-truth.ts';
import type { KeyValue } from './condition-context.ts';

/** By key: the service whose programs get the credentials of the sessions that have it. */
const OF_PROGRAMS: ReadonlyMap<string, string> = new Map([
  ['aws:ec2instancesourceprivateipv4', 'ec2'],
  ['aws:ec2instancesourcevpc', 'ec2'],
  ['codebuild:buildarn', 'codebuild'],
  ['codebuild:projectarn', 'codebuild'],
  ['ec2:roledelivery', 'ec2'],
  ['ec2:sourceinstancearn', 'ec2'],
  ['glue:credentialissuingservice', 'glue'],
  ['glue:roleassumedby', 'glue'],
  ['lambda:sourcefunctionarn', 'lambda'],
  ['ssm:sourceinstancearn', 'ssm'],
]);

/** Keys of other sessions of roles: of federation, of Identity Center and the like. */
const OF_OTHER_SESSIONS = new Set([
  'aws:assumedroot',
  'aws:chatbotsourcearn',
  'aws:federatedprovider',
  'aws:sourceidentity',
  'identitystore:userid',
]);

/** Keys of identity providers, such as `token.actions.githubusercontent.com:sub` or `saml:sub`. */
const OF_PROVIDER = /^(?:saml|[^:/]+\.[^:]+):/;

/** Whether a key of a service is in the requests of its programs, to any service. */
export const isOfProgram = (key: string): boolean => OF_PROGRAMS.has(key) || key === 'identitystore:userid';

/** Whether only the session of a role has a key. */
const isOfRoleSession = (key: string): boolean =>
  OF_PROGRAMS.has(key) || OF_OTHER_SESSIONS.has(key) || OF_PROVIDER.test(key);

/**
 * The value of a key that depends on how the credentials of a session were got (IAM User Guide, "AWS global condition context
 * keys" and "IAM and AWS STS condition context keys"; the guides of the services). Null: this does not decide it.
 * @param trust the trust policy of a role; null: it is not known
 */
export function keyOfSession(
  key: string,
  { type, trust }: { readonly type: 'user' | 'role'; readonly trust: readonly TrustStatement[] | null },
): KeyValue | null {
  if (type === 'user') return isOfRoleSession(key) ? 'absent' : null;
  const isMfa = key.startsWith('aws:multifactorauth');
  if (trust === null || (!isMfa && !isOfRoleSession(key))) return null;
  const by = openersOf(trust);
  if (by === null) return null;
  const program = OF_PROGRAMS.get(key);
  if (program !== undefined) {
    if (!by.services.has(program)) return 'absent';
    // Instances can always use version 2 of their metadata service.
    return key === 'ec2:roledelivery' && by.services.size === 1 && !by.hasOthers ? [IMDS_V2] : null;
  }
  if (key === 'aws:sourceidentity') return letsSetSourceIdentity(trust) ? null : 'absent';
  if (OF_PROVIDER.test(key) || key === 'aws:federatedprovider') return by.isFederated ? null : 'absent';
  // A session that a service opens has no MFA.
  if (isMfa && !by.isFederated && !by.hasOthers) return key === 'aws:multifactorauthpresent' ? ['false'] : 'absent';
  return null;
}

const letsSetSourceIdentity = (trust: readonly TrustStatement[]): boolean =>
  trust.some((one) => one.allows && coversAction(one, 'sts:setsourceidentity'));

const IMDS_V2 = '2.0';

interface Openers {
  /** Such as `ec2`. */
  readonly services: ReadonlySet<string>;
  readonly isFederated: boolean;
  /** Users or roles. */
  readonly hasOthers: boolean;
}

/** Null: everyone, or all but some. */
function openersOf(trust: readonly TrustStatement[]): Openers | null {
  const services = new Set<string>();
  let isFederated = false;
  let hasOthers = false;
  for (const { allows, exceptThese, principals } of trust) {
    if (!allows) continue;
    if (exceptThese) return null;
    for (const { type, name } of principals) {
      if (type === 'service') services.add(name.split('.')[0] ?? '');
      else if (type === 'federated') isFederated = true;
      else if (type === 'aws') hasOthers = true;
      else return null;
    }
  }
  return { services, isFederated, hasOthers };
}
