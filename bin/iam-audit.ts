#!/usr/bin/env -S node --import tsx
import '../cli/quiet-sdk.ts';
import { main } from '../cli/program.ts';

try {
  process.exitCode = await main(process.argv);
} catch (error: unknown) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
