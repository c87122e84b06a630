import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { IssuedCredentials } from '../../local/emulated-aws/sessions.ts';
import { COMMAND_LINE } from './command-line-bundle.ts';

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `iam-audit doctor` in its own process. */
export const runDoctor = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  onStart: (child: ChildProcess) => Promise<void> = () => Promise.resolve(),
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND_LINE, 'doctor', ...args], {
      cwd: join(__dirname, '../..'),
      env: { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...env },
    });
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (data: Buffer) => (text.stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (text.stderr += data.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, ...text });
    });
    onStart(child).catch(reject);
  });

/** The environment that points the command to the emulated AWS. */
export const emulatedAwsEnvironment = (url: string, credentials: IssuedCredentials): Record<string, string> => ({
  AWS_ENDPOINT_URL: url,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
});
