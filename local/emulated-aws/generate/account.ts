import type { Random } from '../../../core/ports/clock.ts';
import { seededRandom } from '../../seeded-random.ts';
import type {
  EmulatedAccount,
  EmulatedPolicy,
  EmulatedRole,
  EmulatedUser,
  PolicyDocument,
  ServiceActivity,
} from '../account.ts';
import { kinds, defaultShares, type PrincipalKind } from './principal-kinds.ts';
import { allow, awsManaged, policy } from './policies.ts';
import { roleOrigin, trust } from './role-origins.ts';

const DAY_MS = 86_400_000;

export interface AccountSettings {
  readonly seed: number;
  readonly accountId: string;
  readonly users: number;
  readonly roles: number;
  /** Milliseconds since the epoch. All generated times are earlier. */
  readonly now: number;
  /** Share of principals by kind. Kinds that are not named get 0. Default: `defaultShares`. */
  readonly shares?: Readonly<Partial<Record<PrincipalKind, number>>>;
}

/** The role that the hub assumes to audit an account, and the user of the hub that starts a run on this machine. */
export const AUDIT_ROLE = 'iam-audit-member';
export const OPERATOR = 'operator';

/** Texts that a page must not interpret. */
export const hostileTags: Readonly<Record<string, string>> = {
  note: '</script><script>alert(1)</script>',
  formula: '=HYPERLINK("https://example.invalid")',
  quote: `"it's" & <b>bold</b> – ünïcode`,
};

/** Generates an account with policies, principals and their activity. The same settings give the same account. */
export function generateAccount(settings: AccountSettings): EmulatedAccount {
  const random = seededRandom(settings.seed);
  const { accountId, now } = settings;
  const policies = new Map<string, EmulatedPolicy>();
  const addPolicy = (arn: string, document: PolicyDocument, older: readonly PolicyDocument[] = []): string => {
    const versions = [document, ...older].map((version, index, all) => ({
      id: `v${all.length - index}`,
      isDefault: index === 0,
      createdAt: now - (400 + index) * DAY_MS,
      document: version,
    }));
    const name = arn.split('/').at(-1) ?? '';
    policies.set(arn, {
      arn,
      name,
      path: '/',
      policyId: uniqueId('ANPA', random),
      createdAt: now - 500 * DAY_MS,
      versions,
    });
    return arn;
  };
  for (const [name, document] of Object.entries(awsManaged)) addPolicy(`arn:aws:iam::aws:policy/${name}`, document);
  const boundary = addPolicy(
    `arn:aws:iam::${accountId}:policy/developer-boundary`,
    policy(allow(['ec2:*', 'lambda:*', 'logs:*', 's3:*', 'dynamodb:*', 'cloudformation:*'])),
  );
  const teams = Array.from(
    { length: Math.max(4, Math.ceil((settings.users + settings.roles) / 8)) },
    (_, n) => `team-${n}`,
  );

  const account: EmulatedAccount = {
    accountId,
    policies,
    users: new Map<string, EmulatedUser>(),
    roles: new Map<string, EmulatedRole>(),
    groups: new Map([
      [
        'developers',
        {
          arn: `arn:aws:iam::${accountId}:group/developers`,
          name: 'developers',
          path: '/',
          id: uniqueId('AGPA', random),
          createdAt: now - 600 * DAY_MS,
          inlinePolicies: [
            {
              name: 'own-keys',
              document: policy(
                allow(
                  ['iam:CreateAccessKey', 'iam:DeleteAccessKey'],
                  `arn:aws:iam::${accountId}:user/\${aws:username}`,
                ),
              ),
            },
          ],
          attachedPolicyArns: ['arn:aws:iam::aws:policy/ViewOnlyAccess'],
        },
      ],
    ]),
    serviceControlPolicies: null,
    root: { createdAt: now - 900 * DAY_MS, passwordLastUsed: null, mfaActive: true, accessKeyActive: false },
  };

  const shares = settings.shares ?? defaultShares;
  const principal = (
    type: 'user' | 'role',
    n: number,
  ): Omit<EmulatedUser, 'groupNames' | 'password' | 'mfaActive' | 'accessKeys'> => {
    const kind = pickKind(shares, random);
    const team = teams[Math.floor(random() * teams.length)] ?? 'team-0';
    const traits = kinds[kind];
    const document = traits.own?.(team, accountId) ?? null;
    const asManaged = document !== null && random() < 0.5;
    const managedArn = `arn:aws:iam::${accountId}:policy/${kind}-${team}`;
    if (asManaged && !policies.has(managedArn)) addPolicy(managedArn, document, [policy(allow('s3:ListAllMyBuckets'))]);
    const origin = type === 'role' ? roleOrigin(n, accountId) : null;
    const path = origin?.path ?? (type === 'role' ? `/${team}/` : '/');
    const name = origin?.name?.(kind) ?? `${kind}-${n}`;
    return {
      arn: `arn:aws:iam::${accountId}:${type}${path}${name}`,
      name,
      path,
      id: uniqueId(type === 'user' ? 'AIDA' : 'AROA', random),
      createdAt: now - Math.floor((20 + random() * 700) * DAY_MS),
      inlinePolicies: document === null || asManaged ? [] : [{ name: 'own', document }],
      attachedPolicyArns: [
        ...traits.attached.map((one) => `arn:aws:iam::aws:policy/${one}`),
        ...(asManaged ? [managedArn] : []),
      ],
      permissionsBoundaryArn: kind === 'deployer' && random() < 0.4 ? boundary : null,
      tags: n % 25 === 0 ? { team, ...hostileTags } : { team },
      activity: activityOf(traits.uses, now, random),
    };
  };
  for (let n = 0; n < settings.users; n += 1) {
    const base = principal('user', n);
    const password = random() < 0.6 ? { lastUsed: latestUse(base.activity), lastChanged: base.createdAt } : null;
    const key = { active: random() < 0.8, lastRotated: base.createdAt, lastUsed: null };
    account.users.set(base.name, {
      ...base,
      groupNames: random() < 0.5 ? ['developers'] : [],
      password,
      mfaActive: random() < 0.7,
      accessKeys: random() < 0.5 ? [key] : [],
    });
  }
  for (let n = 0; n < settings.roles; n += 1) {
    const base = principal('role', n);
    const at = latestUse(base.activity);
    account.roles.set(base.name, {
      ...base,
      trustPolicy: roleOrigin(n, accountId).trustPolicy,
      lastUsed: at === null ? null : { at, region: 'eu-west-1' },
      maxSessionDurationSeconds: 3_600,
      description: '',
    });
  }
  return account;
}

/**
 * Adds the role that `hubAccountId` assumes to audit the account.
 * @param caller ARN of the only principal that may assume it. Default: every principal of the hub
 */
export function addAuditRole(account: EmulatedAccount, hubAccountId: string, now: number, caller?: string): void {
  account.roles.set(AUDIT_ROLE, {
    arn: `arn:aws:iam::${account.accountId}:role/${AUDIT_ROLE}`,
    name: AUDIT_ROLE,
    path: '/',
    id: 'AROAAUDITMEMBER000001',
    createdAt: now - DAY_MS,
    inlinePolicies: [],
    attachedPolicyArns: ['arn:aws:iam::aws:policy/IAMReadOnlyAccess'],
    permissionsBoundaryArn: null,
    tags: {},
    activity: new Map(),
    trustPolicy: trust(
      { AWS: `arn:aws:iam::${hubAccountId}:root` },
      caller === undefined ? undefined : { ArnLike: { 'aws:PrincipalArn': caller } },
    ),
    lastUsed: null,
    maxSessionDurationSeconds: 3_600,
    description: 'Read by iam-audit',
  });
}

/** Adds the user that starts a run on this machine. In the hub account, it may assume the audit role of every account. */
export function addOperator(account: EmulatedAccount, now: number): void {
  account.users.set(OPERATOR, {
    arn: `arn:aws:iam::${account.accountId}:user/${OPERATOR}`,
    name: OPERATOR,
    path: '/',
    id: 'AIDAAUDITOPERATOR0001',
    createdAt: now - DAY_MS,
    inlinePolicies: [{ name: 'audit', document: policy(allow('sts:AssumeRole', `arn:aws:iam::*:role/${AUDIT_ROLE}`)) }],
    attachedPolicyArns: [],
    permissionsBoundaryArn: null,
    tags: {},
    activity: new Map(),
    groupNames: [],
    password: null,
    mfaActive: false,
    accessKeys: [],
  });
}

function pickKind(shares: Readonly<Partial<Record<PrincipalKind, number>>>, random: Random): PrincipalKind {
  const names: readonly PrincipalKind[] = [
    'administrator',
    'powerUser',
    'deployer',
    'reader',
    'logsOnly',
    'dataWorker',
    'unused',
  ];
  const total = names.reduce((sum, name) => sum + (shares[name] ?? 0), 0);
  let drawn = random() * total;
  for (const name of names) {
    drawn -= shares[name] ?? 0;
    if (drawn < 0) return name;
  }
  return 'unused';
}

function activityOf(
  uses: Readonly<Record<string, readonly string[]>>,
  now: number,
  random: Random,
): Map<string, ServiceActivity> {
  const activity = new Map<string, ServiceActivity>();
  for (const [namespace, actions] of Object.entries(uses)) {
    if (random() < 0.25) continue;
    const at = now - Math.floor(random() ** 3 * 390 * DAY_MS) - 3_600_000;
    activity.set(namespace, {
      lastAuthenticated: at,
      region: 'eu-west-1',
      actions: new Map(actions.map((action) => [action, at])),
    });
  }
  return activity;
}

const latestUse = (activity: ReadonlyMap<string, ServiceActivity>): number | null =>
  [...activity.values()].reduce<number | null>(
    (last, { lastAuthenticated }) => Math.max(last ?? 0, lastAuthenticated),
    null,
  );

const uniqueId = (prefix: string, random: Random): string =>
  prefix +
  Array.from({ length: 17 }, () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Math.floor(random() * 32)] ?? 'A').join('');
