import { spawn } from 'node:child_process';

/**
 * `npm run check`: runs the four checks at the same time. Prints the output and the time of each check when it ends.
 * Exits with 1 if a check failed.
 */
const checks = ['check:lint', 'check:types', 'check:format', 'check:unused'];

/** The compiler and lint allocate much. With more space for new objects, they spend less time on garbage collection. */
const environment = {
  ...process.env,
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --max-semi-space-size=64`.trim(),
};

async function runCheck(check: string): Promise<boolean> {
  const startedAt = performance.now();
  const child = spawn('npm', ['run', '--silent', check], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
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
  if (!passed || text.includes('warning')) process.stdout.write(`${text}\n`);
  return passed;
}

const passed = await Promise.all(checks.map(runCheck));
process.exitCode = passed.every(Boolean) ? 0 : 1;
