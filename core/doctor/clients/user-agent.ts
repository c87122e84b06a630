/** A part of a user agent such as `Boto3/1.42.69`, `md/Botocore#1.42.69` or `cfg/retry-mode#standard`. */
export interface Product {
  readonly name: string;
  /** What follows the first slash, or an empty string. */
  readonly value: string;
}

/** Longer texts come from no SDK. */
const MAX_CHARACTERS = 2_000;

/**
 * The parts of a user agent, in their order. Comments in parentheses and the brackets that CloudTrail adds to some user
 * agents are left out.
 */
export const productsOf = (userAgent: string): readonly Product[] =>
  userAgent
    .slice(0, MAX_CHARACTERS)
    .replace(/\([^()]*\)/g, ' ')
    .split(/[\s[\]]+|,(?=\s)/)
    .filter((part) => part !== '')
    .map((part) => {
      const slash = part.indexOf('/');
      return slash < 0 ? { name: part, value: '' } : { name: part.slice(0, slash), value: part.slice(slash + 1) };
    });

/** The value of the first part with this name, in upper or lower case. Null if no part has the name. */
export const valueOf = (products: readonly Product[], name: string): string | null =>
  products.find((product) => product.name.toLowerCase() === name.toLowerCase())?.value ?? null;

/** The value if it looks like a version; null otherwise. User agents are written by the caller and prove nothing. */
export const versionIn = (value: string | null): string | null =>
  /^v?(\d[\w.+-]{0,31})$/.exec(value ?? '')?.[1] ?? null;
