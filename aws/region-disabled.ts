import { AwsFault } from '../core/ports/aws-fault.ts';

/** AWS's code where the account of a role has not activated STS in the Region that was called. */
export const REGION_DISABLED = 'RegionDisabledException';

/** A Region that every account of the partition has, by the Region's name; null for partitions that are not public. */
function regionOfEveryAccount(region: string): string | null {
  if (region.startsWith('us-gov-')) return 'us-gov-west-1';
  if (region.startsWith('cn-')) return 'cn-north-1';
  return /^(us|eu)-iso|^eusc-/.test(region) ? null : 'us-east-1';
}

/**
 * Names account, Region and remedy within the 200 characters that the workflow keeps of a message.
 * @param option what chooses the Region: a setting of the stack or an option of a command
 */
export function regionDisabled(
  fault: AwsFault,
  { accountId, region, option }: { accountId: string | null; region: string; option: string },
): AwsFault {
  const example = regionOfEveryAccount(region);
  const other = `a Region that is active in all accounts${example === null ? '' : `, such as ${example}`}`;
  const account = accountId === null ? 'the role’s account' : `account ${accountId}`;
  return new AwsFault(
    fault.kind,
    fault.code,
    `STS in ${region} is not activated for ${account}: set ${option} to ${other}, or activate ${region} in that account.`,
    { cause: fault.cause },
  );
}
