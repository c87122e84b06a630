import { exceptionsFileProblem } from '../core/findings/exceptions.ts';
import { AwsFault } from '../core/ports/aws-fault.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { checkOut } from './check-out.ts';
import { resumeCommand } from './resume-command.ts';
import { auditLocally } from './local-audit.ts';
import { faultMessage } from './error-messages.ts';
import { note, say } from './output.ts';
import { checkScope, runAccess, settingsOf, wrongAccess, type RunAccessOptions } from './run-access.ts';
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
