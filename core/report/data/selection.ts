import { severities, type Finding, type FindingCounts } from '../../contract/finding.ts';
import { needsAction } from '../../findings/compare.ts';

/** Kinds of findings in the order of their importance: active ones by severity, then suppressed and resolved ones. */
const kinds = [...severities, 'suppressed', 'resolved'] as const;
type Kind = (typeof kinds)[number];

const kindOf = ({ severity, state }: Finding): Kind =>
  needsAction(state) ? severity : state === 'resolved' ? 'resolved' : 'suppressed';

/** Decides which findings are in the report, one at a time, so that no list of them is kept in memory. */
export class FindingSelection {
  readonly #left: Map<Kind, number>;
  #omitted = 0;

  /** @param counts the run's findings: important kinds take their share of `most` first */
  constructor(counts: FindingCounts, most: number) {
    let left = most;
    this.#left = new Map(
      kinds.map((kind) => {
        const share = Math.min(counts[kind], left);
        left -= share;
        return [kind, share];
      }),
    );
  }

  takes(finding: Finding): boolean {
    const kind = kindOf(finding);
    const left = this.#left.get(kind) ?? 0;
    if (left === 0) {
      this.#omitted += 1;
      return false;
    }
    this.#left.set(kind, left - 1);
    return true;
  }

  get omitted(): number {
    return this.#omitted;
  }
}
