import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as v from 'valibot';
import type { Executions } from '../core/ports/executions.ts';

/**
 * When a process started, in clock ticks since the machine did (Linux, proc(5)); empty where that can't be told. A
 * process id alone may be another's by now.
 */
function startOf(pid: number): string {
  try {
    // The name, in parentheses, may hold spaces.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** An execution on this machine is named after its process. */
export const localExecutionId = (name: string): string =>
  `local:${hostname()}:${process.pid}:${startOf(process.pid)}:${name}`;

const isMissing = (error: unknown): boolean => v.is(v.object({ code: v.literal('ESRCH') }), error);

/** Says whether the process that claimed a run still lives; another machine's can't be seen and is taken to live. */
export const localExecutions: Executions = {
  isRunning: (execution) => {
    const [, host, id, start] = /^local:([^:]*):(\d+):(\d*):/.exec(execution) ?? [];
    if (host !== hostname() || id === undefined) return Promise.resolve(true);
    const pid = Number(id);
    if (pid === process.pid) return Promise.resolve(false);
    try {
      process.kill(pid, 0);
    } catch (error: unknown) {
      // Any other fault says that it lives and is somebody else's.
      return Promise.resolve(!isMissing(error));
    }
    return Promise.resolve(startOf(pid) === start);
  },
};
