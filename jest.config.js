/** These ship as ESM only, so they go through the same transform as our sources. */
const esmOnly = [
  'p-limit',
  'yocto-queue',
  'leven',
  'hyparquet',
  'hyparquet-writer',
  'log-update',
  'ansi-escapes',
  'ansi-regex',
  'ansi-styles',
  'cli-cursor',
  'environment',
  'get-east-asian-width',
  'is-fullwidth-code-point',
  'mimic-function',
  'onetime',
  'restore-cursor',
  'slice-ansi',
  'string-width',
  'strip-ansi',
  'wrap-ansi',
];

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // They have scripts of their own, `npm run test:slow` and `npm run test:report`, so that `npm test` stays under three minutes.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/slow/', '<rootDir>/test/browser/'],
  transform: {
    '^.+\\.(ts|js)$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:log-update/node_modules/)?(${esmOnly.join('|')})/)`],
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  globalSetup: '<rootDir>/test/support/bundle-command-line.ts',
  setupFiles: ['<rootDir>/test/support/setup.ts'],
  // Globals are slow to look up in Jest’s sandbox; these are handed to each module, which saves processor time.
  // No names that a module may declare itself, such as Map or Buffer.
  sandboxInjectedGlobals: ['Array', 'Object', 'Number', 'String', 'Math', 'JSON', 'Promise', 'Uint8Array'],
  // The command line’s tests mostly wait, in real time.
  maxWorkers: 4,
  // The first test of a fresh clone synthesises the CDK app.
  testTimeout: 60_000,
};
