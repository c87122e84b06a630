import { exceptionsFileProblem } from '../core/findings/exceptions.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { checkOut } from './check-out.ts';
import { auditLocally } from './local-audit.ts';
import { faultMessage } from './error-messages.ts';
import { DEFAULT_OUT } from './default-out.ts';
import { note, say } from './output.ts';
import { checkScope, runAccess, settingsOf, wrongAccess, type RunAccessOptions } from './run-access.ts';
import { shellQuoted } from './shell-quoted.ts';
import { executionInput } from './scope-options.ts';

export interface RunOptions extends RunAccessOptions {
  readonly json: boolean;
}

/** Audits real accounts, read-only. */
export async function run(options: RunOptions): Promise<ExitCode> {
  const exceptions = options.exceptions === undefined ? null : exceptionsFileProblem(options.exceptions);
  const wrong = exceptions === null ? wrongAccess(options) : `error: --exceptions: ${exceptions}`;
  if (wrong !== null) {
    say(wrong);
    return exitCodes.usage;
  }
  await checkOut(options.out);
  const opened = runAccess(options);
  try {
    const { scope, arn } = await checkScope(options, opened);
    note(`Auditing ${scope} as ${arn}. The audit only reads; it changes nothing in IAM.`);
  } catch (error: unknown) {
    if (!(error instanceof AwsFault)) throw error;
    say(faultMessage(error));
    return exitCodes.failed;
  }
  const code = await auditLocally({
    folder: options.out,
    access: opened.access,
    input: executionInput(options),
    settings: settingsOf(options),
    json: options.json,
    resumeWith: resumeCommand(options),
  });
  for (const { message } of opened.withOwnCredentials) {
    say(`The caller’s own account was audited with the caller’s own credentials: ${message}`);
  }
  return code;
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
