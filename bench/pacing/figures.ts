import { mean, quantile, type Sample } from './samples.ts';

/** Figures of one cell over all its buckets and seeds. Shares are from 0 to 1. */
export interface Figures {
  readonly ratioMedian: number;
  readonly ratioP90: number;
  readonly ratioMean: number;
  readonly ratioWorst: number;
  /** Median. */
  readonly throttled: number;
  readonly throttledMean: number;
  /** The mean: a median would hide calls that are lost on only a few buckets. */
  readonly lost: number;
  /** Medians: the share of bystander calls that is throttled with the audit, and without it. */
  readonly bystanders: number;
  readonly bystandersAlone: number;
  /** The share of bystander calls that is throttled because of the audit. */
  readonly bystandersMean: number;
  readonly bystandersWorst: number;
  /** The highest number of attempts of any call. */
  readonly attempts: number;
}

const round = (value: number): number => Math.round(value * 1e5) / 1e5;

export function figuresOf(samples: readonly Sample[]): Figures {
  const all = (figure: (sample: Sample) => number): number[] => samples.map(figure);
  const ratios = all(({ ratio }) => ratio);
  const throttled = all((sample) => sample.throttled);
  const harm = all(({ bystanders, bystandersAlone }) => bystanders - bystandersAlone);
  return {
    ratioMedian: round(quantile(ratios, 0.5)),
    ratioP90: round(quantile(ratios, 0.9)),
    ratioMean: round(mean(ratios)),
    ratioWorst: round(Math.max(...ratios)),
    throttled: round(quantile(throttled, 0.5)),
    throttledMean: round(mean(throttled)),
    lost: round(mean(all(({ lost }) => lost))),
    bystanders: round(
      quantile(
        all(({ bystanders }) => bystanders),
        0.5,
      ),
    ),
    bystandersAlone: round(
      quantile(
        all(({ bystandersAlone }) => bystandersAlone),
        0.5,
      ),
    ),
    bystandersMean: round(mean(harm)),
    bystandersWorst: round(Math.max(...harm)),
    attempts: Math.max(...all(({ attempts }) => attempts)),
  };
}
