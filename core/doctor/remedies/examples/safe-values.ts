import { regionFor } from '../../places/region.ts';
import type { RemedyContext } from './context.ts';

/**
 * The examples of code contain ARNs and Regions from logs. A value is used only if it matches the whole expression: such a
 * value can't end a string, a comment or a command in any language of the examples.
 */
const ROLE_ARN =
  /^arn:(aws(?:-[a-z]{2,3}){0,3}):iam::\d{12}:role\/(?:[A-Za-z0-9_][\w+=,.@-]{0,127}\/){0,8}([A-Za-z0-9_][\w+=,.@-]{0,63})$/;

const PARTITION = /^arn:(aws(?:-[a-z]{2,3}){0,3}):/;

/** Where the caller works, as far as it is known. */
type Place = Pick<RemedyContext, 'role' | 'caller' | 'region'>;

/** The partition of the role, of the caller, or of the Region. `aws` if all are unknown. */
export function partitionFor({ role, caller, region }: Place): string {
  const [, partition] = ROLE_ARN.exec(role ?? '') ?? PARTITION.exec(caller ?? '') ?? [];
  if (partition !== undefined) return partition;
  const name = regionFor(region);
  return name.startsWith('cn-') ? 'aws-cn' : name.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The ARN of a role for an example. A placeholder if the ARN is unknown or is not the ARN of a role. */
export const roleArnFor = (place: Place): string =>
  ROLE_ARN.exec(place.role ?? '')?.[0] ?? `arn:${partitionFor(place)}:iam::111122223333:role/ROLE_NAME`;

/** The name of a role for an example. `ROLE_NAME` if the ARN is unknown or is not the ARN of a role. */
export const roleNameFor = ({ role }: Place): string => ROLE_ARN.exec(role ?? '')?.[2] ?? 'ROLE_NAME';
