import { AwsFault } from '../core/ports/aws-fault.ts';

/** AWS's error code if the role's account has not activated STS in the called Region. */
const REGION_DISABLED = 'RegionDisabledException';

/** A Region that is active in every account of the same partition; null for partitions that are not public. */
function alwaysActiveRegion(region: string): string | null {
  if (region.startsWith('us-gov-')) return 'us-gov-west-1';
  if (region.startsWith('cn-')) return 'cn-north-1';
  return /^(us|eu)-iso|^eusc-/.test(region) ? null : 'us-east-1';
}

/**
 * An error that names the account and the Region, and says what to do. Its message has at most 200 characters, because the
 * workflow cuts longer messages.
 * @param option the setting of the stack or the option of the command that sets the Region
 */
export function regionDisabled(
  fault: AwsFault,
  { accountId, region, option }: { accountId: string | null; region: string; option: string },
): AwsFault {
  const example = alwaysActiveRegion(region);
  const other = `a Region that is active in all accounts${example === null ? '' : `, such as ${example}`}`;
  const account = accountId === null ? 'the role’s account' : `account ${accountId}`;
  return new AwsFault(
    fault.kind,
    fault.code,
    `STS in ${region} is not activated for ${account}: set ${option} to ${other}, or activate ${region} in that account.`,
    { cause: fault },
  );
}

/**
 * Adds the Region, and what to do, if an account has not activated STS in the Region. AWS's message has neither. A fault that
 * already has them is returned as it is: its cause is the fault without them.
 */
export const withRegionAdvice = (fault: AwsFault, advice: Parameters<typeof regionDisabled>[1]): AwsFault =>
  fault.code === REGION_DISABLED && !(fault.cause instanceof AwsFault)
    ? regionDisabled(fault, {
        ...advice,
        accountId: /account:\s*(\d{12})/.exec(fault.message)?.[1] ?? advice.accountId,
      })
    : fault;
