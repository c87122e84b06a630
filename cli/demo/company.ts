import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { DAY_MS } from '../../core/ports/clock.ts';
import {
  AUDIT_USER,
  COMPANY_ACCOUNT,
  COMPANY_NAME,
  companyAccount,
} from '../../local/emulated-aws/generate/company/company-account.ts';
import type { Limit } from '../../local/emulated-aws/token-bucket.ts';
import { systemClock } from '../../local/system-clock.ts';
import { exitCodes } from '../exit-codes.ts';
import { LiveLine } from '../live-line.ts';
import { note, say } from '../output.ts';
import { noteSynthesis } from '../synthesis-note.ts';
import { WrongUsage } from '../wrong-usage.ts';
import { auditHistory } from './company-history.ts';
import { markFolder, newHistoryFolder, readDemoFolder, type DemoFolder } from './demo-folder.ts';
import type { DemoTarget } from './demo-target.ts';

export interface CompanyDemo {
  readonly out: string;
  /** Number of days before today that are simulated. */
  readonly days: number;
  readonly seed: number;
  readonly limit: Limit;
  /** Share of the limit that another application uses. */
  readonly bystanderShare: number;
}

/**
 * The company's account as it is today. First, the days before are simulated and audited, if the folder has no results.
 * @throws WrongUsage if the folder has other results
 */
export async function companyTarget(options: CompanyDemo): Promise<DemoTarget> {
  const { out } = options;
  const found = await readDemoFolder(out);
  if (found.kind === 'other') {
    throw new WrongUsage(
      `${out} has results of other runs, and the demo's company must not be mixed with them. Name another folder with --out, for example --out ./iam-audit-demo.`,
    );
  }
  if (found.kind === 'company') note(inWords(found));
  const marked = found.kind === 'empty' ? await begin(options) : found;
  const account = companyAccount(Date.parse(marked.lastDay), 0);
  return {
    accounts: [account],
    organization: null,
    caller: { accountId: COMPANY_ACCOUNT, userName: AUDIT_USER },
    memberRole: null,
    // Without a list of accounts, the run is one of everything, as the scheduled run of a deployment is.
    input: {},
    principals: account.users.size + account.roles.size,
    inWords: `the account of ${COMPANY_NAME}, an invented bookshop, with ${account.users.size} users and ${account.roles.size} roles. The account, its history and the other applications in it are simulated.`,
  };
}

type Company = Extract<DemoFolder, { kind: 'company' }>;

const inWords = ({ lastDay, days }: Company): string =>
  days === 0
    ? `An earlier demo has begun the results of ${COMPANY_NAME} on ${lastDay}, without a history. This is the next run.`
    : `An earlier demo has simulated the ${days} days before ${lastDay}. This is the next run.`;

/** Simulates the history, and marks the folder. */
async function begin({ out, days, ...emulated }: CompanyDemo): Promise<Company> {
  // The history ends before today, and the run of today is the demo's own.
  const today = Math.floor(systemClock.now() / DAY_MS) * DAY_MS;
  const lastDay = new Date(today).toISOString().slice(0, 10);
  const folder = days === 0 ? null : await newHistoryFolder(out);
  if (folder !== null) await simulate({ folder, lastDay: today, daysAgo: countdown(days), ...emulated });
  const marked = await markFolder(out, { lastDay, days, movedFrom: folder === null ? null : basename(folder) });
  if (marked.kind !== 'company') throw new Error(`${out} could not be marked as a folder of the demo.`);
  return marked;
}

type History = Omit<Parameters<typeof auditHistory>[0], 'warn' | 'onDay' | 'onSynthesis'>;

async function simulate(history: History): Promise<void> {
  const { folder, daysAgo } = history;
  const days = counted(daysAgo.length);
  const live = new LiveLine(process.stderr);
  const interrupt = (): void => {
    live.clear();
    rmSync(folder, { recursive: true, force: true });
    say('Stopped while the earlier days were simulated. Nothing was kept; the next demo begins again.');
    process.exit(exitCodes.interrupted);
  };
  process.on('SIGINT', interrupt);
  const startedAt = performance.now();
  const words = `Simulating ${days}, each with a run in virtual time…`;
  live.show(words);
  try {
    await auditHistory({
      ...history,
      warn: (message) => {
        live.clear();
        say(`warning: ${message}`);
      },
      onSynthesis: () => {
        live.clear();
        noteSynthesis();
      },
      onDay: (done) => {
        if (process.stderr.isTTY) live.show(`${words} ${done} done`);
      },
    });
  } catch (error: unknown) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
    live.clear();
  }
  const seconds = Math.ceil((performance.now() - startedAt) / 1_000);
  note(`Simulated ${days} in ${seconds} s.`);
}

/** From `days` down to 1. */
const countdown = (days: number): number[] => Array.from({ length: days }, (_, n) => days - n);

const counted = (days: number): string => `${days} earlier day${days === 1 ? '' : 's'}`;
