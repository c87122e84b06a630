import { SdkAccountAccess } from '../aws/account-access.ts';
import { roleCredentials } from '../aws/role-credentials.ts';
import { defaultSettings } from '../core/contract/environment.ts';
import { exceptionsFileProblem } from '../core/findings/exceptions.ts';
import type { AuditSettings } from '../core/ports/services.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { systemClock } from '../local/system-clock.ts';
import { credentialsOf, regionOf, type AwsOptions } from './aws-credentials.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { checkPrincipals } from './check-principals.ts';
import { checkOut } from './check-out.ts';
import { auditLocally } from './local-audit.ts';
import { faultMessage } from './error-messages.ts';
import { DEFAULT_OUT } from './default-out.ts';
import { note, say } from './output.ts';
import { shellQuoted } from './shell-quoted.ts';
import { WrongUsage } from './wrong-usage.ts';
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
  await checkOut(options.out);
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
    checkAccounts(options, accountId);
    const scope = scopeInWords(options, accountId);
    const { principal, organization, resume } = options;
    if (principal.length > 0 && !organization && resume === undefined) {
      await checkPrincipals(principal, options.accountId.length === 0 ? [accountId] : options.accountId, access);
    }
    note(`Auditing ${scope} as ${arn}. The audit only reads; it changes nothing in IAM.`);
  } catch (error: unknown) {
    if (!(error instanceof AwsFault)) throw error;
    say(faultMessage(error));
    return exitCodes.failed;
  }
  const code = await auditLocally({
    folder: options.out,
    access,
    input: executionInput(options),
    settings: {
      ...(options.rateShare === undefined ? {} : { rateShare: options.rateShare }),
      ...(options.maxRate === undefined ? {} : { maxRate: options.maxRate }),
      ...daysOf(options),
    },
    json: options.json,
    resumeWith: resumeCommand(options),
  });
  for (const { message } of withOwnCredentials) {
    say(`The caller’s own account was audited with the caller’s own credentials: ${message}`);
  }
  return code;
}

/** What is wrong with the options; null if nothing is. */
function wrongUsage(options: RunOptions): string | null {
  const exceptions = options.exceptions === undefined ? null : exceptionsFileProblem(options.exceptions);
  if (exceptions !== null) return `error: --exceptions: ${exceptions}`;
  const [limit] = givenLimits(options);
  if (options.organization && options.roleName === undefined) {
    return 'error: --organization requires --role-name: the name of the role that is assumed in each account. npx iam-audit member-template prints a template for this role.';
  }
  if (!options.organization && limit !== undefined) return `error: ${limit} requires --organization.`;
  if (options.roleName !== undefined || options.roleArn !== undefined) return null;
  const described = givenSessionOption(options);
  if (described !== null) {
    return `error: ${described} requires --role-name or --role-arn: it describes the sessions in the roles that are assumed.`;
  }
  return options.externalId === undefined
    ? null
    : 'error: --external-id requires --role-name or --role-arn: it is sent when a role is assumed.';
}

/**
 * The caller's credentials can read only the caller's account. For a resumed run, the accounts are those of the earlier
 * run. @throws WrongUsage
 */
function checkAccounts({ accountId: wanted, roleName, roleArn, resume }: RunOptions, own: string): void {
  const others = [...new Set(wanted)].filter((accountId) => accountId !== own);
  if (others.length === 0 || roleName !== undefined || resume !== undefined) return;
  const whose = roleArn === undefined ? 'These credentials are' : 'The role of --role-arn is';
  throw new WrongUsage(
    `error: --account-id ${others.join(', ')} requires --role-name: the name of a role that can be assumed in each account. ${whose} of account ${own}. npx iam-audit member-template prints a template for such a role.`,
  );
}

/** Idle evidence is read again at least as rarely as other evidence, as the settings of the stack require. */
function daysOf({ unusedAfterDays, graceDays, refreshEveryDays }: RunOptions): Partial<AuditSettings> {
  return {
    ...(unusedAfterDays === undefined ? {} : { unusedAfterDays }),
    ...(graceDays === undefined ? {} : { graceDays }),
    ...(refreshEveryDays === undefined
      ? {}
      : {
          refreshEveryDays,
          // 1 means that nothing is carried over, for both settings.
          refreshIdleEveryDays:
            refreshEveryDays === 1 ? 1 : Math.max(refreshEveryDays, defaultSettings.refreshIdleEveryDays),
        }),
  };
}

function scopeInWords({ organization, accountId, principal, resume }: RunOptions, own: string): string {
  if (resume !== undefined) return `what run ${resume} has not finished,`;
  const who = principal.length === 0 ? '' : `only principals that match ${principal.join(' or ')} in `;
  if (organization) return `${who}the organization of account ${own}`;
  if (accountId.length === 0) return `${who}account ${own}`;
  const accounts = [...new Set(accountId)];
  return `${who}account${accounts.length === 1 ? '' : 's'} ${accounts.join(', ')}`;
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
    '--unused-after-days': run.unusedAfterDays?.toString(),
    '--grace-days': run.graceDays?.toString(),
    '--refresh-every-days': run.refreshEveryDays?.toString(),
  });
  const words = options.flatMap(([name, value]) => (value === undefined ? [] : [name, shellQuoted(value)]));
  const tags = Object.entries(run.sessionTag).flatMap(([key, value]) => [
    '--session-tag',
    shellQuoted(`${key}=${value}`),
  ]);
  return ['npx iam-audit run', ...words, ...tags].join(' ');
}
