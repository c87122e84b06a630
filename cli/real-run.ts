import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { SdkAccountAccess } from '../aws/account-access.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { printable } from '../core/report/summary.ts';
import { systemClock } from '../local/system-clock.ts';
import { credentialsOf, regionOf, type AwsOptions } from './aws-credentials.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { auditLocally } from './local-audit.ts';
import { remedy } from './remedy.ts';
import { DEFAULT_OUT } from './default-out.ts';
import { executionInput, type ScopeOptions } from './scope-options.ts';

export interface RunOptions extends AwsOptions, ScopeOptions {
  readonly out: string;
  readonly roleArn?: string;
  readonly roleName?: string;
  readonly externalId?: string;
  readonly json: boolean;
}

/** Audits real accounts, read-only. */
export async function run(options: RunOptions): Promise<ExitCode> {
  const region = regionOf(options);
  const base = credentialsOf(options);
  const credentials =
    options.roleArn === undefined
      ? base
      : fromTemporaryCredentials({
          masterCredentials: base,
          clientConfig: { region },
          params: {
            RoleArn: options.roleArn,
            RoleSessionName: 'iam-audit',
            DurationSeconds: 3_600,
            ...(options.externalId === undefined ? {} : { ExternalId: options.externalId }),
          },
        });
  const access = new SdkAccountAccess(
    {
      credentials,
      region,
      stsRegionOption: '--region',
      sessionName: 'iam-audit',
      memberRole:
        options.roleName === undefined ? null : { roleName: options.roleName, externalId: options.externalId ?? null },
    },
    systemClock,
  );
  try {
    const { accountId, arn } = await access.callerIdentity();
    const scope = options.accountId.length === 0 ? `account ${accountId}` : `accounts ${options.accountId.join(', ')}`;
    process.stderr.write(printable(`Auditing ${scope} as ${arn}. It only reads: nothing in IAM is changed.`) + '\n');
  } catch (error: unknown) {
    if (!(error instanceof AwsFault)) throw error;
    process.stderr.write(`${printable(remedy(error))}\n`);
    return exitCodes.failed;
  }
  return auditLocally({
    folder: options.out,
    access,
    input: executionInput(options),
    json: options.json,
    resumeWith: resumeCommand(options),
  });
}

/** The options that a resumed run needs again: where results are and who reads; what is read the run itself knows. */
function resumeCommand({ out, profile, region, roleArn, roleName, externalId }: RunOptions): string {
  const options = Object.entries({
    '--out': out === DEFAULT_OUT ? undefined : out,
    '--profile': profile,
    '--region': region,
    '--role-arn': roleArn,
    '--role-name': roleName,
    '--external-id': externalId,
  });
  const given = options.flatMap(([name, value]) => (value === undefined ? [] : [name, quoted(value)]));
  return ['npx iam-audit run', ...given].join(' ');
}

/** As a shell takes it. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
