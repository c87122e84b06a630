import { DAY_MS } from '../../../../core/ports/clock.ts';
import type {
  EmulatedGroup,
  EmulatedPolicy,
  EmulatedRole,
  EmulatedUser,
  PolicyDocument,
  ServiceActivity,
} from '../../account.ts';
import { policy, type StatementSource } from '../policies.ts';

const HOUR_MS = 3_600_000;
/** AWS keeps service last accessed data for at least 400 days. */
const TRACKED_DAYS = 400;
const REGION = 'eu-west-1';
/** Sunday and Saturday. */
const WEEKEND: readonly number[] = [0, 6];

/** On which days something is used. */
export interface Rhythm {
  /** Every n-th day. An even number, or the services that are used on every third day may never be. Default: every day. */
  readonly everyDays?: number;
  /** Not on Saturdays and Sundays. */
  readonly weekdays?: boolean;
  /** There was no use within this number of days before the company's last day. Default: it still goes on. */
  readonly stoppedDaysAgo?: number;
}

export type Uses = Readonly<Record<string, readonly string[]>>;

interface Granted {
  /** Days between its creation and the company's last day. */
  readonly createdDaysAgo: number;
  readonly statements?: readonly StatementSource[];
  /** ARNs. */
  readonly attached?: readonly string[];
  readonly boundary?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Services that it calls, with their tracked actions: the first one on each day, the others more seldom. */
  readonly uses?: Uses;
  /** When it is used. Null: never. */
  readonly rhythm?: Rhythm | null;
}

export interface KeySource {
  readonly createdDaysAgo: number;
  /** Default: it is still active. */
  readonly deactivatedDaysAgo?: number;
  /** The service that it is used for. */
  readonly service: string;
  /** Null: never used. */
  readonly rhythm?: Rhythm | null;
}

export interface UserSource extends Granted {
  readonly groups?: readonly string[];
  readonly hasPassword?: boolean;
  readonly mfaActive?: boolean;
  readonly keys?: readonly KeySource[];
}

export interface RoleSource extends Granted {
  readonly trust: PolicyDocument;
  readonly path?: string;
  readonly description?: string;
}

/**
 * A day of the company, and constructors of what its account has on that day. Everything is computed from the day, so
 * the account of any day can be created at any time, and two days differ only in what happened between them.
 */
export class CompanyDay {
  /**
   * @param lastDay start of the company's last day, in milliseconds since the epoch
   * @param daysAgo days between this day and the last one
   */
  constructor(
    readonly accountId: string,
    private readonly lastDay: number,
    readonly daysAgo: number,
  ) {}

  /** Whether something that happened so many days before the last day has happened when this day begins. */
  isSince(daysAgo: number): boolean {
    return this.daysAgo < daysAgo;
  }

  /** Milliseconds since the epoch. */
  at(daysAgo: number, hour = 9): number {
    return this.lastDay - daysAgo * DAY_MS + hour * HOUR_MS;
  }

  arn(resource: string): string {
    return `arn:aws:iam::${this.accountId}:${resource}`;
  }

  managed(name: string): string {
    return `arn:aws:iam::aws:policy/${name}`;
  }

  group(name: string, attached: readonly string[], statements: readonly StatementSource[] = []): EmulatedGroup {
    return { ...this.#entity('group', name, '/', 900, statements), attachedPolicyArns: [...attached] };
  }

  policy(name: string, document: PolicyDocument, arn = this.arn(`policy/${name}`)): EmulatedPolicy {
    const createdAt = this.at(700);
    const versions = [{ id: 'v1', isDefault: true, createdAt, document }];
    return { arn, name, path: '/', policyId: uniqueId('ANPA', arn), createdAt, versions };
  }

  user(name: string, source: UserSource): EmulatedUser {
    const { hasPassword = false, createdDaysAgo, rhythm } = source;
    const keys = (source.keys ?? [])
      .filter((key) => this.isSince(key.createdDaysAgo))
      .map((key) => ({
        ...key,
        occasions: new Occasions(this, `${name} ${key.service}`, key.createdDaysAgo, key.rhythm),
      }));
    const signIns = hasPassword ? new Occasions(this, name, createdDaysAgo, rhythm) : null;
    const activity = activityOf(source.uses ?? {}, signIns ?? keys[0]?.occasions ?? null);
    const accessKeys = keys.map(({ occasions, service, deactivatedDaysAgo = 0, ...key }) => {
      const at = occasions.latest();
      if (at !== null) addUse(activity, service, at);
      const active = deactivatedDaysAgo === 0 || !this.isSince(deactivatedDaysAgo);
      return {
        active,
        lastRotated: this.at(active ? key.createdDaysAgo : deactivatedDaysAgo),
        lastUsed: at === null ? null : { at, region: REGION, service },
      };
    });
    return {
      ...this.#principal('user', name, '/', source),
      activity,
      groupNames: [...(source.groups ?? [])],
      password: signIns === null ? null : { lastUsed: signIns.latest(), lastChanged: this.at(createdDaysAgo) },
      mfaActive: source.mfaActive ?? false,
      accessKeys,
    };
  }

  role(name: string, { trust, path = '/', description = '', ...source }: RoleSource): EmulatedRole {
    const occasions = new Occasions(this, name, source.createdDaysAgo, source.rhythm);
    const at = occasions.latest();
    return {
      ...this.#principal('role', name, path, source),
      activity: activityOf(source.uses ?? {}, occasions),
      trustPolicy: trust,
      lastUsed: at === null ? null : { at, region: REGION },
      maxSessionDurationSeconds: 3_600,
      description,
    };
  }

  #principal(type: 'user' | 'role', name: string, path: string, source: Granted) {
    return {
      ...this.#entity(type, name, path, source.createdDaysAgo, source.statements ?? []),
      attachedPolicyArns: [...(source.attached ?? [])],
      permissionsBoundaryArn: source.boundary ?? null,
      tags: { ...source.tags },
    };
  }

  #entity(type: string, name: string, path: string, createdDaysAgo: number, statements: readonly StatementSource[]) {
    const arn = this.arn(`${type}${path}${name}`);
    return {
      arn,
      name,
      path,
      id: uniqueId(idPrefixes[type] ?? 'AGPA', arn),
      createdAt: this.at(createdDaysAgo),
      inlinePolicies: statements.length === 0 ? [] : [{ name: 'own', document: policy(...statements) }],
    };
  }
}

/** When something is used. */
class Occasions {
  readonly #seed: number;

  constructor(
    private readonly day: CompanyDay,
    name: string,
    private readonly createdDaysAgo: number,
    private readonly rhythm: Rhythm | null = {},
  ) {
    this.#seed = hash(name);
  }

  /**
   * The latest use before the day, in milliseconds since the epoch; null if there is none.
   * @param everyDays only the uses on every n-th day
   */
  latest(everyDays = 1): number | null {
    if (this.rhythm === null) return null;
    const { everyDays: own = 1, weekdays = false, stoppedDaysAgo = 0 } = this.rhythm;
    const end = Math.min(this.createdDaysAgo, TRACKED_DAYS);
    for (let ago = Math.max(this.day.daysAgo + 1, stoppedDaysAgo); ago < end; ago += 1) {
      const number = Math.floor(this.day.at(ago) / DAY_MS);
      const isWeekend = WEEKEND.includes(new Date(number * DAY_MS).getUTCDay());
      if ((weekdays && isWeekend) || number % everyDays !== 0 || (number + this.#seed) % own !== 0) continue;
      // Between 7 and 17 o'clock, at another time on each day.
      return this.day.at(ago, 7) + ((Math.imul(this.#seed + number, 2_654_435_761) >>> 0) % (10 * 3_600)) * 1_000;
    }
    return null;
  }
}

/** The first service is used on each occasion, the second on every third day, the third on every fifth. */
function activityOf(uses: Uses, occasions: Occasions | null): Map<string, ServiceActivity> {
  const activity = new Map<string, ServiceActivity>();
  Object.entries(uses).forEach(([namespace, actions], place) => {
    const at = occasions?.latest(1 + 2 * place) ?? null;
    if (at !== null) addUse(activity, namespace, at, actions);
  });
  return activity;
}

function addUse(
  activity: Map<string, ServiceActivity>,
  namespace: string,
  at: number,
  actions: readonly string[] = [],
): void {
  const before = activity.get(namespace);
  activity.set(namespace, {
    lastAuthenticated: Math.max(at, before?.lastAuthenticated ?? 0),
    region: REGION,
    actions: new Map([...(before?.actions ?? []), ...actions.map((action) => [action, at] as const)]),
  });
}

const idPrefixes: Readonly<Record<string, string>> = { user: 'AIDA', role: 'AROA', group: 'AGPA' };

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}

const uniqueId = (prefix: string, arn: string): string =>
  prefix +
  Array.from({ length: 17 }, (_, n) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[hash(`${arn} ${n}`) % 32] ?? 'A').join('');
