import { SdkAccountAccess } from '../aws/account-access.ts';
import { DAY_MS } from '../core/ports/clock.ts';
import { addAuditRole, AUDIT_ROLE, generateAccount, OPERATOR } from '../local/emulated-aws/generate/account.ts';
import { startEmulatedAws } from '../local/emulated-aws/server.ts';
import { systemClock } from '../local/system-clock.ts';
import { seededRandom } from '../local/seeded-random.ts';
import type { ExitCode } from './exit-codes.ts';
import { bystandersInWords } from './bystander-summary.ts';
import { auditLocally } from './local-audit.ts';
import { say } from './output.ts';

export interface DemoOptions {
  /** In each account. */
  readonly principals: number;
  readonly accounts: number;
  readonly seed: number;
  /** Calls a second that each IAM operation takes in each account. */
  readonly rate: number;
  /** Share of every bucket's rate that another application asks for; without it there is none. */
  readonly bystanders?: number;
  /** Ask for everything, also what an earlier demo with the same results has found. */
  readonly full: boolean;
  readonly out: string;
  readonly json: boolean;
}

const shared = (bystanders: number | undefined): string =>
  bystanders === undefined ? '' : `, of which another application asks for ${Math.round(100 * bystanders)} %`;

const HUB = 111_122_223_333;

/** The whole workflow against generated accounts of the emulated AWS, with throttled buckets. */
export async function demo(options: DemoOptions): Promise<ExitCode> {
  // Of today's beginning: a second demo on the same day finds the same account.
  const now = Math.floor(systemClock.now() / DAY_MS) * DAY_MS;
  const accounts = Array.from({ length: options.accounts }, (_, n) => {
    const users = Math.floor(options.principals * 0.3);
    const account = generateAccount({
      seed: options.seed + n,
      accountId: String(HUB + n),
      users,
      roles: Math.max(0, options.principals - users - 1),
      now,
    });
    addAuditRole(account, String(HUB), now);
    return account;
  });
  const aws = await startEmulatedAws({
    accounts,
    clock: systemClock,
    random: seededRandom(options.seed),
    limit: { rate: options.rate, size: options.rate },
    bystanderShare: options.bystanders ?? 0,
  });
  try {
    process.stderr.write(
      `Auditing ${options.accounts} emulated account${options.accounts === 1 ? '' : 's'} of ${options.principals} principals each; IAM allows ${options.rate} calls a second and operation${shared(options.bystanders)}.\n`,
    );
    const credentials = aws.emulation.issueUser(String(HUB), OPERATOR);
    const access = new SdkAccountAccess(
      {
        credentials: () => Promise.resolve(credentials),
        memberRole: { roleName: AUDIT_ROLE, externalId: null },
        sessionName: 'iam-audit-demo',
        region: 'us-east-1',
        endpoint: aws.url,
      },
      systemClock,
    );
    const code = await auditLocally({
      folder: options.out,
      access,
      input: {
        accountIds: accounts.map(({ accountId }) => accountId),
        ...(options.full ? { full: true } : {}),
      },
      // Several batches also of a small account: that is what the demo is to show.
      settings: { principalsPerBatch: Math.max(10, Math.ceil(options.principals / 3)) },
      json: options.json,
      resumeWith: null,
    });
    if (options.bystanders !== undefined) say(bystandersInWords(aws.emulation.bystanders()));
    return code;
  } finally {
    await aws.close();
  }
}
