import { DAY_MS } from '../ports/clock.ts';
import type { CarriedLine, PartKind, SignIn } from '../contract/account-objects.ts';
import type { Credentials, LastAccessed, Permissions, PrincipalType } from '../contract/evidence.ts';
import type { InventoryAccountInput } from '../contract/messages.ts';
import { finishedEvidence } from './finished-evidence.ts';
import { auditedPrincipals, storedEvidence, type InventoryNote } from './stored-evidence.ts';
import type { Services } from '../ports/services.ts';
import type { DamagedObject } from '../ports/store.ts';
import { unlessDamaged } from '../ports/stored-objects.ts';
import { isQuietSince, signInOf, withLosses } from './last-activity.ts';
import { dateOf, RefreshCalendar } from './refresh-calendar.ts';
import { dayOf, isRefreshDue, spreadDay } from './refresh-day.ts';
import { isProvenIdle, reportedUses, type ReportedUses, type ShownUses } from './proven-idle.ts';

const partKinds: readonly PartKind[] = ['lastAccessed', 'permissions'];

/** Where a part was found. `resumed`: by the run that this run continues; `stored`: on an earlier day. */
type Source = 'resumed' | 'stored';

interface EarlierPart {
  readonly source: Source;
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly asOf: number;
  /**
   * When last-accessed data is asked for again, in whole days since the epoch. Not used for decisions: they are
   * refreshed on the day of their group.
   */
  readonly refreshDay: number;
  /** The same, while the principal is idle. Undefined: `refreshDay` applies in any case. */
  readonly idleRefreshDay: number | undefined;
  /** The uses in last-accessed data. Undefined for decisions. */
  readonly uses: ReportedUses | undefined;
  readonly signIn: SignIn | undefined;
}

type EarlierParts = Partial<Record<PartKind, EarlierPart>>;

/** What the inventory says about a principal today. Earlier evidence is compared with it. */
export interface PrincipalToday extends ShownUses {
  readonly arn: string;
  readonly type: PrincipalType;
  readonly principalId: string;
  readonly credentials: Credentials | null;
  readonly fingerprint: string;
  /** Principals of one group share a simulation, so their decisions are refreshed on the same day. */
  readonly group: string | null;
  /** False if decisions depend on the time of the request: they may change although no policy does. */
  readonly lasting: boolean;
}

export interface PlannedParts {
  /** The parts that must be asked for. The others are in `lines`. */
  readonly asks: PartKind[];
  /** YYYY-MM-DD: the latest day on which last-accessed data is asked for again. */
  readonly refreshOn: string;
  /** The same, while the principal is idle. Undefined: `refreshOn` applies in any case. */
  readonly refreshIdleOn: string | undefined;
  /** The password and keys of a user, stored for later runs. */
  readonly signIn: SignIn | undefined;
  /** The latest use in the last report, milliseconds since the epoch. Null: there is no report, or it has no use. */
  readonly reportedUse: number | null;
}

/**
 * Decides which parts of a principal's evidence are carried over from earlier runs. The evidence is read twice: first
 * to decide, and then to write it. Only what the decision needs is in memory.
 */
export class CarriedParts {
  readonly #earlier = new Map<string, EarlierParts>();
  readonly #carried = new Map<string, EarlierParts>();
  readonly #calendar: RefreshCalendar;
  readonly #idleCalendar: RefreshCalendar;
  readonly #everyDays: number;
  readonly #idleEveryDays: number;
  readonly #now: number;

  private constructor(
    private readonly input: InventoryAccountInput,
    private readonly services: Services,
  ) {
    this.#now = services.clock.now();
    const { refreshEveryDays, refreshIdleEveryDays } = services.settings;
    this.#everyDays = refreshEveryDays;
    this.#idleEveryDays = Math.max(refreshEveryDays, refreshIdleEveryDays);
    this.#calendar = new RefreshCalendar(dayOf(this.#now), this.#everyDays);
    this.#idleCalendar = new RefreshCalendar(dayOf(this.#now), this.#idleEveryDays);
  }

  /** @throws StoreError */
  static async open(input: InventoryAccountInput, services: Services): Promise<CarriedParts> {
    const carriedParts = new CarriedParts(input, services);
    // A full run reads it too, because it needs the passwords and keys that users had before.
    await carriedParts.#readStored();
    // Read second, because evidence of the run that this run continues replaces stored evidence.
    await carriedParts.#readResumed();
    for (const { lastAccessed } of carriedParts.#earlier.values()) {
      if (lastAccessed === undefined || !carriedParts.#mayCarry(lastAccessed)) continue;
      const { refreshDay, idleRefreshDay } = lastAccessed;
      carriedParts.#calendar.add(refreshDay);
      if (idleRefreshDay !== undefined) carriedParts.#idleCalendar.add(idleRefreshDay);
    }
    return carriedParts;
  }

  /** How many principals of the account earlier runs have evidence of. */
  get earlierPrincipals(): number {
    return this.#earlier.size;
  }

  plan(principal: PrincipalToday): PlannedParts {
    const earlier = this.#earlier.get(principal.arn) ?? {};
    const before = earlier.lastAccessed?.signIn;
    const signIn = signInOf(principal.credentials, before, this.#now);
    const today = { ...principal, activity: withLosses(principal.type, principal.activity, signIn, before) };
    const carried: EarlierParts = {};
    for (const kind of partKinds) {
      const part = earlier[kind];
      if (part !== undefined && this.#isValid(kind, part, today)) carried[kind] = part;
    }
    this.#carried.set(principal.arn, carried);
    const { refreshDay, idleRefreshDay } = carried.lastAccessed ?? this.#nextRefresh(earlier.lastAccessed, today);
    return {
      asks: partKinds.filter((kind) => carried[kind] === undefined),
      refreshOn: dateOf(refreshDay),
      refreshIdleOn: idleRefreshDay === undefined ? undefined : dateOf(idleRefreshDay),
      signIn,
      reportedUse: earlier.lastAccessed?.uses?.latest ?? null,
    };
  }

  #nextRefresh(
    earlier: EarlierPart | undefined,
    { activity }: PrincipalToday,
  ): Pick<EarlierPart, 'refreshDay' | 'idleRefreshDay'> {
    const known = earlier !== undefined && this.#mayCarry(earlier) ? earlier : null;
    const isActive = activity.kind === 'known' && !isQuietSince(activity, this.#now);
    const reason = known === null ? 'unknown' : isActive ? 'tomorrowAnyway' : 'again';
    return {
      refreshDay: this.#calendar.next(reason, known?.refreshDay ?? null),
      idleRefreshDay: this.#idleCalendar.next(reason, known?.idleRefreshDay ?? null),
    };
  }

  /** Lines of `carried.jsonl`. */
  async *lines(): AsyncGenerator<string> {
    if ([...this.#carried.values()].every((parts) => Object.keys(parts).length === 0)) return;
    const known = (): void => undefined;
    for await (const line of this.#finished(known)) yield* this.#carriedLine('resumed', line);
    for await (const { arn, lastAccessed, permissions } of storedEvidence(this.services.store, this.input.accountId)) {
      yield* this.#carriedLine('stored', {
        arn,
        lastAccessed: lastAccessed?.part ?? null,
        permissions: permissions?.part ?? null,
      });
    }
  }

  *#carriedLine(source: Source, { arn, lastAccessed, permissions }: CarriedLine): Generator<string> {
    const parts = this.#carried.get(arn);
    const line: CarriedLine = {
      arn,
      lastAccessed: parts?.lastAccessed?.source === source ? lastAccessed : null,
      permissions: parts?.permissions?.source === source ? permissions : null,
    };
    if (line.lastAccessed !== null || line.permissions !== null) yield JSON.stringify(line);
  }

  /** A full run carries only parts that it found itself before it was interrupted. */
  #mayCarry({ source, asOf }: EarlierPart): boolean {
    const { full, fullSince } = this.input.request;
    return !full || (source === 'resumed' && fullSince !== null && asOf >= Date.parse(fullSince));
  }

  #isValid(kind: PartKind, part: EarlierPart, principal: PrincipalToday): boolean {
    if (part.fingerprint !== principal.fingerprint || !this.#mayCarry(part)) return false;
    // A resumed run counts as one run: what it found within a day is valid.
    if (part.source === 'resumed' && this.#now - part.asOf < DAY_MS) return true;
    if (kind === 'lastAccessed') {
      return this.#dueDay(part, principal) > dayOf(this.#now) && isQuietSince(principal.activity, part.asOf);
    }
    // Only a new simulation shows that a policy was changed and reverted during the run that found the decisions.
    const sharedId = principal.group ?? principal.principalId;
    return principal.lasting && !isRefreshDue(sharedId, part.asOf, this.#now, this.#everyDays);
  }

  /** The day on which last-accessed data must be asked for, if the principal was not active. */
  #dueDay({ asOf, refreshDay, idleRefreshDay, uses }: EarlierPart, principal: PrincipalToday): number {
    if (idleRefreshDay === undefined || uses === undefined) return refreshDay;
    return isProvenIdle(principal, { asOf, uses }, this.#idleEveryDays * DAY_MS, this.#now)
      ? idleRefreshDay
      : refreshDay;
  }

  async #readStored(): Promise<void> {
    const { store } = this.services;
    const damages: DamagedObject[] = [];
    // SummariseAccount, which replaces the object, warns.
    const stored = storedEvidence(store, this.input.accountId, (damage) => {
      damages.push(damage);
    });
    for await (const { arn, lastAccessed, permissions } of stored) {
      if (lastAccessed !== null) this.#add(arn, 'lastAccessed', 'stored', lastAccessed.part, lastAccessed);
      if (permissions !== null) this.#add(arn, 'permissions', 'stored', permissions.part, permissions);
    }
    if (damages.some(({ isWhole }) => isWhole)) this.#earlier.clear();
  }

  async #readResumed(): Promise<void> {
    const { resumeFrom, accountId } = this.input;
    if (resumeFrom === null) return;
    const { store, warn } = this.services;
    const onDamage = (damage: DamagedObject): void => {
      warn(`${damage.message} What it has of account ${accountId} is asked for again.`, damage);
    };
    const audited = await unlessDamaged(() => auditedPrincipals(store, resumeFrom, accountId), null, onDamage);
    if (audited === null) return;
    for await (const { arn, lastAccessed, permissions } of this.#finished(onDamage)) {
      const noted = audited.get(arn);
      for (const [kind, part] of [['lastAccessed', lastAccessed] as const, ['permissions', permissions] as const]) {
        if (part === null || noted === undefined) continue;
        // An interrupted run did not recheck the account. A part that is stored keeps its day.
        const stored = this.#earlier.get(arn)?.[kind];
        const day = stored?.asOf === Date.parse(part.asOf) ? stored.idleRefreshDay : undefined;
        this.#add(arn, kind, 'resumed', part, {
          ...noted,
          refreshIdleOn: day === undefined ? undefined : dateOf(day),
        });
      }
    }
  }

  async *#finished(onDamage: (damage: DamagedObject) => void): AsyncGenerator<CarriedLine> {
    const { resumeFrom, accountId } = this.input;
    if (resumeFrom !== null) yield* finishedEvidence(this.services.store, resumeFrom, accountId, onDamage);
  }

  /**
   * Adds a part, unless a newer one is there: a run may continue one of last week. Evidence of earlier versions has no
   * refresh day. Much of it may have been found on one day, so it is spread over the period.
   */
  #add(
    arn: string,
    kind: PartKind,
    source: Source,
    part: Permissions | LastAccessed,
    { fingerprint, refreshOn, refreshIdleOn, signIn }: InventoryNote,
  ): void {
    const parts = this.#earlier.get(arn) ?? {};
    const asOf = Date.parse(part.asOf);
    if ((parts[kind]?.asOf ?? 0) > asOf) return;
    const planned = refreshOn === undefined ? spreadDay(arn, asOf, this.#everyDays) : dayOf(Date.parse(refreshOn));
    // The settings may have been lowered after these days were planned.
    const refreshDay = Math.min(planned, dayOf(asOf) + this.#everyDays);
    const idleRefreshDay =
      refreshIdleOn === undefined
        ? undefined
        : Math.min(dayOf(Date.parse(refreshIdleOn)), dayOf(asOf) + this.#idleEveryDays);
    const uses = 'services' in part ? reportedUses(part) : undefined;
    this.#earlier.set(arn, {
      ...parts,
      [kind]: { source, fingerprint, asOf, refreshDay, idleRefreshDay, uses, signIn },
    });
  }
}
