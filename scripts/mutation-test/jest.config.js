import config from '../../jest.config.js';

const { globalSetup: _bundlesTheCommandLine, ...others } = config;

/** The tests that do not start the command line, which need not be bundled for each mutant. @type {import('jest').Config} */
export default {
  ...others,
  rootDir: '../..',
  testPathIgnorePatterns: ['/node_modules/'],
  testSequencer: '<rootDir>/scripts/mutation-test/smallest-first.mjs',
};
