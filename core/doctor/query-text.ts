import type { Thresholds } from './thresholds.ts';

/**
 * The text of a question with its thresholds filled in. Only numbers are filled in, never text.
 * @throws Error if the text names a threshold that does not exist
 */
export const fillThresholds = (text: string, thresholds: Thresholds): string =>
  text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = Object.entries(thresholds).find(([key]) => key === name)?.[1];
    if (value === undefined) throw new Error(`The query names the threshold ${name}, which does not exist.`);
    // An exponent makes a fraction a double in all engines; Trino reads 0.6 as a decimal with other rounding.
    return Number.isInteger(value) ? String(value) : `${value}e0`;
  });
