import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MODULE = join(__dirname, '../../../cli/doctor/temporary-folder.ts');

/** Creates files from another thread, as the readers of logs do. */
const program = `
import { Worker } from 'node:worker_threads';
import { TemporaryFolder } from ${JSON.stringify(MODULE)};
const { path } = new TemporaryFolder('busy-');
const writer = new Worker(\`
  import { workerData, parentPort } from 'node:worker_threads';
  import { mkdirSync, writeFileSync } from 'node:fs';
  mkdirSync(workerData + '/rows');
  for (let n = 0; ; n += 1) {
    writeFileSync(workerData + '/rows/' + n, 'x');
    if (n === 50) parentPort.postMessage('writing');
  }
\`, { eval: true, workerData: path });
writer.on('message', () => process.stdout.write('writing'));
`;

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s removes the folder while another thread creates files in it, and ends the process',
  async (signal) => {
    const folder = temporaryFolder('signals');
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
      env: { PATH: process.env.PATH, TMPDIR: folder },
    });
    child.stdout.once('data', () => child.kill(signal));
    const ended = await new Promise((resolve) => {
      child.on('close', (_code, by) => {
        resolve(by);
      });
    });
    expect(ended).toBe(signal);
    expect(readdirSync(folder).filter((name) => name.startsWith('busy-'))).toEqual([]);
  },
  30_000,
);
