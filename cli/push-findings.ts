import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SdkAccountAccess } from '../aws/account-access.ts';
import { requestHandlerOf } from '../aws/client-options.ts';
import { SecurityHubImporter } from '../aws/security-hub.ts';
import { pushFindings, type PushResult } from '../core/export/push-findings.ts';
import type { ExportedRun } from '../core/export/exported-run.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { printable } from '../core/wording/printable.ts';
import { systemClock } from '../local/system-clock.ts';
import { credentialsOf, regionOf, type AwsOptions } from './aws-credentials.ts';
import { faultMessage } from './error-messages.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { printLine, say } from './output.ts';

/** Imports the findings of a run into the Security Hub of the caller's account and Region. */
export async function pushToSecurityHub(exported: ExportedRun, options: AwsOptions): Promise<ExitCode> {
  const region = regionOf(options);
  const credentials = credentialsOf(options);
  try {
    const { accountId } = await new SdkAccountAccess(
      { credentials, memberRole: null, region },
      systemClock,
    ).callerIdentity();
    const importer = new SecurityHubImporter(
      new SecurityHubClient({ region, credentials, requestHandler: requestHandlerOf({}) }),
    );
    const services = { clock: systemClock, random: Math.random };
    return tell(await pushFindings(exported, { accountId, region }, importer, services), accountId, region);
  } catch (error: unknown) {
    if (!(error instanceof AwsFault)) throw error;
    say(faultMessage(error, 'The caller needs securityhub:BatchImportFindings, and Security Hub must be enabled'));
    return exitCodes.failed;
  }
}

function tell(
  { imported, refused, refusals, ofOtherAccounts }: PushResult,
  accountId: string,
  region: string,
): ExitCode {
  printLine(`${imported} findings were imported into Security Hub of account ${accountId} in ${region}.`);
  if (ofOtherAccounts > 0) {
    say(
      `${ofOtherAccounts} findings of other accounts were not imported: Security Hub takes findings only from the account that they are about. Use the credentials of that account (--profile).`,
    );
  }
  if (refused === 0) return exitCodes.complete;
  say(`${refused} findings were refused${refused > refusals.length ? `; the first ${refusals.length}` : ''}:`);
  for (const { id, code, message } of refusals) say(printable(`${id}: ${code}: ${message}`));
  return exitCodes.partial;
}
