import type { FaultKind } from './plan.ts';

/** A fault that has happened. */
export interface HappenedFault {
  readonly kind: FaultKind;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The principal whose request it was; null if it is not of one principal. */
  readonly arn: string | null;
}

/** The faults that have happened. A fault that a seed only planned explains nothing. */
export class FaultLog {
  readonly happened: HappenedFault[] = [];

  constructor(private readonly now: () => number) {}

  add(kind: FaultKind, arn: string | null = null): void {
    this.happened.push({ kind, at: this.now(), arn });
  }

  /** The kinds that happened in a time, for any principal or for one. */
  kinds(from: number, to: number, arn: string | null = null): Set<FaultKind> {
    const kinds = new Set<FaultKind>();
    for (const fault of this.happened) {
      if (fault.at >= from && fault.at <= to && (arn === null || fault.arn === arn)) kinds.add(fault.kind);
    }
    return kinds;
  }
}
