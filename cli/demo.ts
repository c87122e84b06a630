import { SdkAccountAccess } from '../aws/account-access.ts';
import { TrailFiles } from '../local/emulated-aws/cloudtrail/trail-files.ts';
import { startEmulatedAws } from '../local/emulated-aws/server.ts';
import { systemClock } from '../local/system-clock.ts';
import { seededRandom } from '../local/seeded-random.ts';
import { bystanderHabits } from './bystander-habits.ts';
import { bystandersInWords } from './bystander-summary.ts';
import { checkOut } from './check-out.ts';
import { companyTarget } from './demo/company.ts';
import type { DemoTarget } from './demo/demo-target.ts';
import { generatedTarget } from './demo/generated.ts';
import type { DisturbanceOption } from './disturbance-option.ts';
import type { ExitCode } from './exit-codes.ts';
import { auditLocally } from './local-audit.ts';
import { nextCommands } from './next-commands.ts';
import { isQuiet, note, say } from './output.ts';
import { WrongUsage } from './wrong-usage.ts';

export interface DemoOptions {
  /** Principals in each generated account. */
  readonly principals?: number;
  /** Number of generated accounts. */
  readonly accounts?: number;
  /** Put the generated accounts into an organization, and audit the organization. */
  readonly organization: boolean;
  /** Days before today that are simulated for the company. */
  readonly days?: number;
  readonly seed: number;
  /** Calls per second that IAM allows for each operation in each account. */
  readonly rate?: number;
  /** Share of each token bucket's rate that another application uses. */
  readonly bystanders?: number;
  /** How the limits differ from steady token buckets. */
  readonly disturb?: DisturbanceOption;
  /** Read everything again, even if an earlier demo wrote evidence into the same folder. */
  readonly full: boolean;
  readonly out: string;
  readonly json: boolean;
}

/** The demo of the company, if no option asks for generated accounts. */
const companyDefaults = { days: 30, rate: 12, bystanders: 0.85 } as const;
const generatedDefaults = { principals: 120, accounts: 1, rate: 20 } as const;

/** What the emulated limits are. If `bystanders` is undefined, there is no other application. */
interface Limits {
  readonly rate: number;
  readonly bystanders: number | undefined;
  readonly disturb: DisturbanceOption | undefined;
}

/** @param whole what the share is a part of */
const bystanderNote = (bystanders: number | undefined, whole: string): string =>
  bystanders === undefined ? '' : ` Another application uses ${Math.round(100 * bystanders)} % of ${whole}.`;

/** A window replaces the token bucket. Its sentence in `disturbanceNote` then says how many calls IAM allows. */
const limitNote = ({ rate, bystanders, disturb }: Limits): string =>
  disturb?.disturbances.window === undefined
    ? ` IAM allows ${rate} calls per second for each operation.${bystanderNote(bystanders, 'that rate')}`
    : bystanderNote(bystanders, 'the calls that IAM allows');

const disturbanceNote = (disturb: DisturbanceOption | undefined): string =>
  disturb === undefined ? '' : ` Disturbances: ${disturb.sentences.join(' ')}`;

/**
 * Runs the whole workflow against the emulated AWS, which throttles calls: for the account of an invented company with a
 * history, or for generated accounts.
 */
export async function demo(options: DemoOptions): Promise<ExitCode> {
  const { principals, accounts, organization, seed, out, disturb } = options;
  const isCompany = principals === undefined && accounts === undefined && !organization;
  checkOptions(options, isCompany);
  await checkOut(out);
  if (!isCompany) {
    const { rate = generatedDefaults.rate } = options;
    const target = generatedTarget({
      principals: principals ?? generatedDefaults.principals,
      accounts: accounts ?? generatedDefaults.accounts,
      organization,
      seed,
    });
    return audit(options, { rate, bystanders: options.bystanders, disturb }, target);
  }
  const { days = companyDefaults.days, rate = companyDefaults.rate } = options;
  const bystanders = options.bystanders ?? (disturb === undefined ? companyDefaults.bystanders : undefined);
  const limit = { rate, size: rate };
  const target = await companyTarget({ out, seed, days, limit, bystanderShare: bystanders ?? 0 });
  return audit(options, { rate, bystanders, disturb }, target);
}

function checkOptions({ accounts, organization, days }: DemoOptions, isCompany: boolean): void {
  if (organization && accounts === 1) {
    throw new WrongUsage(
      '--organization requires at least 2 accounts (--accounts): the management account and a member.',
    );
  }
  if (days !== undefined && !isCompany) {
    throw new WrongUsage(
      '--days is for the account of the company, which has a history. Omit --days, or omit --principals, --accounts and --organization.',
    );
  }
}

async function audit(options: DemoOptions, limits: Limits, target: DemoTarget): Promise<ExitCode> {
  const { accounts, organization, caller } = target;
  const { rate, bystanders, disturb } = limits;
  const hasBystanders = bystanders !== undefined || (disturb?.disturbances.bystanders ?? []).length > 0;
  const trail = new TrailFiles({ random: seededRandom(options.seed) });
  const aws = await startEmulatedAws({
    accounts,
    clock: systemClock,
    random: seededRandom(options.seed),
    limit: { rate, size: rate },
    bystanderShare: bystanders ?? 0,
    organization,
    disturbances: disturb?.disturbances,
    ...(hasBystanders ? { cloudTrail: trail.add } : {}),
  });
  try {
    note(`Auditing ${target.inWords}${limitNote(limits)}${disturbanceNote(disturb)}`);
    const credentials = aws.emulation.issueUser(caller.accountId, caller.userName);
    const access = new SdkAccountAccess(
      {
        credentials: () => Promise.resolve(credentials),
        memberRole: target.memberRole,
        region: 'us-east-1',
        endpoint: aws.url,
      },
      systemClock,
    );
    const code = await auditLocally({
      folder: options.out,
      access,
      input: { ...target.input, ...(options.full ? { full: true } : {}) },
      // A small account also gets several batches, so that the demo shows them.
      settings: { principalsPerBatch: Math.max(10, Math.ceil(target.principals / 3)) },
      json: options.json,
      resumeWith: null,
    });
    if (hasBystanders) {
      say(bystandersInWords(aws.emulation.bystanders()));
      for (const line of await bystanderHabits(trail)) say(line);
    }
    if (!isQuiet()) for (const line of await nextCommands(options.out)) say(line);
    return code;
  } finally {
    await aws.close();
  }
}
