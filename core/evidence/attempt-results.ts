import type { PartKind, WorklistLine } from '../contract/account-objects.ts';
import type { Problem } from '../contract/evidence.ts';
import type { Clock } from '../ports/clock.ts';
import type { LineChannel } from '../streams/line-channel.ts';
import type { BatchEnd } from './batch-lines.ts';
import { failedPart, type PartOutcome } from './incomplete-part.ts';

/** A report that timed out in this many attempts is recorded as failed. */
const REPORT_ATTEMPTS = 3;

interface PostponedPart {
  readonly line: WorklistLine;
  readonly part: PartKind;
  readonly problem: Problem;
}

/** The parts that an attempt finished, written at once, and those that it leaves to the next attempt. */
export class AttemptResults {
  readonly #postponed: PostponedPart[] = [];
  readonly #timedOut: string[] = [];
  #finished = 0;

  /** @param earlier ends of the batch's earlier attempts */
  constructor(
    private readonly earlier: readonly BatchEnd[],
    private readonly channel: LineChannel,
    private readonly clock: Clock,
    private readonly onFinished: (part: PartKind) => void,
  ) {}

  /** How many parts were finished. */
  get finished(): number {
    return this.#finished;
  }

  /** How many parts are left to the next attempt. */
  get postponed(): number {
    return this.#postponed.length;
  }

  /** ARNs whose report was not ready in time in this attempt. */
  get timedOut(): string[] {
    return this.#timedOut;
  }

  get reportTimedOut(): boolean {
    return this.#postponed.some(({ problem }) => problem.code === 'ReportTimedOut');
  }

  /** @param sharedFrom ARN of the principal that was simulated, if it is another one */
  async add(line: WorklistLine, kind: PartKind, outcome: PartOutcome, sharedFrom?: string): Promise<void> {
    if (outcome.kind === 'later') {
      if (outcome.problem.code === 'ReportTimedOut') this.#timedOut.push(line.arn);
      if (outcome.problem.code === 'ReportTimedOut' && this.#timeoutsOf(line.arn) >= REPORT_ATTEMPTS) {
        await this.add(line, kind, failedPart(line, kind, outcome.problem, this.clock.now()));
        return;
      }
      this.postpone(line, kind, outcome.problem);
      return;
    }
    this.#finished += 1;
    this.onFinished(kind);
    const { part, problems } = outcome;
    await this.channel.push(JSON.stringify({ kind, arn: line.arn, part, problems, sharedFrom }));
  }

  postpone(line: WorklistLine, part: PartKind, problem: Problem): void {
    this.#postponed.push({ line, part, problem });
  }

  /** Records the postponed parts as failed: there is no next attempt. @param now milliseconds since the epoch */
  async failPostponed(now: number): Promise<void> {
    for (const { line, part, problem } of this.#postponed) {
      await this.add(line, part, failedPart(line, part, problem, now));
    }
  }

  /** In how many attempts of this run the principal's report was not ready in time. */
  #timeoutsOf(arn: string): number {
    return [...this.earlier.map(({ timedOut }) => timedOut), this.#timedOut].filter((arns) => arns.includes(arn))
      .length;
  }
}
