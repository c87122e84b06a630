import type { Finding, FindingCounts } from '../contract/finding.ts';
import type { Exceptions } from './exceptions.ts';
import type { DetectedFinding } from './find.ts';

/** How much this run knows about a principal that has an earlier finding. */
export type PrincipalEvidence =
  /** The evidence is complete: a finding that is no longer detected is resolved. */
  | 'complete'
  /** Some evidence is missing: no finding is resolved. */
  | 'incomplete'
  /** The principal was in scope and no longer exists. */
  | 'deleted'
  /** The run did not audit the principal. */
  | 'outOfScope';

/** Compares the findings of this run with those of an earlier run. */
export class Comparison {
  readonly #firstSeen = new Map<string, string>();
  readonly #detected = new Set<string>();

  constructor(
    /** Start of the run, ISO 8601. A finding first seen at this time is new, also when the handler is called again. */
    private readonly startedAt: string,
    private readonly exceptions: Exceptions,
  ) {}

  /** Adds a finding of the earlier run. Call this for all of them before the other methods. */
  addEarlier({ id, state, firstSeen }: Finding): void {
    // A resolved finding that comes back is new again.
    if (state !== 'resolved') this.#firstSeen.set(id, firstSeen);
  }

  /** Gives a finding that this run detected its state. */
  compareDetected(finding: DetectedFinding): Finding {
    this.#detected.add(finding.id);
    return this.#withState({ ...finding, firstSeen: this.#firstSeen.get(finding.id) ?? this.startedAt });
  }

  /** Gives a finding of the earlier run its state. Null if this run detected it too, or did not audit its principal. */
  compareEarlier(finding: Finding, evidence: PrincipalEvidence): Finding | null {
    if (this.#detected.has(finding.id) || evidence === 'outOfScope') return null;
    return evidence === 'incomplete' ? this.#withState(finding) : { ...finding, state: 'resolved', exception: null };
  }

  #withState(finding: Omit<Finding, 'state' | 'exception'>): Finding {
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
  if (needsAction(state)) counts[severity] += 1;
}

/** Whether the finding is neither resolved nor suppressed. */
export const needsAction = (state: Finding['state']): boolean => state === 'new' || state === 'open';
