import type { Random } from '../../core/ports/clock.ts';
import type { EmulatedAccount, EmulatedRole, EmulatedUser } from '../../local/emulated-aws/account.ts';
import { servicesGranted, trackedActions } from '../../local/emulated-aws/evaluation/granted-services.ts';
import { AUDIT_ROLE } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Recent activity appears within about 4 hours, in reports and in RoleLastUsed (IAM User Guide). */
const LONGEST_LAG_MS = 4 * HOUR_MS;
/** A console session may last this long. PasswordLastUsed shows only its start. */
const LONGEST_SESSION_MS = 12 * HOUR_MS;
/** A session of GetSessionToken may last this long. The key's last use shows only its start. */
const LONGEST_KEY_SESSION_MS = 36 * HOUR_MS;
/** Share of the uses of a key that are made later, in a session of GetSessionToken. */
const KEY_SESSIONS = 0.25;
/** Share of the users that have a signing certificate and use it whenever they are active. */
const CERTIFICATES = 0.01;
/** A service with API keys. Of the users that may use it, this share of their activity is with such a key. */
const API_KEY_SERVICE = 'bedrock';
const API_KEYS = 0.25;

type Principal = EmulatedRole | EmulatedUser;

/** A use of a service by a principal. AWS shows it later in two places, each with its own delay. */
interface Use {
  readonly arn: string;
  readonly namespace: string;
  readonly action: string | null;
  readonly at: number;
  readonly shownAt: number;
  /** True if no field of the inventory will show this use: only the next report does. */
  readonly untracked: boolean;
}

/** How a principal uses a service, and the field of the inventory that will show it. */
interface Sign {
  /** The use may be later than the sign by this time. */
  readonly sessionMs: number;
  readonly untracked: boolean;
  readonly show: () => void;
}

const untrackedUse: Sign = { sessionMs: 0, untracked: true, show: () => undefined };

export interface Shares {
  /**
   * Share of the principals that are active on a day. They are chosen again each day: if the same ones were active
   * every day, fewer calls would be needed.
   */
  readonly active: number;
  /** Share of the principals that get a changed policy, permissions boundary or tag on a day. */
  readonly changed: number;
  /**
   * Share of the principals chosen each day to use a key or password that is deleted or replaced on the same day.
   * Roles among them do nothing.
   */
  readonly losing: number;
}

/** Simulates the days of an account: some principals are active, and some are changed. */
export class AccountActivity {
  /** Uses that reports do not show yet. */
  readonly #hidden: Use[] = [];
  readonly #signs: { readonly shownAt: number; readonly show: () => void }[] = [];
  /** Untracked uses: principal, service, action and time. */
  readonly #untracked = new Set<string>();

  constructor(
    private readonly account: EmulatedAccount,
    private readonly random: Random,
    private readonly shares: Shares,
  ) {
    for (const user of account.users.values()) user.certificateActive = random() < CERTIFICATES;
  }

  /** Simulates the day that ends at `until`, and what AWS shows at that time. Milliseconds since the epoch. */
  simulateDay(until: number): void {
    for (const principal of this.#chosen(this.shares.active)) this.#use(principal, until - DAY_MS * this.random());
    for (const principal of this.#chosen(this.shares.changed)) this.#change(principal);
    for (const user of this.#chosen(this.shares.losing)) {
      if ('groupNames' in user) this.#loseCredential(user, until - DAY_MS * this.random(), until);
    }
    this.#show(until);
  }

  /** Uses until `now` that reports do not show yet, by the principal's ARN. @param now milliseconds since the epoch */
  hiddenUses(now: number): ReadonlyMap<string, readonly Use[]> {
    const byArn = new Map<string, Use[]>();
    for (const use of this.#hidden) if (use.at <= now) byArn.set(use.arn, [...(byArn.get(use.arn) ?? []), use]);
    return byArn;
  }

  /** Whether the use at that time, in milliseconds since the epoch, is one that only a report shows. */
  isUntracked(arn: string, namespace: string, action: string | null, at: number): boolean {
    return this.#untracked.has(useKey(arn, namespace, action, at));
  }

  #chosen(share: number): Principal[] {
    const all: Principal[] = [...this.account.users.values(), ...this.account.roles.values()];
    const others = all.filter(({ name }) => name !== AUDIT_ROLE);
    const wanted = Math.round(others.length * share);
    const chosen = new Set<Principal>();
    while (chosen.size < wanted) {
      const one = others[Math.floor(this.random() * others.length)];
      if (one !== undefined) chosen.add(one);
    }
    return [...chosen];
  }

  #use(principal: Principal, at: number): void {
    const services = servicesGranted(this.account, principal.arn);
    const byApiKey = 'groupNames' in principal && this.random() < API_KEYS;
    const service =
      services.find(({ namespace }) => byApiKey && namespace === API_KEY_SERVICE) ??
      services[Math.floor(this.random() * services.length)];
    if (service === undefined) return;
    const isUntracked = byApiKey && service.namespace === API_KEY_SERVICE;
    const sign = isUntracked ? untrackedUse : this.#sign(principal, at);
    if (sign === null) return;
    const actions = trackedActions(service.namespace);
    const action = actions[Math.floor(this.random() * actions.length)] ?? null;
    const usedAt = at + sign.sessionMs * this.random();
    const shownAt = usedAt + LONGEST_LAG_MS * this.random();
    const { arn } = principal;
    const { namespace } = service;
    this.#hidden.push({ arn, namespace, action, at: usedAt, shownAt, untracked: sign.untracked });
    for (const name of sign.untracked ? [null, action] : []) this.#untracked.add(useKey(arn, namespace, name, usedAt));
    this.#signs.push({ shownAt: at + LONGEST_LAG_MS * this.random(), show: sign.show });
  }

  /** Null for users without credentials. */
  #sign(principal: Principal, at: number): Sign | null {
    if (!('groupNames' in principal)) {
      const before = principal.lastUsed?.at ?? 0;
      return {
        sessionMs: 0,
        untracked: false,
        show: () => (principal.lastUsed = { at: Math.max(before, at), region: 'eu-west-1' }),
      };
    }
    if (principal.certificateActive === true) return untrackedUse;
    const key = principal.accessKeys.find(({ active }) => active);
    if (key !== undefined) {
      const inSession = this.random() < KEY_SESSIONS;
      return {
        sessionMs: inSession ? LONGEST_KEY_SESSION_MS : 0,
        untracked: inSession,
        show: () => (key.lastUsed = { at: Math.max(key.lastUsed?.at ?? 0, at), region: 'eu-west-1', service: 's3' }),
      };
    }
    const { password } = principal;
    if (password === null) return null;
    return {
      sessionMs: LONGEST_SESSION_MS,
      untracked: false,
      show: () => (password.lastUsed = Math.max(password.lastUsed ?? 0, at)),
    };
  }

  #show(now: number): void {
    for (const use of take(this.#hidden, ({ shownAt }) => shownAt <= now)) this.#showUse(use);
    for (const sign of take(this.#signs, ({ shownAt }) => shownAt <= now)) sign.show();
  }

  #showUse({ arn, namespace, action, at }: Use): void {
    const name = arn.split('/').at(-1) ?? '';
    const principal = arn.includes(':role/') ? this.account.roles.get(name) : this.account.users.get(name);
    if (principal === undefined) return;
    const before = principal.activity.get(namespace);
    const actions = new Map(before?.actions);
    if (action !== null) actions.set(action, Math.max(actions.get(action) ?? 0, at));
    const lastAuthenticated = Math.max(before?.lastAuthenticated ?? 0, at);
    principal.activity.set(namespace, { lastAuthenticated, region: 'eu-west-1', actions });
  }

  /** Uses a key or the password and then deletes or replaces it, so no credential report shows the use. */
  #loseCredential(user: EmulatedUser, at: number, until: number): void {
    this.#use(user, at);
    const lastChanged = at + (until - at) * this.random();
    const replaced = this.random() < 0.5;
    const index = user.accessKeys.findIndex(({ active }) => active);
    if (index >= 0) {
      user.accessKeys.splice(
        index,
        1,
        ...(replaced ? [{ active: true, lastRotated: lastChanged, lastUsed: null }] : []),
      );
    } else if (user.password !== null) {
      user.password = replaced ? { lastUsed: null, lastChanged } : null;
    }
  }

  #change(principal: Principal): void {
    const kinds = [
      () => {
        const Action = ['sns:*', 'iam:AttachRolePolicy', 'kms:Decrypt', 'ec2:RunInstances'][
          Math.floor(this.random() * 4)
        ];
        const document = policy(allow(Action ?? 'sns:*'));
        principal.inlinePolicies = [{ name: 'changed', document }, ...principal.inlinePolicies.slice(0, 1)];
      },
      () => {
        const arn = 'arn:aws:iam::aws:policy/PowerUserAccess';
        const others = principal.attachedPolicyArns.filter((one) => one !== arn);
        principal.attachedPolicyArns = others.length < principal.attachedPolicyArns.length ? others : [...others, arn];
      },
      () => {
        const boundary = `arn:aws:iam::${this.account.accountId}:policy/developer-boundary`;
        principal.permissionsBoundaryArn = principal.permissionsBoundaryArn === null ? boundary : null;
      },
      () => {
        principal.tags = { ...principal.tags, team: `team-${Math.floor(this.random() * 250)}` };
      },
      () => {
        const managed = this.account.policies.get(
          principal.attachedPolicyArns.find((arn) => !arn.includes('::aws:')) ?? '',
        );
        if (managed === undefined) return;
        const document = policy(allow(['s3:GetObject', 'secretsmanager:GetSecretValue']));
        const older = managed.versions.map((version) => ({ ...version, isDefault: false }));
        const version = { id: `v${older.length + 1}`, isDefault: true, createdAt: 0, document };
        this.account.policies.set(managed.arn, { ...managed, versions: [version, ...older].slice(0, 5) });
      },
    ];
    kinds[Math.floor(this.random() * kinds.length)]?.();
  }
}

const useKey = (arn: string, namespace: string, action: string | null, at: number): string =>
  `${arn} ${namespace}:${action ?? ''} ${at}`;

/** Removes the wanted elements from the list and returns them. */
function take<T>(list: T[], wanted: (one: T) => boolean): T[] {
  const taken = list.filter(wanted);
  list.splice(0, list.length, ...list.filter((one) => !wanted(one)));
  return taken;
}
