import { type Product, valueOf, versionIn } from './user-agent.ts';

export const languages = [
  'javascript',
  'python',
  'java',
  'go',
  'dotnet',
  'ruby',
  'php',
  'rust',
  'cpp',
  'kotlin',
  'swift',
  'unknown',
] as const;
export type Language = (typeof languages)[number];

export interface FoundSdk {
  readonly name: string;
  readonly language: Language;
  readonly version: string | null;
}

interface Sdk {
  readonly product: string;
  readonly language: Language;
  /** As it is shown; an SDK with several major versions gets `v` and the number. */
  readonly name: string;
  readonly majors: boolean;
}

/** In the order of search. Boto3 is before Botocore, and the SDK for .NET names its core after its service clients. */
const sdks: readonly Sdk[] = [
  { product: 'aws-sdk-js', language: 'javascript', name: 'AWS SDK for JavaScript', majors: true },
  { product: 'aws-sdk-nodejs', language: 'javascript', name: 'AWS SDK for JavaScript', majors: true },
  { product: 'Boto3', language: 'python', name: 'AWS SDK for Python (Boto3)', majors: false },
  { product: 'Botocore', language: 'python', name: 'AWS SDK for Python (Botocore)', majors: false },
  { product: 'aiobotocore', language: 'python', name: 'AWS SDK for Python (Botocore)', majors: false },
  { product: 'Boto', language: 'python', name: 'AWS SDK for Python', majors: true },
  { product: 'aws-sdk-java', language: 'java', name: 'AWS SDK for Java', majors: true },
  { product: 'aws-sdk-go-v2', language: 'go', name: 'AWS SDK for Go v2', majors: false },
  { product: 'aws-sdk-go', language: 'go', name: 'AWS SDK for Go v1', majors: false },
  { product: 'aws-sdk-dotnet-coreclr', language: 'dotnet', name: 'AWS SDK for .NET', majors: true },
  { product: 'aws-sdk-dotnet-45', language: 'dotnet', name: 'AWS SDK for .NET', majors: true },
  { product: 'aws-sdk-dotnet-35', language: 'dotnet', name: 'AWS SDK for .NET', majors: true },
  { product: 'aws-sdk-dotnet-core', language: 'dotnet', name: 'AWS SDK for .NET', majors: true },
  { product: 'aws-sdk-ruby3', language: 'ruby', name: 'AWS SDK for Ruby', majors: true },
  { product: 'aws-sdk-ruby2', language: 'ruby', name: 'AWS SDK for Ruby', majors: true },
  { product: 'aws-sdk-php', language: 'php', name: 'AWS SDK for PHP', majors: true },
  { product: 'aws-sdk-php2', language: 'php', name: 'AWS SDK for PHP', majors: true },
  { product: 'aws-sdk-rust', language: 'rust', name: 'AWS SDK for Rust', majors: false },
  { product: 'aws-sdk-cpp', language: 'cpp', name: 'AWS SDK for C++', majors: false },
  { product: 'aws-sdk-kotlin', language: 'kotlin', name: 'AWS SDK for Kotlin', majors: false },
  { product: 'aws-sdk-swift', language: 'swift', name: 'AWS SDK for Swift', majors: false },
];

/** The SDK that a user agent names, or null. */
export const sdkOf = (products: readonly Product[]): FoundSdk | null => {
  for (const { product, language, name, majors } of sdks) {
    const value = valueOf(products, product);
    if (value === null) continue;
    const version = versionIn(value);
    const major = majors ? /^\d+(?=\.|$)/.exec(version ?? '')?.[0] : undefined;
    return { name: major === undefined ? name : `${name} v${major}`, language, version };
  }
  return null;
};
