import { relative } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** The test files that take longest, longest first. Some of them mostly wait, and are small. */
const longest = [
  'cli/run.test.ts',
  'workflow/whole-workflow.test.ts',
  'local/virtual-store.test.ts',
  'local/folder-store.test.ts',
  'workflow/organization-run.test.ts',
  'lib/stack.test.ts',
  'aws/s3-store.test.ts',
];

/**
 * Starts the longest test files first, so that no worker runs one of them alone at the end. Jest itself knows how long
 * a file takes only after its first run; in a fresh clone it starts the largest files first.
 */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const place = ({ path, context }) => {
      const n = longest.indexOf(relative(`${context.config.rootDir}/test`, path));
      return n < 0 ? longest.length : n;
    };
    return super.sort(tests).sort((a, b) => place(a) - place(b));
  }
}
