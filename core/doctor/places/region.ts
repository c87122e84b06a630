/** Regions in examples come from logs. A value is used only if it matches the whole expression. */
const REGION = /^[a-z]{2,4}(?:-[a-z]{2,10}){1,3}-\d{1,2}$/;

const PLACEHOLDER_REGION = 'YOUR_REGION';

/** The Region for an example. A placeholder if it is unknown or is not the name of a Region. */
export const regionFor = (region: string | null | undefined): string =>
  region !== null && region !== undefined && REGION.test(region) ? region : PLACEHOLDER_REGION;

/** Host of the Region's STS endpoint. */
export const stsHostFor = (region: string | null | undefined): string => {
  const name = regionFor(region);
  return `sts.${name}.amazonaws.com${name.startsWith('cn-') ? '.cn' : ''}`;
};
