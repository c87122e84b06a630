import { DAY_MS } from '../ports/clock.ts';
import type { CarriedLine, PartKind, SignIn } from '../contract/account-objects.ts';
import type { Credentials, PrincipalType } from '../contract/evidence.ts';
import type { InventoryAccountInput } from '../contract/messages.ts';
import { finishedEvidence } from './finished-evidence.ts';
import { auditedPrincipals, storedEvidence, type Audited } from './stored-evidence.ts';
import type { Services } from '../ports/services.ts';
import { isQuietSince, signInOf, withLosses, type LastActivity } from './last-activity.ts';
import { dateOf, RefreshCalendar } from './refresh-calendar.ts';
import { dayOf, isRefreshDue, spreadDay } from './refresh-day.ts';

const partKinds: readonly PartKind[] = ['lastAccessed', 'permissions'];

/** `resumed`: the run that is gone on with has found it; `stored`: an earlier day has. */
type Source = 'resumed' | 'stored';

interface KnownPart {
  readonly source: Source;
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly asOf: number;
  /** The day on which last-accessed data is asked again, in whole days since the epoch; decisions go by their group's. */
  readonly refreshDay: number;
  readonly signIn: SignIn | undefined;
}

type KnownParts = Partial<Record<PartKind, KnownPart>>;

/** What is known of a principal today, against which earlier evidence is held. */
export interface PrincipalToday {
  readonly arn: string;
  readonly type: PrincipalType;
  readonly principalId: string;
  readonly credentials: Credentials | null;
  readonly fingerprint: string;
  /** Those of one group are simulated together: their decisions are refreshed on one day. */
  readonly group: string | null;
  /** False where decisions hang on the time: they may change although nothing else does. */
  readonly lasting: boolean;
  readonly activity: LastActivity;
}

export interface AskedToday {
  /** The parts that must be asked; the others will be in `lines`. */
  readonly asks: PartKind[];
  /** YYYY-MM-DD: when last-accessed data, whether asked today or carried, is asked again at the latest. */
  readonly refreshOn: string;
  /** What is to be noted of a user, for the days to come. */
  readonly signIn: SignIn | undefined;
}

/**
 * What need not be asked today, part by part. Of the evidence itself only what the decision takes is kept in memory:
 * it is read once to decide, and once more to be written out.
 */
export class CarriedParts {
  readonly #known = new Map<string, KnownParts>();
  readonly #carried = new Map<string, KnownParts>();
  readonly #calendar: RefreshCalendar;
  readonly #now: number;

  private constructor(
    private readonly input: InventoryAccountInput,
    private readonly services: Services,
  ) {
    this.#now = services.clock.now();
    this.#calendar = new RefreshCalendar(dayOf(this.#now), services.settings.refreshEveryDays);
  }

  /** @throws StoreError */
  static async open(input: InventoryAccountInput, services: Services): Promise<CarriedParts> {
    const carriedParts = new CarriedParts(input, services);
    // A full run, too: what users had before is to be known.
    await carriedParts.#readStored();
    // Over what was stored before: it is what the run that is gone on with has found.
    await carriedParts.#readResumed();
    for (const { lastAccessed } of carriedParts.#known.values()) {
      if (lastAccessed !== undefined && carriedParts.#mayHold(lastAccessed))
        carriedParts.#calendar.add(lastAccessed.refreshDay);
    }
    return carriedParts;
  }

  plan(principal: PrincipalToday): AskedToday {
    const known = this.#known.get(principal.arn) ?? {};
    const before = known.lastAccessed?.signIn;
    const signIn = signInOf(principal.credentials, before, this.#now);
    const today = { ...principal, activity: withLosses(principal.type, principal.activity, signIn, before) };
    const carried: KnownParts = {};
    for (const kind of partKinds) {
      const part = known[kind];
      if (part !== undefined && this.#holds(kind, part, today)) carried[kind] = part;
    }
    this.#carried.set(principal.arn, carried);
    return {
      asks: partKinds.filter((kind) => carried[kind] === undefined),
      refreshOn: dateOf(carried.lastAccessed?.refreshDay ?? this.#nextRefresh(known.lastAccessed, today)),
      signIn,
    };
  }

  #nextRefresh(known: KnownPart | undefined, { activity }: PrincipalToday): number {
    if (known === undefined || !this.#mayHold(known)) return this.#calendar.next('unknown', null);
    const isActive = activity.kind === 'known' && !isQuietSince(activity, this.#now);
    return this.#calendar.next(isActive ? 'tomorrowAnyway' : 'again', known.refreshDay);
  }

  /** Lines of `carried.jsonl`. */
  async *lines(): AsyncGenerator<string> {
    if ([...this.#carried.values()].every((parts) => Object.keys(parts).length === 0)) return;
    for await (const line of this.#finished()) yield* this.#taken('resumed', line);
    for await (const { arn, lastAccessed, permissions } of storedEvidence(this.services.store, this.input.accountId)) {
      yield* this.#taken('stored', {
        arn,
        lastAccessed: lastAccessed?.part ?? null,
        permissions: permissions?.part ?? null,
      });
    }
  }

  *#taken(source: Source, { arn, lastAccessed, permissions }: CarriedLine): Generator<string> {
    const parts = this.#carried.get(arn);
    const line: CarriedLine = {
      arn,
      lastAccessed: parts?.lastAccessed?.source === source ? lastAccessed : null,
      permissions: parts?.permissions?.source === source ? permissions : null,
    };
    if (line.lastAccessed !== null || line.permissions !== null) yield JSON.stringify(line);
  }

  /** A full run takes nothing but what it has found itself, before it was interrupted. */
  #mayHold({ source, asOf }: KnownPart): boolean {
    const { full, fullSince } = this.input.request;
    return !full || (source === 'resumed' && fullSince !== null && asOf >= Date.parse(fullSince));
  }

  #holds(kind: PartKind, part: KnownPart, principal: PrincipalToday): boolean {
    if (part.fingerprint !== principal.fingerprint || !this.#mayHold(part)) return false;
    // A resumed run is one run: what it has just found is not looked at again.
    if (part.source === 'resumed' && this.#now - part.asOf < DAY_MS) return true;
    if (kind === 'lastAccessed') {
      return part.refreshDay > dayOf(this.#now) && isQuietSince(principal.activity, part.asOf);
    }
    const whose = principal.group ?? principal.principalId;
    return principal.lasting && !isRefreshDue(whose, part.asOf, this.#now, this.services.settings.refreshEveryDays);
  }

  async #readStored(): Promise<void> {
    for await (const { arn, lastAccessed, permissions } of storedEvidence(this.services.store, this.input.accountId)) {
      if (lastAccessed !== null) this.#know(arn, 'lastAccessed', 'stored', lastAccessed.part.asOf, lastAccessed);
      if (permissions !== null) this.#know(arn, 'permissions', 'stored', permissions.part.asOf, permissions);
    }
  }

  async #readResumed(): Promise<void> {
    const { resumeFrom, accountId } = this.input;
    if (resumeFrom === null) return;
    const audited = await auditedPrincipals(this.services.store, resumeFrom, accountId);
    for await (const { arn, lastAccessed, permissions } of this.#finished()) {
      const then = audited.get(arn);
      for (const [kind, part] of [['lastAccessed', lastAccessed] as const, ['permissions', permissions] as const]) {
        if (part !== null && then !== undefined) this.#know(arn, kind, 'resumed', part.asOf, then);
      }
    }
  }

  async *#finished(): AsyncGenerator<CarriedLine> {
    const { resumeFrom, accountId } = this.input;
    if (resumeFrom !== null) yield* finishedEvidence(this.services.store, resumeFrom, accountId);
  }

  /**
   * Who goes on with a run of last week gets no older evidence than there is. Evidence of earlier versions has no day:
   * much of it may have been found on one day.
   * @param foundAt ISO 8601
   */
  #know(
    arn: string,
    kind: PartKind,
    source: Source,
    foundAt: string,
    { fingerprint, refreshOn, signIn }: Audited,
  ): void {
    const known = this.#known.get(arn) ?? {};
    const asOf = Date.parse(foundAt);
    if ((known[kind]?.asOf ?? 0) > asOf) return;
    const { refreshEveryDays } = this.services.settings;
    const planned = refreshOn === undefined ? spreadDay(arn, asOf, refreshEveryDays) : dayOf(Date.parse(refreshOn));
    // The setting may have been lowered since.
    const refreshDay = Math.min(planned, dayOf(asOf) + refreshEveryDays);
    this.#known.set(arn, { ...known, [kind]: { source, fingerprint, asOf, refreshDay, signIn } });
  }
}
