import { spawn } from 'node:child_process';

/**
 * `npm run check`: runs the five checks at the same time. Prints the output and the time of each check when it ends.
 * Exits with 1 if a check failed.
 */
const checks = ['check:layers', 'check:format', 'check:lint', 'check:types', 'check:unused'];

async function runCheck(check: string): Promise<boolean> {
  const startedAt = performance.now();
  const child = spawn('npm', ['run', '--silent', check], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => output.push(part.toString()));
  const passed = await new Promise<boolean>((resolve) => {
    child.on('error', (error) => {
      output.push(error.message);
      resolve(false);
    });
    child.on('close', (code) => {
      resolve(code === 0);
    });
  });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stdout.write(`${check} ${passed ? 'passed' : 'FAILED'} in ${seconds} s\n`);
  const text = output.join('').trim();
  if (!passed || /(?<!\b0 )warning/.test(text)) process.stdout.write(`${text}\n`);
  return passed;
}

const passed = await Promise.all(checks.map(runCheck));
process.exitCode = passed.every(Boolean) ? 0 : 1;
