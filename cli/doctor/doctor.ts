import type { QuestionId } from '../../core/contract/doctor/diagnosis.ts';
import type { Explanation } from '../../core/contract/doctor/explanation.ts';
import { examination } from '../../core/doctor/diagnosis/examine.ts';
import { explain, explanationInWords } from '../../core/doctor/diagnosis/explain.ts';
import { diagnosisInWords } from '../../core/doctor/diagnosis/in-words.ts';
import { thresholdsWith } from '../../core/doctor/thresholds.ts';
import { LogQueryError } from '../../core/ports/log-queries.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { printJson, printLine, say } from '../output.ts';
import { DoctorProgress } from './doctor-progress.ts';
import type { PeriodOptions } from './period.ts';
import { prepareLogs } from './prepare-logs.ts';
import { SourceUnreadable } from './prepared-logs.ts';
import { WrongUsage } from '../wrong-usage.ts';
import { sourceProblem } from './source-options.ts';
import { pageProblem, writePage } from './write-page.ts';

export interface DoctorOptions extends PeriodOptions {
  readonly lookup: boolean;
  /** A folder or an s3:// address. */
  readonly cloudtrail?: string;
  readonly athena: boolean;
  /** Undefined: the default of --lookup. */
  readonly maxEvents?: number;
  readonly threshold: Readonly<Record<string, number>>;
  readonly profile?: string;
  readonly region: readonly string[];
  readonly stack?: string;
  readonly html?: string;
  readonly json: boolean;
  readonly explain?: QuestionId;
}

/** Finds which callers cause throttling, and says what they must change. Exit code 4 if something was found. */
export async function doctor(options: DoctorOptions): Promise<ExitCode> {
  let thresholds;
  try {
    thresholds = thresholdsWith(options.threshold);
  } catch (error: unknown) {
    say(error instanceof Error ? error.message : String(error));
    return exitCodes.usage;
  }
  if (options.explain !== undefined) {
    return printExplanation(explain(options.explain, thresholds), options.json);
  }
  const problem = sourceProblem(options) ?? (options.html === undefined ? null : await pageProblem(options.html));
  if (problem !== null) {
    say(problem);
    return exitCodes.usage;
  }
  const progress = new DoctorProgress();
  let logs;
  try {
    logs = await prepareLogs(options, thresholds, progress);
  } catch (error: unknown) {
    progress.clear();
    if (error instanceof WrongUsage) {
      say(error.message);
      return exitCodes.usage;
    }
    if (!(error instanceof SourceUnreadable) && !(error instanceof LogQueryError)) throw error;
    say(error.message);
    return exitCodes.failed;
  }
  try {
    const examined = await examination({
      queries: logs.queries,
      thresholds,
      source: logs.source,
      onQuestion: (done, of) => {
        progress.question(done, of);
      },
    });
    const { diagnosis } = examined;
    const timeline = options.html === undefined ? [] : await logs.queries.ask('timeline');
    progress.clear();
    if (options.html !== undefined) await writePage(options.html, examined, timeline);
    if (options.json) printJson(diagnosis);
    else for (const line of diagnosisInWords(diagnosis)) process.stdout.write(`${line}\n`);
    if (options.html !== undefined) say(`The page is in ${options.html}.`);
    return diagnosis.questions.some(({ verdict }) => verdict === 'found')
      ? exitCodes.somethingFound
      : exitCodes.complete;
  } catch (error: unknown) {
    progress.clear();
    if (!(error instanceof LogQueryError)) throw error;
    say(error.message);
    return exitCodes.failed;
  } finally {
    await logs.close();
  }
}

function printExplanation(explanation: Explanation | null, json: boolean): ExitCode {
  if (json) printJson(explanation);
  else if (explanation !== null) for (const line of explanationInWords(explanation)) printLine(line);
  return exitCodes.complete;
}
