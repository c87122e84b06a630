import { SdkAccountAccess } from '../../aws/account-access.ts';
import { defaultSettings } from '../../core/contract/environment.ts';
import type { Exception } from '../../core/contract/exceptions.ts';
import { objects } from '../../core/contract/objects.ts';
import { latestRunId } from '../../core/objects/stored-runs.ts';
import { DAY_MS } from '../../core/ports/clock.ts';
import { localAccounts } from '../../core/ports/services.ts';
import { Emulation } from '../../local/emulated-aws/emulation.ts';
import {
  AUDIT_USER,
  COMPANY_ACCOUNT,
  companyAccount,
  companyExceptions,
} from '../../local/emulated-aws/generate/company/company-account.ts';
import { inProcess } from '../../local/emulated-aws/in-process.ts';
import type { Limit } from '../../local/emulated-aws/token-bucket.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { localExecutionId, localExecutions } from '../../local/local-executions.ts';
import { runWorkflow } from '../../local/run-workflow.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';
import { hashInVirtualTime, inVirtualTime } from '../../local/virtual-store.ts';

const HOUR_MS = 3_600_000;
/** Late in the day, so that on the last day a rate that the first of 30 runs learned is less than 30 days old. */
const START_HOUR = 23;
/** 5th and 95th percentile of the time until an answer, in milliseconds. */
const LATENCY_MS = [80, 300] as const;
export interface CompanyHistory {
  readonly folder: string;
  /** Start of the company's last day, in milliseconds since the epoch. */
  readonly lastDay: number;
  /** The days with a run: how many days before the last one, in descending order. */
  readonly daysAgo: readonly number[];
  readonly limit: Limit;
  /** Share of the limit that another application uses. */
  readonly bystanderShare: number;
  readonly seed: number;
  readonly warn: (message: string) => void;
  readonly onDay?: (done: number) => void;
  readonly onSynthesis?: () => void;
}

/**
 * Audits the company's account once for each day of the history. The runs are those of the product: its
 * workflow, handlers, SDK clients and store. Only time and AWS are emulated, in this process.
 * @throws Error if a run does not end COMPLETE
 */
export async function auditHistory(history: CompanyHistory): Promise<void> {
  const { lastDay, seed } = history;
  const timeOf = (daysAgo: number): number => lastDay - daysAgo * DAY_MS + START_HOUR * HOUR_MS;
  // No input or output leaves the process.
  const clock = new VirtualClock(timeOf(history.daysAgo[0] ?? 0), 1);
  // If the process ends, all is simulated again, so nothing has to be on the disk before the end.
  const files = new FolderStore({ folder: history.folder, durable: false });
  const endHashing = hashInVirtualTime(clock);
  try {
    for (const [done, daysAgo] of history.daysAgo.entries()) {
      await clock.sleep(timeOf(daysAgo) - clock.now());
      await writeExceptions(files, companyExceptions(lastDay, daysAgo));
      await auditDay(history, { clock, files, daysAgo, seed: seed + daysAgo });
      history.onDay?.(done + 1);
    }
  } finally {
    endHashing();
  }
}

/** Writes the exceptions if there are any: an account without exceptions has no file. */
async function writeExceptions(files: FolderStore, exceptions: readonly Exception[]): Promise<void> {
  if (exceptions.length === 0) return;
  await files.write(objects.exceptions, `${JSON.stringify({ exceptions }, null, 2)}\n`);
}

interface HistoryDay {
  readonly clock: VirtualClock;
  readonly files: FolderStore;
  readonly daysAgo: number;
  readonly seed: number;
}

async function auditDay(history: CompanyHistory, { clock, files, daysAgo, seed }: HistoryDay): Promise<void> {
  const { lastDay, limit, bystanderShare, warn, onSynthesis } = history;
  const emulation = new Emulation({
    accounts: [companyAccount(lastDay, daysAgo)],
    clock,
    random: seededRandom(seed),
    limit,
    bystanderShare,
    latencyMs: LATENCY_MS,
  });
  const credentials = emulation.issueUser(COMPANY_ACCOUNT, AUDIT_USER);
  const name = `demo-${daysAgo}-days-ago`;
  const { runId, status } = await runWorkflow({
    name,
    id: localExecutionId(name),
    input: {},
    services: {
      store: inVirtualTime(files, clock),
      clock,
      random: seededRandom(seed + 1_000_003),
      access: new SdkAccountAccess(
        {
          credentials: () => Promise.resolve(credentials),
          memberRole: null,
          region: 'us-east-1',
          endpoint: 'http://emulated.invalid',
          ...inProcess(emulation, clock),
        },
        clock,
      ),
      executions: localExecutions,
      settings: { ...defaultSettings, ...localAccounts, notify: 'never' },
      warn,
    },
    ...(onSynthesis === undefined ? {} : { onSynthesis }),
  });
  if (status !== 'SUCCEEDED' || (await latestRunId(files, warn)) !== runId) {
    throw new Error(`The simulated run ${runId} did not end with a summary (${status}).`);
  }
}
