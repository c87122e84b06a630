/**
 * Values from logs go into code only if they have exactly the form that is expected: an ARN or a Region that fits can't end
 * a string, a comment or a command in any of the languages of the examples.
 */
const ROLE_ARN =
  /^arn:aws(?:-[a-z]{2,3}){0,3}:iam::\d{12}:role\/(?:[A-Za-z0-9_][\w+=,.@-]{0,127}\/){0,8}([A-Za-z0-9_][\w+=,.@-]{0,63})$/;
const REGION = /^[a-z]{2,4}(?:-[a-z]{2,10}){1,3}-\d{1,2}$/;

const PLACEHOLDER_ROLE = 'arn:aws:iam::111122223333:role/ROLE_NAME';
const PLACEHOLDER_REGION = 'YOUR_REGION';

/** The ARN for code; a placeholder if it is unknown or not the ARN of a role. */
export const roleArnFor = (arn: string | null | undefined): string =>
  arn !== null && arn !== undefined && ROLE_ARN.test(arn) ? arn : PLACEHOLDER_ROLE;

/** The role's name for code; `ROLE_NAME` if the ARN is unknown or not the ARN of a role. */
export const roleNameFor = (arn: string | null | undefined): string =>
  ROLE_ARN.exec(roleArnFor(arn))?.[1] ?? 'ROLE_NAME';

/** The Region for code; a placeholder if it is unknown or not the name of a Region. */
export const regionFor = (region: string | null | undefined): string =>
  region !== null && region !== undefined && REGION.test(region) ? region : PLACEHOLDER_REGION;

/** Host of the Region's STS endpoint. */
export const stsHostFor = (region: string | null | undefined): string => {
  const name = regionFor(region);
  return `sts.${name}.amazonaws.com${name.startsWith('cn-') ? '.cn' : ''}`;
};
