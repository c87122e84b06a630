import { SdkAccountAccess } from '../aws/account-access.ts';
import { SdkOrganizationSetupReader } from '../aws/organization-setup-reader.ts';
import { readOrganizationSetup, setupInWords, setupReads } from '../core/member-role/organization-setup.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { printable } from '../core/wording/printable.ts';
import { systemClock } from '../local/system-clock.ts';
import { credentialsOf, regionOf } from './aws-credentials.ts';
import { faultMessage } from './error-messages.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import type { MemberTemplateOptions } from './member-template.ts';
import { printJson, say } from './output.ts';

const PERMISSIONS = `the check needs ${Object.keys(setupReads).join(', ')}`;

/** Says whether StackSets can deploy the member role to the organization from the caller's account. Only reads. */
export async function checkOrganization(options: MemberTemplateOptions): Promise<ExitCode> {
  const credentials = credentialsOf(options);
  const region = regionOf(options);
  try {
    const access = new SdkAccountAccess(
      { credentials, region, memberRole: null, stsRegionOption: '--region' },
      systemClock,
    );
    const { accountId } = await access.callerIdentity();
    const setup = await readOrganizationSetup(accountId, new SdkOrganizationSetupReader({ credentials, region }));
    if (options.json) printJson(setup);
    else for (const line of setupInWords(setup)) process.stdout.write(`${printable(line)}\n`);
    return setup.ready ? exitCodes.complete : exitCodes.failed;
  } catch (error: unknown) {
    if (!(error instanceof AwsFault)) throw error;
    say(faultMessage(error, PERMISSIONS));
    return exitCodes.failed;
  }
}
