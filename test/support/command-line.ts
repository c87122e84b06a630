import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import type { EmulatedAwsSettings } from '../../local/emulated-aws/settings.ts';
import { addAuditRole, addOperator, generateAccount, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { startEmulatedAws, type EmulatedAws } from '../../local/emulated-aws/server.ts';
import type { IssuedCredentials } from '../../local/emulated-aws/sessions.ts';
import { systemClock } from '../../local/system-clock.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { COMMAND_LINE } from './command-line-bundle.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const HUB = '111122223333';
export const MEMBER = '111122223334';
const root = join(__dirname, '../..');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface StartOptions {
  /** Default: `run`. */
  readonly command: string;
  readonly credentials: IssuedCredentials;
  readonly url: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly onStart: (child: ChildProcessWithoutNullStreams) => void;
}

/** Runs the command in its own process, against two emulated accounts of seven principals, in real time. */
export class CommandLine {
  private constructor(
    readonly aws: EmulatedAws,
    /** The folder of the results. */
    readonly out: string,
  ) {}

  static async start(settings: Partial<EmulatedAwsSettings> = {}): Promise<CommandLine> {
    const now = systemClock.now();
    const accounts = [HUB, MEMBER].map((accountId, n) => {
      const account = generateAccount({ seed: n + 1, accountId, users: 2, roles: accountId === HUB ? 3 : 4, now });
      addAuditRole(account, HUB, now);
      if (accountId === HUB) addOperator(account, now);
      return account;
    });
    const aws = await startEmulatedAws({
      accounts,
      clock: systemClock,
      random: seededRandom(3),
      limit: null,
      ...settings,
    });
    return new CommandLine(aws, temporaryFolder('run'));
  }

  run(args: readonly string[], options: Partial<StartOptions> = {}): Promise<Ended> {
    const credentials = options.credentials ?? this.aws.emulation.issueUser(HUB, OPERATOR);
    const child = spawn(process.execPath, [COMMAND_LINE, options.command ?? 'run', ...args, '--out', this.out], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        HOME: '/nonexistent',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_ENDPOINT_URL: options.url ?? this.aws.url,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        ...(credentials.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
        ...options.environment,
      },
    });
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (part: Buffer) => (text.stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => (text.stderr += part.toString()));
    options.onStart?.(child);
    return new Promise((resolve) => {
      child.on('close', (code) => {
        resolve({ code, ...text });
      });
    });
  }

  /** Number of requests so far to an IAM operation in the hub account. */
  received(operation: string): number {
    return this.aws.emulation.counters.get(`${HUB} iam:${operation}`)?.received ?? 0;
  }

  async close(): Promise<void> {
    await this.aws.close();
  }
}

export const linesOf = (text: string): string[] => text.trim().split('\n');
