import { SdkAccountAccess } from '../aws/account-access.ts';
import { roleCredentials } from '../aws/role-credentials.ts';
import { defaultSettings } from '../core/contract/environment.ts';
import type { AwsFault } from '../core/ports/aws-fault.ts';
import type { AuditSettings } from '../core/ports/services.ts';
import { systemClock } from '../local/system-clock.ts';
import { credentialsOf, regionOf, type AwsOptions } from './aws-credentials.ts';
import { checkPrincipals } from './check-principals.ts';
import type { FindingDays } from './commands/finding-days.ts';
import { givenLimits, type ScopeOptions } from './scope-options.ts';
import { givenSessionOption, roleSessionSettings, type SessionOptions } from './session-options.ts';
import { WrongUsage } from './wrong-usage.ts';

/** The options about accounts, credentials and settings that `run` and `estimate` share. */
export interface RunAccessOptions extends AwsOptions, ScopeOptions, SessionOptions, FindingDays {
  readonly out: string;
  readonly roleArn?: string;
  readonly roleName?: string;
  readonly externalId?: string;
  readonly rateShare?: number;
  readonly maxRate?: number;
  readonly refreshEveryDays?: number;
}

export interface RunAccess {
  readonly access: SdkAccountAccess;
  /** Why the caller's own account was read with the caller's own credentials; empty if it was not. */
  readonly withOwnCredentials: readonly AwsFault[];
}

/** The access to the accounts of a run on this machine. @throws WrongUsage for a wrong setting of the environment */
export function runAccess(options: RunAccessOptions): RunAccess {
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
  return { access, withOwnCredentials };
}

/**
 * Checks the accounts and principals of the options.
 * @returns what is audited, and as whom
 * @throws WrongUsage, AwsFault
 */
export async function checkScope(
  options: RunAccessOptions,
  { access }: RunAccess,
): Promise<{ readonly scope: string; readonly arn: string }> {
  const { accountId, arn } = await access.callerIdentity();
  checkAccounts(options, accountId);
  const { principal, organization, resume } = options;
  if (principal.length > 0 && !organization && resume === undefined) {
    await checkPrincipals(principal, options.accountId.length === 0 ? [accountId] : options.accountId, access);
  }
  return { scope: scopeInWords(options, accountId), arn };
}

/** The settings that the options change. */
export const settingsOf = (options: RunAccessOptions): Partial<AuditSettings> => ({
  ...(options.rateShare === undefined ? {} : { rateShare: options.rateShare }),
  ...(options.maxRate === undefined ? {} : { maxRate: options.maxRate }),
  ...daysOf(options),
});

/** What is wrong with the options; null if nothing is. */
export function wrongAccess(options: RunAccessOptions): string | null {
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
function checkAccounts({ accountId: wanted, roleName, roleArn, resume }: RunAccessOptions, own: string): void {
  const others = [...new Set(wanted)].filter((accountId) => accountId !== own);
  if (others.length === 0 || roleName !== undefined || resume !== undefined) return;
  const whose = roleArn === undefined ? 'These credentials are' : 'The role of --role-arn is';
  throw new WrongUsage(
    `error: --account-id ${others.join(', ')} requires --role-name: the name of a role that can be assumed in each account. ${whose} of account ${own}. npx iam-audit member-template prints a template for such a role.`,
  );
}

/** Idle evidence is read again at least as rarely as other evidence, as the settings of the stack require. */
function daysOf({ unusedAfterDays, graceDays, refreshEveryDays }: RunAccessOptions): Partial<AuditSettings> {
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

function scopeInWords({ organization, accountId, principal, resume }: RunAccessOptions, own: string): string {
  if (resume !== undefined) return `what run ${resume} has not finished,`;
  const who = principal.length === 0 ? '' : `only principals that match ${principal.join(' or ')} in `;
  if (organization) return `${who}the organization of account ${own}`;
  if (accountId.length === 0) return `${who}account ${own}`;
  const accounts = [...new Set(accountId)];
  return `${who}account${accounts.length === 1 ? '' : 's'} ${accounts.join(', ')}`;
}
