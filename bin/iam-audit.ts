#!/usr/bin/env -S node --import tsx
import '../cli/quiet-sdk.ts';
import { isVerbose, say } from '../cli/output.ts';
import { main } from '../cli/program.ts';

// A reader such as `head` may close the pipe early. The rest of the output is dropped, and the exit code stays the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  process.exitCode = await main(process.argv);
} catch (error: unknown) {
  say(error instanceof Error ? error.message : String(error));
  if (isVerbose() && error instanceof Error) for (const line of (error.stack ?? '').split('\n').slice(1)) say(line);
  process.exitCode = 1;
}
