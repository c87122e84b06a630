#!/usr/bin/env -S node --import tsx
import '../cli/quiet-sdk.ts';
import { say } from '../cli/output.ts';
import { main } from '../cli/program.ts';

try {
  process.exitCode = await main(process.argv);
} catch (error: unknown) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
