import { defaultPacing, type ControllerSettings } from './controller/controller-settings.ts';
import { BucketController } from './controller/bucket-controller.ts';
import { noClimb } from './controller/climb.ts';
import { boundedRate } from './controller/bounded-rate.ts';
import type { ControllerState } from './controller/controller-state.ts';
import type { RateController, WaitedFor } from './controller/rate-controller.ts';

/** Throttles of two operations within this time may have one cause. */
const TOGETHER_MS = 1_000;
/** A throttle starts a new episode if the operation was not throttled for this time. */
const EPISODE_MS = 5_000;
/**
 * After the ramp, two operations count as sharing a bucket if this many of their episodes in a row started together. An
 * episode of only one of them interrupts the row.
 */
const EPISODES_TOGETHER = 2;
/** How long a member waits for another member whose turn it is. */
const LONGEST_TURN_MS = 5;
/** A group is split if throttles of the same operation caused this many of its decreases in a row. */
const DECREASES_OF_ONE = 8;

/** Operations that use one bucket, with one controller. */
interface Group {
  controller: BucketController;
  readonly members: Set<Member>;
  /** When one of them last sent a call. */
  sentAt: number;
  /** The operation whose throttles caused the last decreases, and how many in a row. */
  cause: string | null;
  decreases: number;
  /** The operations whose calls showed the rate that will be remembered. Null: all of them. */
  measured: ReadonlySet<Member> | null;
}

/** An operation, and the group that it belongs to now. */
interface Member {
  readonly operation: string;
  group: Group;
  lastThrottleAt: number;
  episodeAt: number;
  /** Whether the last episode ended the ramp. */
  wasInRamp: boolean;
  /** When it last had a call to send, and when it last sent one. */
  wantedAt: number;
  sentAt: number;
}

/**
 * Each operation usually has a bucket of its own, and then a controller of its own. Operations that are throttled together are
 * likely to share a bucket: several controllers would disturb each other, so they get one, and their calls take turns.
 */
export class OperationGroups {
  readonly #members = new Map<string, Member>();
  /** The key has the names of two operations. The value counts their episodes that started together. */
  readonly #together = new Map<string, number>();

  constructor(private readonly settings: ControllerSettings = defaultPacing) {}

  /**
   * @param together the operations that share its bucket, as an earlier batch found out. All of them stay in the group, even if
   *   this batch never calls some of them
   */
  add(operation: string, controller: BucketController, together: readonly string[] = []): RateController {
    const member = this.#members.get(operation) ?? this.#join(newGroup(controller), operation);
    for (const other of together) {
      if (!this.#members.has(other)) this.#join(member.group, other);
    }
    return new GroupMember(member, (sentAt, now) => {
      this.#throttled(member, sentAt, now);
    });
  }

  #join(group: Group, operation: string): Member {
    const member: Member = {
      operation,
      group,
      lastThrottleAt: Number.NEGATIVE_INFINITY,
      episodeAt: Number.NEGATIVE_INFINITY,
      wasInRamp: false,
      wantedAt: Number.NEGATIVE_INFINITY,
      sentAt: Number.NEGATIVE_INFINITY,
    };
    group.members.add(member);
    this.#members.set(operation, member);
    return member;
  }

  /** The controller of each operation. */
  controllers(): Map<string, BucketController> {
    return new Map([...this.#members].map(([operation, { group }]) => [operation, group.controller]));
  }

  /** Operations that share a bucket, as far as is known. */
  groups(): string[][] {
    const groups = new Set([...this.#members.values()].map(({ group }) => group));
    return [...groups]
      .map(({ members }) => [...members].map(({ operation }) => operation).sort())
      .filter(({ length }) => length > 1);
  }

  /**
   * How many operations used the rate that the group remembers. If the others sent no calls, the rate is that of one operation,
   * also if the operations were wrongly taken for one bucket.
   */
  operationsMeasured(): Map<string, number> {
    return new Map(
      [...this.#members].map(([operation, member]) => {
        const { members, measured } = member.group;
        return [operation, measured?.has(member) === true ? measured.size : members.size];
      }),
    );
  }

  #throttled(member: Member, sentAt: number, now: number): void {
    const { group } = member;
    const wasInRamp = group.controller.isInRamp;
    const { decreasedAt, learned } = group.controller;
    group.controller.throttled(sentAt, now);
    if (group.controller.learned !== learned) {
      const active = [...group.members].filter((other) => other.sentAt > (decreasedAt ?? Number.NEGATIVE_INFINITY));
      group.measured = new Set([member, ...active]);
    }
    if (group.controller.decreasedAt !== decreasedAt) this.#decreased(member, decreasedAt, now);
    const isEpisode = now - member.lastThrottleAt > EPISODE_MS;
    member.lastThrottleAt = now;
    if (!isEpisode) return;
    member.episodeAt = now;
    member.wasInRamp = wasInRamp;
    for (const other of this.#members.values()) {
      if (other.group !== member.group) this.#compare(member, other, wasInRamp, now);
    }
  }

  #compare(member: Member, other: Member, wasInRamp: boolean, now: number): void {
    const pair = [member.operation, other.operation].sort().join(' ');
    if (now - other.episodeAt > TOGETHER_MS) {
      // If the other operation is throttled soon, it adds 2. So an episode of both counts 1, and one of a single
      // operation −1.
      this.#together.set(pair, Math.max(0, (this.#together.get(pair) ?? 0) - 1));
      return;
    }
    const count = (this.#together.get(pair) ?? 0) + 2;
    this.#together.set(pair, count);
    // Operations that share a bucket and start together reach the end of their ramps together.
    const isFirst = wasInRamp && other.wasInRamp;
    if (isFirst || count > EPISODES_TOGETHER) this.#merge(member.group, other.group, now);
  }

  #merge(group: Group, other: Group, now: number): void {
    group.controller = new BucketController(
      mergedState(group.controller.snapshot(now), other.controller.snapshot(now)),
      this.settings,
    );
    group.sentAt = Math.max(group.sentAt, other.sentAt);
    group.cause = null;
    group.measured = null;
    for (const member of other.members) {
      group.members.add(member);
      member.group = group;
    }
  }

  /** @param before when the rate last decreased before that; null if it never did */
  #decreased(member: Member, before: number | null, now: number): void {
    const { operation, group } = member;
    const others = [...group.members].filter((other) => other !== member);
    // Operations that send no calls can't be throttled, so it shows nothing that they are not.
    if (!others.some(({ sentAt }) => sentAt > (before ?? Number.NEGATIVE_INFINITY))) return;
    group.decreases = group.cause === operation ? group.decreases + 1 : 1;
    group.cause = operation;
    if (group.decreases >= DECREASES_OF_ONE) this.#split(group, now);
  }

  /** Only one of the operations is throttled, so the others have buckets of their own. */
  #split(group: Group, now: number): void {
    const state = group.controller.snapshot(now);
    const share = 1 / group.members.size;
    const perSecond = state.estimate === null ? null : share * state.estimate.perSecond;
    this.#together.clear();
    for (const member of group.members) {
      member.group = newGroup(new BucketController(stateAt(state, share * state.rate, perSecond), this.settings));
      member.group.members.add(member);
    }
  }
}

const newGroup = (controller: BucketController): Group => ({
  controller,
  members: new Set(),
  sentAt: Number.NEGATIVE_INFINITY,
  cause: null,
  decreases: 0,
  measured: null,
});

/** The calls of all members take turns: after a call of one member, the next call of any member waits for 1 / rate. */
class GroupMember implements RateController {
  constructor(
    private readonly member: Member,
    private readonly onThrottle: (sentAt: number, now: number) => void,
  ) {}

  get rate(): number {
    return this.member.group.controller.rate;
  }

  get pauseUntil(): number {
    const { controller, sentAt, members } = this.member.group;
    if (members.size === 1) return controller.pauseUntil;
    const gapMs = 1000 / controller.rate;
    const turnMs = Math.min(LONGEST_TURN_MS, gapMs / 4);
    return Math.max(controller.pauseUntil, sentAt + gapMs) + this.#membersBefore() * turnMs;
  }

  /** Members that have a call to send and sent their last one earlier than this member. Each gets some time to send it. */
  #membersBefore(): number {
    return [...this.member.group.members].filter(
      ({ wantedAt, sentAt }) => wantedAt > sentAt && sentAt < this.member.sentAt,
    ).length;
  }

  advance(now: number): void {
    this.member.wantedAt = now;
    this.member.group.controller.advance(now);
  }

  sent(now: number, waitedFor: WaitedFor): void {
    this.member.group.controller.sent(now, waitedFor);
    this.member.sentAt = now;
    this.member.group.sentAt = now;
  }

  accepted(sentAt: number, now: number): void {
    this.member.group.controller.accepted(sentAt, now);
  }

  throttled(sentAt: number, now: number): void {
    this.onThrottle(sentAt, now);
  }
}

/** The rate and the estimate of the shared bucket are the sums of those of both controllers. */
function mergedState(state: ControllerState, other: ControllerState): ControllerState {
  return {
    ...stateAt(state, state.rate + other.rate, estimateOf(state) + estimateOf(other)),
    pauseUntil: Math.max(state.pauseUntil, other.pauseUntil),
    ramp: null,
    drained: mergedRamp(state, other),
    decreasedAt: Math.max(state.decreasedAt ?? 0, other.decreasedAt ?? 0),
  };
}

/** The ramp that emptied the bucket: the calls of both. Null if neither had one. */
function mergedRamp(state: ControllerState, other: ControllerState): ControllerState['drained'] {
  const ramps = [state, other].flatMap(({ ramp, drained, rate, updatedAt }) => {
    if (drained !== null) return [drained];
    return ramp === null ? [] : [{ from: ramp.from, to: rate, doubleMs: ramp.doubleMs, at: updatedAt }];
  });
  const [first, ...others] = ramps;
  if (first === undefined) return null;
  return others.reduce((sum, { from, to }) => ({ ...sum, from: sum.from + from, to: sum.to + to }), first);
}

/** Before the first throttle there is no estimate. Then the rate gives one, as at the end of a ramp. */
const estimateOf = ({ estimate, rate }: ControllerState): number =>
  estimate?.perSecond ?? defaultPacing.ramp.estimate * rate;

/** After a merge or a split, the estimate is uncertain. */
const GUESS_DOUBT = 0.35;

/**
 * The state after a merge or a split: with another rate and estimate, and without the measurements of the earlier group.
 * @param perSecond the estimated rate. Null: it is unknown
 */
function stateAt(state: ControllerState, rate: number, perSecond: number | null): ControllerState {
  const { climb } = state;
  return {
    ...state,
    rate: boundedRate(rate),
    estimate: perSecond === null ? null : { perSecond, doubt: GUESS_DOUBT },
    highest: null,
    rampEnd: null,
    anchorAt: null,
    accepted: 0,
    idled: false,
    resumed: null,
    before: null,
    measured: null,
    floor: 0,
    rungs: [],
    climb: { ...noClimb(climb.bestAt), isGuess: climb.isGuess },
  };
}
