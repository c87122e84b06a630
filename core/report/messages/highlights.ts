import type { Finding } from '../../contract/finding.ts';

/** Findings of each list that a message names. The report has all of them. */
const MOST_NAMED = 10;
/** Events about new critical findings: with the event about the run, they are at most five calls of PutEvents. */
export const MOST_FINDING_EVENTS = 49;

const isSevere = ({ severity }: Finding): boolean => severity === 'critical' || severity === 'high';

/** What is worth a message, collected while the findings of a run pass by. Its size does not grow with the number of findings. */
export class Highlights {
  newCritical = 0;
  newHigh = 0;
  resolvedSevere = 0;
  readonly #critical: Finding[] = [];
  readonly #high: Finding[] = [];
  readonly #resolved: Finding[] = [];

  add(finding: Finding): void {
    if (!isSevere(finding)) return;
    if (finding.state === 'new' && finding.severity === 'critical') {
      this.newCritical += 1;
      if (this.#critical.length < MOST_FINDING_EVENTS) this.#critical.push(finding);
    } else if (finding.state === 'new') {
      this.newHigh += 1;
      if (this.#high.length < MOST_NAMED) this.#high.push(finding);
    } else if (finding.state === 'resolved') {
      this.resolvedSevere += 1;
      if (this.#resolved.length < MOST_NAMED) this.#resolved.push(finding);
    }
  }

  get newCriticalFindings(): readonly Finding[] {
    return this.#critical;
  }

  /** New findings that a message names, critical ones first. */
  get named(): readonly Finding[] {
    return [...this.#critical, ...this.#high].slice(0, MOST_NAMED);
  }

  get namedResolved(): readonly Finding[] {
    return this.#resolved;
  }

  get any(): boolean {
    return this.newCritical + this.newHigh + this.resolvedSevere > 0;
  }
}
