import { SdkAccountAccess } from '../aws/account-access.ts';
import { roleCredentials } from '../aws/role-credentials.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { printable } from '../core/wording/printable.ts';
import { systemClock } from '../local/system-clock.ts';
import { credentialsOf, regionOf, type AwsOptions } from './aws-credentials.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { auditLocally } from './local-audit.ts';
import { faultMessage } from './error-messages.ts';
import { DEFAULT_OUT } from './default-out.ts';
import { say } from './output.ts';
import type { FindingDays } from './commands/finding-days.ts';
import { executionInput, givenLimits, type ScopeOptions } from './scope-options.ts';
import { givenSessionOption, roleSessionSettings, type SessionOptions } from './session-options.ts';

export interface RunOptions extends AwsOptions, ScopeOptions, SessionOptions, FindingDays {
  readonly out: string;
  readonly roleArn?: string;
  readonly roleName?: string;
  readonly externalId?: string;
  readonly rateShare?: number;
  readonly maxRate?: number;
  readonly refreshEveryDays?: number;
  readonly json: boolean;
}

/** Audits real accounts, read-only. */
export async function run(options: RunOptions): Promise<ExitCode> {
  const wrong = wrongUsage(options);
  if (wrong !== null) {
    say(wrong);
    return exitCodes.usage;
  }
  const region = regionOf(options);
  const callerCredentials = credentialsOf(options);
  const credentials =
    options.roleArn === undefined
      ? callerCredentials
      : roleCredentials(
          // The run has no ID yet. The role may also have to assume member roles, so it has no session policy.
          {
            roleArn: options.roleArn,
            externalId: options.externalId ?? null,
            sessionName: 'iam-audit',
            policy: null,
          },
          { credentials: callerCredentials, region, stsRegionOption: '--region', ...roleSessionSettings(options) },
          systemClock,
        );
  const withOwnCredentials: AwsFault[] = [];
  const mayUseOwn = options.organization || options.resume !== undefined;
  const access = new SdkAccountAccess(
    {
      credentials,
      region,
      stsRegionOption: '--region',
      ...roleSessionSettings(options),
      ...(mayUseOwn ? { onOwnCredentials: (reason) => withOwnCredentials.push(reason) } : {}),
      memberRole:
        options.roleName === undefined ? null : { roleName: options.roleName, externalId: options.externalId ?? null },
    },
    systemClock,
  );
  try {
    const { accountId, arn } = await access.callerIdentity();
    const scope = scopeInWords(options, accountId);
    process.stderr.write(
      printable(`Auditing ${scope} as ${arn}. The audit only reads; it changes nothing in IAM.`) + '\n',
    );
  } catch (error: unknown) {
    if (!(error instanceof AwsFault)) throw error;
    process.stderr.write(`${printable(faultMessage(error))}\n`);
    return exitCodes.failed;
  }
  const code = await auditLocally({
    folder: options.out,
    access,
    input: executionInput(options),
    settings: {
      ...(options.rateShare === undefined ? {} : { rateShare: options.rateShare }),
      ...(options.maxRate === undefined ? {} : { maxRate: options.maxRate }),
    },
    json: options.json,
    resumeWith: resumeCommand(options),
  });
  for (const { message } of withOwnCredentials) {
    say(`The caller’s own account was audited with the caller’s own credentials: ${message}`);
  }
  return code;
}

/** What is wrong with the combination of options; null if nothing is. */
function wrongUsage(options: RunOptions): string | null {
  const [limit] = givenLimits(options);
  if (options.organization && options.roleName === undefined) {
    return 'error: --organization requires --role-name: the name of the role that is assumed in each account. npx iam-audit member-template prints a template for this role.';
  }
  if (!options.organization && limit !== undefined) return `error: ${limit} requires --organization.`;
  const described = givenSessionOption(options);
  if (described !== null && options.roleName === undefined && options.roleArn === undefined) {
    return `error: ${described} requires --role-name or --role-arn: it describes the sessions in the roles that are assumed.`;
  }
  return null;
}

function scopeInWords({ organization, accountId }: RunOptions, own: string): string {
  if (organization) return `the organization of account ${own}`;
  return accountId.length === 0 ? `account ${own}` : `accounts ${accountId.join(', ')}`;
}

/**
 * The command that continues this run, without the run's ID. It repeats the options for the results folder, the
 * credentials and the rate. The scope of the run is in its results.
 */
function resumeCommand(run: RunOptions): string {
  const { out, profile, region, roleArn, roleName, externalId, sourceIdentity, rateShare, maxRate } = run;
  const options = Object.entries({
    '--out': out === DEFAULT_OUT ? undefined : out,
    '--profile': profile,
    '--region': region,
    '--role-arn': roleArn,
    '--role-name': roleName,
    '--external-id': externalId,
    '--source-identity': sourceIdentity,
    '--rate-share': rateShare?.toString(),
    '--max-rate': maxRate?.toString(),
  });
  const words = options.flatMap(([name, value]) => (value === undefined ? [] : [name, shellQuoted(value)]));
  const tags = Object.entries(run.sessionTag).flatMap(([key, value]) => [
    '--session-tag',
    shellQuoted(`${key}=${value}`),
  ]);
  return ['npx iam-audit run', ...words, ...tags].join(' ');
}

/** Quotes an argument for a POSIX shell, if it has characters that a shell may interpret. */
const shellQuoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
