import type { ConditionContext, KeyValue } from './condition-context.ts';

/** What is known of the principal that sends a request. */
export interface Caller {
  readonly arn: string;
  readonly accountId: string;
  readonly type: 'user' | 'role';
  readonly name: string;
  readonly principalId: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether the user has an MFA device and can sign in with it. */
  readonly hasMfa: boolean;
  /** Whether a session of the role may have tags besides the role's: its trust policy allows sts:TagSession. */
  readonly mayHaveSessionTags: boolean;
}

/** The organization of the caller's account: its ID, `none` if it is in no organization, `unknown` if it may be in one. */
export interface OrganizationFacts {
  readonly id: string;
}

/** Keys that AWS sets only if a service sends the request for a caller, so a caller's own request does not have them. */
const ONLY_FROM_SERVICES = new Set([
  'aws:calledvia',
  'aws:calledviafirst',
  'aws:calledvialast',
  'aws:sourcearn',
  'aws:sourceaccount',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:sourceowner',
  'aws:principalservicename',
  'aws:principalservicenameslist',
]);

/**
 * The keys of a principal's own request (IAM User Guide, "AWS global condition context keys").
 * @param extra keys of this request, in lower case; they replace the others
 * @param now milliseconds since the epoch
 */
export function callerContext(
  caller: Caller,
  organization: OrganizationFacts,
  now: number,
  extra: (key: string) => KeyValue | null,
): ConditionContext {
  const own = ownKeys(caller, organization, now);
  return (key) => extra(key) ?? own(key);
}

/** The keys of every request of a caller. */
export function ownKeys(caller: Caller, organization: OrganizationFacts, now: number): ConditionContext {
  const tags = new Map(Object.entries(caller.tags).map(([key, value]) => [key.toLowerCase(), value]));
  const known = new Map<string, KeyValue>([
    ['aws:principalarn', [caller.arn]],
    ['aws:principalaccount', [caller.accountId]],
    ['aws:principaltype', [caller.type === 'user' ? 'User' : 'AssumedRole']],
    ['aws:principalisawsservice', ['false']],
    ['aws:viaawsservice', ['false']],
    ['aws:securetransport', ['true']],
    ['aws:currenttime', [new Date(now).toISOString()]],
    ['aws:epochtime', [String(Math.floor(now / 1000))]],
    // A role's session may be a new one. A user's own requests need none.
    ['aws:tokenissuetime', caller.type === 'user' ? 'unknown' : [new Date(now).toISOString()]],
    ['aws:username', caller.type === 'user' ? [caller.name] : 'absent'],
    // The user ID of a role session contains the session's name.
    ['aws:userid', caller.type === 'user' ? [caller.principalId] : sessionId(caller)],
    ['aws:multifactorauthpresent', caller.hasMfa ? ['true'] : 'unknown'],
    ['aws:multifactorauthage', caller.hasMfa ? ['0'] : 'unknown'],
    ['aws:principalorgid', organizationValue(organization)],
    ['aws:principalorgpaths', organization.id === 'none' ? 'absent' : 'unknown'],
  ]);
  return (key) => {
    const given = known.get(key);
    if (given !== undefined) return given;
    if (ONLY_FROM_SERVICES.has(key)) return 'absent';
    if (!key.startsWith('aws:principaltag/')) return 'unknown';
    const tag = tags.get(key.slice('aws:principaltag/'.length));
    if (caller.mayHaveSessionTags) return 'unknown';
    return tag === undefined ? 'absent' : [tag];
  };
}

/**
 * The keys of a service's request to use a role for a resource of its own account.
 * @param service such as `lambda.amazonaws.com`
 */
export function serviceContext(
  service: string,
  accountId: string,
  organization: OrganizationFacts,
  now: number,
): ConditionContext {
  const known = new Map<string, KeyValue>([
    ['aws:principalisawsservice', ['true']],
    ['aws:principalservicename', [service]],
    ['aws:sourceaccount', [accountId]],
    ['aws:sourceorgid', organizationValue(organization)],
    ['aws:securetransport', ['true']],
    ['aws:currenttime', [new Date(now).toISOString()]],
    ['aws:epochtime', [String(Math.floor(now / 1000))]],
    // A service's request has no caller in the account.
    ['aws:principalarn', 'absent'],
    ['aws:principalaccount', 'absent'],
    ['aws:principalorgid', 'absent'],
    ['aws:principalorgpaths', 'absent'],
    ['aws:principaltype', 'absent'],
    ['aws:username', 'absent'],
    ['aws:multifactorauthpresent', 'absent'],
  ]);
  return (key) => known.get(key) ?? (key.startsWith('aws:principaltag/') ? 'absent' : 'unknown');
}

const sessionId = ({ principalId }: Caller): KeyValue =>
  principalId === '' ? 'unknown' : { beginning: `${principalId}:` };

function organizationValue({ id }: OrganizationFacts): KeyValue {
  if (id === 'none') return 'absent';
  return id === 'unknown' ? 'unknown' : [id];
}
