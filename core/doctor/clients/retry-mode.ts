import { type Product, valueOf } from './user-agent.ts';

export const retryModes = ['legacy', 'standard', 'adaptive', 'unknown'] as const;
export type RetryMode = (typeof retryModes)[number];

/**
 * Letters of the metrics list `m/E,b,e`. All current SDKs use the same: `AwsSdkFeatures` in @aws-sdk/types,
 * `_USERAGENT_FEATURE_MAPPINGS` in botocore/useragent.py, `UserAgentFeature` in aws-sdk-go-v2/aws/middleware.
 */
const retryLetters: ReadonlyMap<string, RetryMode> = new Map([
  ['D', 'legacy'],
  ['E', 'standard'],
  ['F', 'adaptive'],
]);

export const metricsOf = (products: readonly Product[]): readonly string[] =>
  (products.find(({ name }) => name === 'm')?.value ?? '').split(',').filter((letter) => letter !== '');

/** `cfg/retry-mode#standard`; older SDKs write `cfg/retry-mode/standard`. */
const configured = (products: readonly Product[]): string | null => {
  for (const { name, value } of products) {
    const mode = name === 'cfg' ? /^retry-mode[#/](\w+)$/.exec(value)?.[1] : undefined;
    if (mode !== undefined) return mode.toLowerCase();
  }
  return null;
};

const named = (mode: string | null): RetryMode | null => {
  switch (mode) {
    case 'legacy':
    case 'standard':
    case 'adaptive':
      return mode;
    // AWS SDK for Java 2.25 and later.
    case 'adaptive_v2':
      return 'adaptive';
    default:
      return null;
  }
};

const olderThan = (version: string, major: number, minor: number): boolean => {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a < major || (a === major && b < minor);
};

/**
 * SDKs with only one way to retry, whose user agent does not name it: JavaScript 2 (aws-sdk/lib/service.js), Go 1
 * (client.DefaultRetryer), Ruby 2, and botocore before 1.15.0, which introduced retry modes (boto/botocore#1972). The other
 * SDKs have a default that settings can change, so a user agent without a mode tells nothing.
 */
const onlyMode = (products: readonly Product[]): RetryMode | null => {
  const javascript = valueOf(products, 'aws-sdk-nodejs') ?? valueOf(products, 'aws-sdk-js');
  if (javascript?.startsWith('2.') === true) return 'legacy';
  if (valueOf(products, 'aws-sdk-go') !== null || valueOf(products, 'aws-sdk-ruby2') !== null) return 'legacy';
  const botocore = valueOf(products, 'Botocore');
  return botocore !== null && /^[01]\.\d+\./.test(botocore) && olderThan(botocore, 1, 15) ? 'legacy' : null;
};

/** The retry mode that a client uses, as far as its user agent tells it. */
export const retryModeOf = (products: readonly Product[]): RetryMode => {
  const byLetter = metricsOf(products).flatMap((letter) => retryLetters.get(letter) ?? []);
  return named(configured(products)) ?? byLetter[0] ?? onlyMode(products) ?? 'unknown';
};
