import type { TrustClause, TrustStatement } from '../trust/trust-statement.ts';
import { oidcProvider } from '../trust/trusted-principal.ts';
import { conditionsTruth } from './conditions.ts';
import type { KeyValue } from './condition-context.ts';
import { coversAction, readTrustStatements } from './trust-truth.ts';

/** Principals of a trust policy, as it writes them, behind which strangers meet every condition and no Deny. */
export interface StrangerAccess {
  /** `*` if any AWS account can assume the role; ARNs of OIDC providers if other conditions don't limit their tokens. */
  readonly open: ReadonlySet<string>;
  /** `*` if no stranger can meet the conditions of any statement that trusts everyone. */
  readonly closed: ReadonlySet<string>;
  /** Whether guests of a Cognito identity pool, who don't sign in, can assume the role. */
  readonly guests: boolean;
}

/** An account, organization and address that no policy means. */
const ACCOUNT = '000000000000';
const ORGANIZATION = 'o-stranger0000';
const USER_ID = 'AIDA00000000000000000';
const ROLE_ID = 'AROA00000000000000000';
export const COGNITO = 'cognito-identity.amazonaws.com';

type Kind = 'aws' | 'token' | 'guest';

/** @param now milliseconds since the epoch */
export function strangerAccess(document: string, now: number): StrangerAccess {
  const statements = readTrustStatements(document) ?? [];
  const denials = statements.filter(({ allows }) => !allows);
  const given: Given = { denials, isUnsent: unsentBy(statements), now };
  const open = new Set<string>();
  const ofEveryone: { readonly name: string; readonly isClosed: boolean }[] = [];
  let guests = false;
  for (const statement of statements) {
    if (!statement.allows) continue;
    const names = statement.exceptThese ? [{ type: 'everyone', name: '*' } as const] : statement.principals;
    for (const { type, name } of names) {
      if (type === 'everyone') {
        if (meets('aws', name, statement, given)) open.add(name);
        ofEveryone.push({ name, isClosed: isClosed(name, statement, given) });
      }
      if (type !== 'federated' || oidcProvider(name) === null) continue;
      if (meets('token', name, statement, given)) open.add(name);
      if (name === COGNITO && meets('guest', name, statement, given)) guests = true;
    }
  }
  const notClosed = new Set(ofEveryone.flatMap(({ name, isClosed }) => (isClosed ? [] : [name])));
  const closed = new Set(ofEveryone.flatMap(({ name }) => (notClosed.has(name) ? [] : [name])));
  return { open, closed, guests };
}

/** The kinds of requests by which a statement lets in everyone. */
const requestsOf: readonly (readonly [Kind, string])[] = [
  ['aws', 'sts:assumerole'],
  ['token', 'sts:assumerolewithsaml'],
  ['token', 'sts:assumerolewithwebidentity'],
];

/** What is the same for all statements of a trust policy. */
interface Given {
  readonly denials: readonly TrustStatement[];
  /** Whether a stranger's request never has a key, because no statement lets strangers send it. */
  readonly isUnsent: (key: string) => boolean;
  readonly now: number;
}

/** What a request to assume a role has only if the trust policy also allows another action (IAM User Guide, "Session tags"). */
function unsentBy(statements: readonly TrustStatement[]): Given['isUnsent'] {
  const lets = (action: string): boolean =>
    statements.some(
      (one) =>
        one.allows &&
        coversAction(one, action) &&
        (one.exceptThese || one.principals.some(({ type }) => type !== 'service')),
    );
  const [tags, identity] = [lets('sts:tagsession'), lets('sts:setsourceidentity')];
  return (key) =>
    (!tags && /^(?:aws:(?:requesttag\/.*|tagkeys)|sts:transitivetagkeys)$/.test(key)) ||
    (!identity && key === 'sts:sourceidentity');
}

/** Whether certainly no request of a stranger meets the statement, or whether a Deny certainly applies to all of them. */
function isClosed(name: string, statement: TrustStatement, given: Given): boolean {
  const { denials, isUnsent } = given;
  return requestsOf.every(([kind, action]) => {
    if (!coversAction(statement, action)) return true;
    const valuesFor = (key: string): readonly KeyValue[] | null => {
      if (!HAS_ALL_VALUES.test(key) && !isUnsent(key)) return null;
      const about = [statement, ...denials].flatMap(({ clauses }) => clauses).filter((clause) => clause.key === key);
      const own = statement.clauses.filter((clause) => clause.key === key);
      return valuesOf(
        key,
        kind,
        name,
        about.map((clause) => ({ clause })),
        given,
      ).filter((value) => own.every((clause) => truthOf(clause, key, value) !== false));
    };
    if (statement.clauses.some(({ key }) => valuesFor(key)?.length === 0)) return true;
    return denials.some(
      (denial) =>
        coversAction(denial, action) &&
        meansStrangers(denial, kind, name) &&
        denial.clauses.every(
          (clause) => valuesFor(clause.key)?.every((value) => truthOf(clause, clause.key, value) === true) ?? false,
        ),
    );
  });
}

/** Whether a stranger can make a request that the statement allows and that nothing denies. */
function meets(kind: Kind, name: string, statement: TrustStatement, given: Given): boolean {
  const { denials } = given;
  const action = kind === 'aws' ? 'sts:assumerole' : 'sts:assumerolewithwebidentity';
  if (!coversAction(statement, action)) return false;
  const provider = kind === 'aws' ? null : oidcProvider(name);
  // A provider's own keys limit who gets a token; core/trust/oidc-access.ts judges them.
  const isJudged = ({ key }: TrustClause): boolean =>
    provider !== null && key.startsWith(`${provider}:`) && !(kind === 'guest' && /:(?:amr|sub)$/.test(key));
  const required = statement.clauses.filter((clause) => !isJudged(clause)).map((clause) => ({ clause, holds: true }));
  const can = (all: typeof required, key: string): boolean => {
    const about = all.filter(({ clause }) => clause.key === key);
    return valuesOf(key, kind, name, about, given).some((value) =>
      about.every(({ clause, holds }) => truthOf(clause, key, value) === holds),
    );
  };
  if (!required.every(({ clause }) => can(required, clause.key))) return false;
  for (const denial of denials) {
    if (!coversAction(denial, action) || !meansStrangers(denial, kind, name)) continue;
    const way = denial.clauses.find((clause) => can([...required, { clause, holds: false }], clause.key));
    if (way === undefined) return false;
    required.push({ clause: way, holds: false });
  }
  return true;
}

function meansStrangers({ exceptThese, principals }: TrustStatement, kind: Kind, provider: string): boolean {
  const isNamed = principals.some(
    ({ type, name }) => type === 'everyone' || (kind !== 'aws' && type === 'federated' && name === provider),
  );
  return isNamed !== exceptThese;
}

function truthOf(clause: TrustClause, key: string, value: KeyValue): boolean | null {
  const address = /^(?:for(?:any|all)values?:)?(not)?ipaddress/.exec(clause.operator);
  if (address !== null && value !== 'absent') {
    // A stranger has some address, but none of a certain range.
    const isEverywhere = clause.values.some(isEveryAddress);
    return address[1] === undefined ? isEverywhere : !isEverywhere;
  }
  const truth = conditionsTruth([clause], true, (one) => (one === key ? value : 'unknown'));
  return typeof truth === 'boolean' ? truth : null;
}

/** A range that anybody can call from, such as `0.0.0.0/0`, one half of it, or all public IPv6 addresses. */
function isEveryAddress(range: string): boolean {
  const bits = /\/(\d+)$/.exec(range)?.[1];
  return bits !== undefined && Number(bits) <= (range.includes(':') ? 3 : 1);
}

/** Keys whose values a caller sends or sets on its own principal (IAM User Guide, "AWS global condition context keys"). */
const CHOSEN =
  /^(?:aws:(?:principaltag\/.*|requesttag\/.*|tagkeys|useragent|referer|requestedregion|principaltype|username|sourceidentity|multifactorauthage|multifactorauthpresent)|sts:(?:rolesessionname|sourceidentity|transitivetagkeys|durationseconds))$/;
/** Keys of which `valuesOf` has all values that a stranger's request can have, as far as conditions tell them apart. */
const HAS_ALL_VALUES =
  /^aws:(?:userid|securetransport|principalisawsservice|viaawsservice|calledvia(?:first|last)?|principalservicename(?:slist)?|source(?:account|arn|orgid|orgpaths|owner))$/;
/** Keys that an unsigned request with a token does not have. */
const OF_SIGNED_REQUESTS = /^aws:(?:principal(?!isawsservice).*|username|userid|multifactorauth.*|tokenissuetime)$/;

/** The values that a stranger can give a key. Empty: not known. */
function valuesOf(
  key: string,
  kind: Kind,
  provider: string,
  about: readonly { readonly clause: TrustClause }[],
  { now, isUnsent }: Pick<Given, 'now' | 'isUnsent'>,
): readonly KeyValue[] {
  if (isUnsent(key)) return ['absent'];
  if (key === `${COGNITO}:amr`) return [['unauthenticated']];
  if (key === `${COGNITO}:sub`) return [['us-east-1:00000000-0000-0000-0000-000000000000']];
  if (kind !== 'aws' && OF_SIGNED_REQUESTS.test(key)) return ['absent'];
  const written = about.flatMap(({ clause }) => clause.values).filter((value) => !value.includes('${'));
  if (CHOSEN.test(key)) return ['absent', ['stranger'], ['1'], ...written.map((value) => [filled(value)])];
  switch (key) {
    case 'aws:principalarn':
      return [`arn:aws:iam::${ACCOUNT}:role/stranger`, ...written.map(ownArn)].map((arn) => [arn]);
    case 'aws:userid':
      return [[USER_ID], [ACCOUNT], ...['*', ...written].map(sessionId).map((id) => [id])];
    case 'aws:principalaccount':
      return [[ACCOUNT]];
    case 'aws:principalorgid':
      return ['absent', [ORGANIZATION]];
    case 'aws:principalorgpaths':
      return ['absent', [`${ORGANIZATION}/r-0000/ou-0000-00000000/`]];
    // A stranger does not know the ID, so only a pattern for any ID helps.
    case 'sts:externalid':
      return ['absent', ['stranger-0000']];
    case 'aws:currenttime':
      return [[new Date(now).toISOString()]];
    case 'aws:epochtime':
      return [[String(Math.floor(now / 1000))]];
    case 'aws:tokenissuetime':
      return [[new Date(now).toISOString()]];
    case 'aws:securetransport':
      return [['true']];
    case 'aws:principalisawsservice':
    case 'aws:viaawsservice':
      return [['false']];
    case 'aws:federatedprovider':
      return kind === 'aws' ? ['absent'] : [[provider]];
    case 'aws:calledvia':
    case 'aws:calledviafirst':
    case 'aws:calledvialast':
    case 'aws:principalservicename':
    case 'aws:principalservicenameslist':
    case 'aws:sourceaccount':
    case 'aws:sourcearn':
    case 'aws:sourceorgid':
    case 'aws:sourceorgpaths':
    case 'aws:sourceowner':
      return ['absent'];
    // Absent in a request through a VPC endpoint, as the keys of VPCs are in any other request.
    case 'aws:sourceip':
      return [['198.51.100.7'], 'absent'];
    case 'aws:sourcevpc':
      return ['absent', ['vpc-00000000000000000']];
    case 'aws:sourcevpce':
      return ['absent', ['vpce-00000000000000000']];
    case 'aws:vpcsourceip':
      return ['absent', ['10.0.0.1']];
    default:
      return [];
  }
}

/** A text that a pattern matches. */
const filled = (pattern: string): string => pattern.replace(/[*?]/g, 'x');

/** A session of a stranger's role, with the name that a pattern has after the role's ID. A stranger can't choose the ID. */
const sessionId = (pattern: string): string => `${ROLE_ID}:${filled(pattern.slice(pattern.indexOf(':') + 1))}`;

/** A principal's ARN in the stranger's account, with the type, path and name of a pattern. */
function ownArn(pattern: string): string {
  const resource = /:((?:role|user)\/.+)$/.exec(pattern)?.[1] ?? 'role/stranger';
  return `arn:aws:iam::${ACCOUNT}:${filled(resource)}`;
}
