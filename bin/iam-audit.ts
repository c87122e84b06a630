#!/usr/bin/env -S node --import tsx
import '../cli/quiet-sdk.ts';
import { isVerbose, outputFailed, say } from '../cli/output.ts';
import { main } from '../cli/program.ts';

process.stdout.on('error', outputFailed);

try {
  process.exitCode = await main(process.argv);
} catch (error: unknown) {
  say(error instanceof Error ? error.message : String(error));
  if (isVerbose() && error instanceof Error) for (const line of (error.stack ?? '').split('\n').slice(1)) say(line);
  process.exitCode = 1;
}
