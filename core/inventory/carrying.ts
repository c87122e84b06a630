import type { CarriedLine, PartKind } from '../contract/account-objects.ts';
import type { InventoryAccountInput } from '../contract/messages.ts';
import { finishedEvidence } from '../run/finished-evidence.ts';
import { fingerprintsOf, storedEvidence } from '../run/stored-evidence.ts';
import type { Services } from '../services.ts';
import { isQuietSince, type LastActivity } from './last-activity.ts';
import { isRefreshDue } from './refresh-day.ts';

const partKinds: readonly PartKind[] = ['lastAccessed', 'permissions'];

/** `resumed`: the run that is gone on with has found it; `stored`: an earlier day has. */
type Source = 'resumed' | 'stored';

interface KnownPart {
  readonly source: Source;
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly asOf: number;
}

type KnownParts = Partial<Record<PartKind, KnownPart>>;

/** What is known of a principal today, against which earlier evidence is held. */
export interface PrincipalToday {
  readonly arn: string;
  readonly principalId: string;
  readonly fingerprint: string;
  /** Those of one group are simulated together: their decisions are refreshed on one day. */
  readonly group: string | null;
  /** False where decisions hang on the time: they may change although nothing else does. */
  readonly lasting: boolean;
  readonly activity: LastActivity;
}

/**
 * What need not be asked today, part by part. Of the evidence itself only what the decision takes is kept in memory:
 * it is read once to decide, and once more to be written out.
 */
export class Carrying {
  readonly #known = new Map<string, KnownParts>();
  readonly #carried = new Map<string, KnownParts>();

  private constructor(
    private readonly input: InventoryAccountInput,
    private readonly services: Services,
  ) {}

  /** @throws StoreError */
  static async open(input: InventoryAccountInput, services: Services): Promise<Carrying> {
    const carrying = new Carrying(input, services);
    if (!input.request.full) {
      await carrying.#readStored();
      // Over what was stored before: it is what the run that is gone on with has found.
      await carrying.#readResumed();
    }
    return carrying;
  }

  /** The parts of a principal that must be asked; the others will be in `lines`. */
  asks(principal: PrincipalToday): PartKind[] {
    const known = this.#known.get(principal.arn) ?? {};
    const carried: KnownParts = {};
    for (const kind of partKinds) {
      const part = known[kind];
      if (part !== undefined && this.#holds(kind, part, principal)) carried[kind] = part;
    }
    this.#carried.set(principal.arn, carried);
    return partKinds.filter((kind) => carried[kind] === undefined);
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

  #holds(kind: PartKind, part: KnownPart, principal: PrincipalToday): boolean {
    if (part.fingerprint !== principal.fingerprint) return false;
    // A resumed run is one run: what it has found is not looked at again.
    if (part.source === 'resumed') return true;
    const { clock, settings } = this.services;
    const whose = kind === 'permissions' ? (principal.group ?? principal.principalId) : principal.principalId;
    if (isRefreshDue(whose, part.asOf, clock.now(), settings.refreshEveryDays)) return false;
    return kind === 'permissions' ? principal.lasting : isQuietSince(principal.activity, part.asOf);
  }

  async #readStored(): Promise<void> {
    for await (const { arn, lastAccessed, permissions } of storedEvidence(this.services.store, this.input.accountId)) {
      for (const [kind, stored] of [['lastAccessed', lastAccessed] as const, ['permissions', permissions] as const]) {
        if (stored === null) continue;
        this.#know(arn, kind, {
          source: 'stored',
          fingerprint: stored.fingerprint,
          asOf: Date.parse(stored.part.asOf),
        });
      }
    }
  }

  async #readResumed(): Promise<void> {
    const { resumeFrom, accountId } = this.input;
    if (resumeFrom === null) return;
    const fingerprints = await fingerprintsOf(this.services.store, resumeFrom, accountId);
    for await (const { arn, lastAccessed, permissions } of this.#finished()) {
      const fingerprint = fingerprints.get(arn);
      for (const [kind, part] of [['lastAccessed', lastAccessed] as const, ['permissions', permissions] as const]) {
        if (part === null || fingerprint === undefined) continue;
        this.#know(arn, kind, { source: 'resumed', fingerprint, asOf: Date.parse(part.asOf) });
      }
    }
  }

  async *#finished(): AsyncGenerator<CarriedLine> {
    const { resumeFrom, accountId } = this.input;
    if (resumeFrom !== null) yield* finishedEvidence(this.services.store, resumeFrom, accountId);
  }

  /** Who goes on with a run of last week gets no older evidence than there is. */
  #know(arn: string, kind: PartKind, part: KnownPart): void {
    const known = this.#known.get(arn) ?? {};
    if ((known[kind]?.asOf ?? 0) <= part.asOf) this.#known.set(arn, { ...known, [kind]: part });
  }
}
