/** `1,234` for whole numbers of calls and seconds. */
export const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/**
 * `12 %`; below 10 % with one decimal. Only the whole is `100 %`, and only nothing is `0 %`. A share and its figure, which has
 * three decimals, give the same text: 0.7949 would be 79 %, and its figure 0.795 would be 80 %.
 */
export function percent(share: number): string {
  const value = Math.round(1_000 * share) / 10;
  if (share > 0 && value === 0) return 'less than 0.1 %';
  if (share < 1 && value > 99) return 'more than 99 %';
  return `${value >= 10 || value === 0 ? Math.round(value) : value.toFixed(1)} %`;
}

/** `0.12 s`. */
export const secondsOf = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} s`;

/** `15 minutes`, `1 hour`, `12 hours`. */
export function duration(seconds: number): string {
  if (seconds < 3_600) return counted(Math.round(seconds / 60), 'minute');
  const hours = Math.round((10 * seconds) / 3_600) / 10;
  return counted(hours, 'hour');
}

/** `1 file`, `2 files of a folder`. @param what begins with a plural noun that ends in `s` */
export const countedPlural = (count: number, what: string): string =>
  count === 1 ? `1 ${what.replace(/^(\w+)s\b/, '$1')}` : `${whole(count)} ${what}`;

/** `1 call`, `2,000 calls`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  count === 1 ? `1 ${one}` : `${Number.isInteger(count) ? whole(count) : count} ${many}`;
