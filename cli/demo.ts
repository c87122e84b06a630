import { SdkAccountAccess } from '../aws/account-access.ts';
import { DAY_MS } from '../core/ports/clock.ts';
import {
  addAuditRole,
  addOperator,
  AUDIT_ROLE,
  generateAccount,
  OPERATOR,
} from '../local/emulated-aws/generate/account.ts';
import { placeInOrganization } from '../local/emulated-aws/generate/organization.ts';
import { TrailFiles } from '../local/emulated-aws/cloudtrail/trail-files.ts';
import { startEmulatedAws } from '../local/emulated-aws/server.ts';
import { systemClock } from '../local/system-clock.ts';
import { seededRandom } from '../local/seeded-random.ts';
import type { DisturbanceOption } from './disturbance-option.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { bystanderHabitsInWords, diagnoseTrail } from './bystander-diagnosis.ts';
import { bystandersInWords } from './bystander-summary.ts';
import { checkOut } from './check-out.ts';
import { auditLocally } from './local-audit.ts';
import { nextCommands } from './next-commands.ts';
import { isQuiet, note, say } from './output.ts';

export interface DemoOptions {
  /** Principals in each account. */
  readonly principals: number;
  readonly accounts: number;
  /** Put the accounts into an organization, and audit the organization. */
  readonly organization: boolean;
  readonly seed: number;
  /** Calls per second that IAM allows for each operation in each account. */
  readonly rate: number;
  /** Share of each token bucket's rate that another application uses. If undefined, there is no other application. */
  readonly bystanders?: number;
  /** How the limits differ from steady token buckets. */
  readonly disturb?: DisturbanceOption;
  /** Read everything again, even if an earlier demo wrote evidence into the same folder. */
  readonly full: boolean;
  readonly out: string;
  readonly json: boolean;
}

/** @param whole what the share is a part of */
const bystanderNote = (bystanders: number | undefined, whole: string): string =>
  bystanders === undefined ? '' : ` Another application uses ${Math.round(100 * bystanders)} % of ${whole}.`;

/** A window replaces the token bucket. Its sentence in `disturbanceNote` then says how many calls IAM allows. */
const limitNote = ({ rate, bystanders, disturb }: DemoOptions): string =>
  disturb?.disturbances.window === undefined
    ? ` IAM allows ${rate} calls per second for each operation.${bystanderNote(bystanders, 'that rate')}`
    : bystanderNote(bystanders, 'the calls that IAM allows');

const disturbanceNote = (disturb: DisturbanceOption | undefined): string =>
  disturb === undefined ? '' : ` Disturbances: ${disturb.sentences.join(' ')}`;

/** ID of the first emulated account, which runs the audit. */
const HUB = 111_122_223_333;

/** Runs the whole workflow against generated accounts of the emulated AWS, which throttles calls. */
export async function demo(options: DemoOptions): Promise<ExitCode> {
  if (options.organization && options.accounts === 1) {
    say('error: --organization requires at least 2 accounts (--accounts): the management account and a member.');
    return exitCodes.usage;
  }
  await checkOut(options.out);
  // Midnight: a second demo on the same day generates the same account.
  const now = Math.floor(systemClock.now() / DAY_MS) * DAY_MS;
  const accounts = Array.from({ length: options.accounts }, (_, n) => {
    const users = Math.floor(options.principals * 0.3);
    const account = generateAccount({
      seed: options.seed + n,
      accountId: String(HUB + n),
      users,
      roles: Math.max(0, options.principals - users - (n === 0 ? 2 : 1)),
      now,
    });
    addAuditRole(account, String(HUB), now);
    if (n === 0) addOperator(account, now);
    return account;
  });
  const organization = options.organization ? placeInOrganization(accounts) : null;
  const hasBystanders = options.bystanders !== undefined || (options.disturb?.disturbances.bystanders ?? []).length > 0;
  const trail = new TrailFiles({ random: seededRandom(options.seed) });
  const aws = await startEmulatedAws({
    accounts,
    clock: systemClock,
    random: seededRandom(options.seed),
    limit: { rate: options.rate, size: options.rate },
    bystanderShare: options.bystanders ?? 0,
    organization,
    disturbances: options.disturb?.disturbances,
    ...(hasBystanders ? { cloudTrail: trail.add } : {}),
  });
  try {
    note(
      `Auditing ${options.accounts} emulated account${options.accounts === 1 ? '' : 's'}${options.organization ? ' of an organization' : ''} with ${options.principals} principals${options.accounts === 1 ? '' : ' each'}.${limitNote(options)}${disturbanceNote(options.disturb)}`,
    );
    const credentials = aws.emulation.issueUser(String(HUB), OPERATOR);
    const access = new SdkAccountAccess(
      {
        credentials: () => Promise.resolve(credentials),
        memberRole: { roleName: AUDIT_ROLE, externalId: null },
        region: 'us-east-1',
        endpoint: aws.url,
      },
      systemClock,
    );
    const code = await auditLocally({
      folder: options.out,
      access,
      input: {
        ...(options.organization
          ? { accounts: 'organization' }
          : { accountIds: accounts.map(({ accountId }) => accountId) }),
        ...(options.full ? { full: true } : {}),
      },
      // A small account also gets several batches, so that the demo shows them.
      settings: { principalsPerBatch: Math.max(10, Math.ceil(options.principals / 3)) },
      json: options.json,
      resumeWith: null,
    });
    if (hasBystanders) {
      say(bystandersInWords(aws.emulation.bystanders()));
      for (const line of bystanderHabitsInWords(await diagnoseTrail(trail))) say(line);
    }
    if (!isQuiet()) for (const line of await nextCommands(options.out)) say(line);
    return code;
  } finally {
    await aws.close();
  }
}
