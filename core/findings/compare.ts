import type { Finding, FindingCounts } from '../contract/finding.ts';
import type { Exceptions } from './exceptions.ts';
import type { Found } from './find.ts';

/** What became of a principal since the day before. */
export type Fate =
  /** All its evidence is there: what is not found any more is resolved. */
  | 'judged'
  /** Evidence of today is missing: nothing is resolved. */
  | 'unknown'
  /** It was in scope and is not there any more. */
  | 'gone'
  /** The run did not look at it. */
  | 'outOfScope';

/** Compares what is found today with what was before. */
export class Comparison {
  readonly #firstSeen = new Map<string, string>();
  readonly #seen = new Set<string>();

  constructor(
    /** Start of the run, ISO 8601: what is first seen then is new, also where a handler is called once more. */
    private readonly startedAt: string,
    private readonly exceptions: Exceptions,
  ) {}

  /** A finding that was there before. */
  remember({ id, state, firstSeen }: Finding): void {
    // What was resolved and comes back is new again.
    if (state !== 'resolved') this.#firstSeen.set(id, firstSeen);
  }

  /** Found today. */
  found(finding: Found): Finding {
    this.#seen.add(finding.id);
    return this.#standing({ ...finding, firstSeen: this.#firstSeen.get(finding.id) ?? this.startedAt });
  }

  /** There before; null where it was found today too, or nothing is to be said of it. */
  before(finding: Finding, fate: Fate): Finding | null {
    if (this.#seen.has(finding.id) || fate === 'outOfScope') return null;
    return fate === 'unknown' ? this.#standing(finding) : { ...finding, state: 'resolved', exception: null };
  }

  #standing(finding: Omit<Finding, 'state' | 'exception'>): Finding {
    const exception = this.exceptions.for(finding);
    if (exception !== null) return { ...finding, state: 'suppressed', exception };
    return { ...finding, state: finding.firstSeen === this.startedAt ? 'new' : 'open', exception: null };
  }
}

export const noFindings = (): FindingCounts => ({
  ...{ critical: 0, high: 0, medium: 0, low: 0 },
  ...{ new: 0, open: 0, suppressed: 0, resolved: 0 },
});

export function countFinding(counts: FindingCounts, { state, severity }: Pick<Finding, 'state' | 'severity'>): void {
  counts[state] += 1;
  if (isStanding(state)) counts[severity] += 1;
}

/** Whether somebody must still do something about it. */
export const isStanding = (state: Finding['state']): boolean => state === 'new' || state === 'open';
