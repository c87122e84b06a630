/** These ship as ESM only, so they go through the same transform as our sources. */
const esmOnly = ['p-limit', 'yocto-queue', 'leven'];

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.(ts|js)$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  setupFiles: ['<rootDir>/test/support/setup.ts'],
  // The command line’s tests mostly wait, in real time.
  maxWorkers: 3,
  // The first test of a fresh clone synthesises the CDK app.
  testTimeout: 60_000,
};
