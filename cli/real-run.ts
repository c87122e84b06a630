import { fromIni, fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { SdkAccountAccess } from '../aws/account-access.ts';
import { AwsFault } from '../core/aws-fault.ts';
import type { ExecutionInput } from '../core/contract/execution-input.ts';
import { printable } from '../core/report/summary.ts';
import { systemClock } from '../local/real-time.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { auditLocally } from './local-audit.ts';
import { remedy } from './remedy.ts';

export interface RunOptions {
  readonly out: string;
  readonly profile?: string;
  readonly region?: string;
  readonly roleArn?: string;
  readonly accountId: readonly string[];
  readonly roleName?: string;
  readonly externalId?: string;
  readonly principal: readonly string[];
  readonly spreadOver: number;
  readonly full: boolean;
  readonly resume?: string;
  readonly json: boolean;
}

/** Audits real accounts, read-only. */
export async function run(options: RunOptions): Promise<ExitCode> {
  const region = options.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1';
  const base =
    options.profile === undefined
      ? fromNodeProviderChain({ clientConfig: { region } })
      : fromIni({ profile: options.profile });
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
  const input: ExecutionInput = {
    spreadOverMinutes: options.spreadOver,
    full: options.full,
    ...(options.accountId.length === 0 ? {} : { accountIds: [...options.accountId] }),
    ...(options.principal.length === 0 ? {} : { principals: [...options.principal] }),
    ...(options.resume === undefined ? {} : { resume: options.resume }),
  };
  return auditLocally({ folder: options.out, access, input, json: options.json });
}
