#!/usr/bin/env -S node --import tsx
import '../cli/quiet-sdk.ts';
import { say } from '../cli/output.ts';
import { main } from '../cli/program.ts';

// Who reads only the beginning, as `head` does, has had enough: the rest goes nowhere, and the command ends as ever.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  process.exitCode = await main(process.argv);
} catch (error: unknown) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
