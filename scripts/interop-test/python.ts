import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Runs a Python program while this process serves its requests. @returns what it printed. @throws Error if it fails */
export function runPython(bin: string, program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(bin, 'python'), [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.once('error', reject);
    child.once('close', (code) => {
      const text = Buffer.concat(parts).toString();
      if (code === 0) resolve(text);
      else reject(new Error(`${program} ended with ${String(code)}: ${text}`));
    });
  });
}
