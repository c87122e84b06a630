import { fileFault } from '../local/file-faults.ts';
import { exitCodes } from './exit-codes.ts';
import { printable, printableJson } from '../core/wording/printable.ts';

/** What is written to standard error besides errors and warnings. */
type Verbosity = 'quiet' | 'normal' | 'verbose';
let verbosity: Verbosity = 'normal';

/** Called once, when the options of the command line have been read. */
export const setVerbosity = (wanted: Verbosity): void => {
  verbosity = wanted;
};

export const isQuiet = (): boolean => verbosity === 'quiet';
export const isVerbose = (): boolean => verbosity === 'verbose';

/** Writes an error, a warning or the outcome of a command to standard error. Standard output is for results. */
export const say = (line: string): void => {
  process.stderr.write(`${printable(line)}\n`);
};

/** Writes a message that a reader can do without: `--quiet` omits it. */
export const note = (line: string): void => {
  if (!isQuiet()) say(line);
};

/**
 * Ends the process if standard output can't be written, such as on a full device. A reader such as `head` may close the pipe
 * early: the rest of the output is dropped, and the exit code stays the same.
 */
export const outputFailed = (error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') return;
  say(`The output can't be written: ${fileFault(error)}.`);
  process.exit(exitCodes.failed);
};

/** Prints a line of the result on standard output. */
export const printLine = (line: string): void => {
  process.stdout.write(`${printable(line)}\n`);
};

/** Prints JSON on standard output. */
export const printJson = (value: unknown): void => {
  process.stdout.write(`${printableJson(JSON.stringify(value, null, 2))}\n`);
};

/** Prints the lines of a result as fast as they are read. If the reader has closed the pipe, the other lines are not made. */
export async function printLines(lines: AsyncIterable<string>): Promise<void> {
  const { stdout } = process;
  const isClosed = (): boolean => stdout.destroyed || stdout.errored !== null;
  for await (const line of lines) {
    if (isClosed()) return;
    if (!stdout.write(`${line}\n`)) await drained(stdout);
  }
}

/** Resolves when the stream takes more, or when it never will. */
const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    const events = ['drain', 'error', 'close'];
    const end = (): void => {
      for (const event of events) stream.off(event, end);
      resolve();
    };
    for (const event of events) stream.on(event, end);
  });
