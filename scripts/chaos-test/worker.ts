import '../../cli/quiet-sdk.ts';
import * as v from 'valibot';
import { runSeed } from './run-seed.ts';

/** A process that runs the seeds it is sent, one after the other. */
process.on('message', (message) => {
  void runSeed(v.parse(v.number(), message)).then((result) => process.send?.(result));
});
