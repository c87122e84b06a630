import type { QuestionId } from '../../../core/contract/doctor/diagnosis.ts';
import type { RecordOptions } from '../../../local/emulated-aws/cloudtrail/records.ts';
import { ACCOUNT, type World } from '../world/world.ts';

type CallersByQuestion = Partial<Readonly<Record<QuestionId, readonly string[]>>>;

/** The right answers, known from how the scenario is built. A caller that is not listed must not be named. */
export interface Truth {
  /** ARNs of the callers that must be named. */
  readonly found?: CallersByQuestion;
  /** ARNs of callers for which both answers are acceptable. */
  readonly either?: CallersByQuestion;
  /** Questions for which the logs contain no evidence, so the verdict must be `unknown`. */
  readonly unknown?: readonly QuestionId[];
}

export interface Scenario {
  readonly name: string;
  /** Length of the logs. */
  readonly minutes: number;
  /** Default: version 1.11, throttled calls with their parameters. */
  readonly records?: Partial<RecordOptions>;
  /** Starts the processes. */
  readonly build: (world: World) => Truth;
}

/** Draws the limit of IAM in the account. @returns calls per second */
export function limitIam(world: World, account = ACCOUNT): number {
  const rate = world.draw(8, 15);
  world.limit(`iam:${account}`, { rate, size: rate * world.draw(1, 3) });
  return rate;
}

/** Draws the limit of STS at an endpoint. @returns calls per second */
export function limitSts(world: World, endpoint = 'eu-west-1', account = ACCOUNT): number {
  const rate = world.draw(8, 15);
  world.limit(`sts:${account}:${endpoint}`, { rate, size: rate * world.draw(1, 3) });
  return rate;
}
