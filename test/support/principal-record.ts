import type { AccessedService, Decision, PrincipalRecord } from '../../core/contract/evidence.ts';
import type { TrustedParty } from '../../core/contract/trust.ts';
import { catalogue } from '../../core/catalogue/catalogue.ts';

const ACCOUNT = '111122223333';
const AS_OF = '2026-11-25T04:00:00.000Z';

/** The differences from a default record: an old, complete principal without permissions and without any use. */
export interface RecordSketch extends Partial<
  Omit<PrincipalRecord, 'lastAccessed' | 'permissions' | 'trust' | 'credentials'>
> {
  /** Actions of the catalogue that are allowed on all resources. Wildcards are possible; `*` is all actions. */
  allowed?: string[];
  /** Actions that are allowed only on some resources, with their ARNs. */
  allowedOn?: Record<string, string[]>;
  /** Actions whose decision has missing condition keys, with the keys. */
  conditional?: Record<string, string[]>;
  decisions?: Decision[];
  permissionsStatus?: PrincipalRecord['status'];
  lastAccessedStatus?: PrincipalRecord['status'];
  /** By namespace: when the service was last used, or its tracked actions with their times. */
  services?: Record<string, string | null | { last: string | null; actions: Record<string, string | null> }>;
  trust?: Partial<TrustedParty>[] | null;
  credentials?: Partial<NonNullable<PrincipalRecord['credentials']>> | null;
}

export const noCredentials: NonNullable<PrincipalRecord['credentials']> = {
  passwordEnabled: false,
  passwordLastUsed: null,
  passwordLastChanged: null,
  mfaActive: false,
  accessKeys: [],
  activeCertificates: null,
};

export const party = (given: Partial<TrustedParty>): TrustedParty => ({
  kind: 'sameAccount',
  principal: `arn:aws:iam::${ACCOUNT}:root`,
  accountId: null,
  except: [],
  externalId: false,
  oidcSubjects: null,
  oidcAudiences: null,
  organizationIds: null,
  requires: [],
  unjudged: [],
  deniedInPart: false,
  openToStrangers: false,
  closedToStrangers: false,
  guests: false,
  ...given,
});

const decision = (action: string, given: Partial<Decision> = {}): Decision => ({
  action,
  decision: 'implicitDeny',
  allowedByOrganizations: null,
  allowedByBoundary: null,
  missingContext: [],
  resources: [],
  ...given,
});

const matching = (pattern: string): string[] => {
  const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i');
  const named = catalogue.flatMap(({ action }) => (expression.test(action) ? [action] : []));
  if (named.length === 0) throw new Error(`No action of the catalogue matches ${pattern}.`);
  return named;
};

export function principalRecord(sketch: RecordSketch): PrincipalRecord {
  const {
    allowed = [],
    allowedOn = {},
    conditional = {},
    decisions = [],
    permissionsStatus = 'COMPLETE',
    lastAccessedStatus = 'COMPLETE',
    services = {},
    trust,
    credentials,
    type = 'role',
    name = 'r',
    ...rest
  } = sketch;
  const decided = [
    ...allowed.flatMap(matching).map((action) => decision(action, { decision: 'allowed' })),
    ...Object.entries(allowedOn).flatMap(([pattern, arns]) =>
      matching(pattern).map((action) =>
        decision(action, { resources: arns.map((arn) => ({ arn, decision: 'allowed' as const })) }),
      ),
    ),
    ...Object.entries(conditional).flatMap(([pattern, missingContext]) =>
      matching(pattern).map((action) => decision(action, { missingContext })),
    ),
    ...decisions,
  ];
  return {
    accountId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:${type}/${name}`,
    type,
    name,
    path: '/',
    principalId: `ID${name}`,
    createdAt: '2024-01-01T00:00:00.000Z',
    tags: {},
    managedBy: null,
    status: 'COMPLETE',
    problems: [],
    ...rest,
    trust: trust === undefined ? (type === 'role' ? [party({})] : null) : (trust?.map(party) ?? null),
    lastAccessed: {
      status: lastAccessedStatus,
      asOf: AS_OF,
      carriedFrom: null,
      services: Object.entries(services).map(([namespace, use]): AccessedService => ({
        namespace,
        name: namespace,
        lastAuthenticated: use === null || typeof use === 'string' ? use : use.last,
        region: null,
        actions:
          use === null || typeof use === 'string'
            ? null
            : Object.entries(use.actions).map(([action, lastAccessed]) => ({ name: action, lastAccessed })),
      })),
    },
    permissions: {
      status: permissionsStatus,
      asOf: AS_OF,
      carriedFrom: null,
      ruledOut: catalogue.length - decided.length,
      decisions: decided,
    },
    credentials:
      credentials === undefined
        ? type === 'user'
          ? noCredentials
          : null
        : credentials === null
          ? null
          : { ...noCredentials, ...credentials },
  };
}
