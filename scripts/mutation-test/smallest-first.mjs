import { statSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';

/** Most mutants are killed by the first tests that run, so the quick ones go first. */
export default class SmallestFirst extends Sequencer {
  sort(tests) {
    return [...tests].sort((a, b) => statSync(a.path).size - statSync(b.path).size);
  }
}
