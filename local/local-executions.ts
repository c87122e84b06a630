import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as v from 'valibot';
import type { Executions } from '../core/ports/executions.ts';

/**
 * When a process started, in clock ticks since the machine started (Linux, proc(5)); empty if that is unknown. A
 * process ID alone is not enough, because a later process can have the same ID.
 */
function processStartTime(pid: number): string {
  try {
    // The process name, in parentheses, can contain spaces.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** The ID of an execution on this machine. It contains the host name, the process ID and the process's start time. */
export const localExecutionId = (name: string): string =>
  `local:${hostname()}:${process.pid}:${processStartTime(process.pid)}:${name}`;

const hasNoProcess = (error: unknown): boolean => v.is(v.object({ code: v.literal('ESRCH') }), error);

/**
 * Whether the process that claimed a run still exists. Processes of other machines can't be checked, so they count as
 * running.
 */
export const localExecutions: Executions = {
  isRunning: (execution) => {
    const [, host, id, start] = /^local:([^:]*):(\d+):(\d*):/.exec(execution) ?? [];
    if (host !== hostname() || id === undefined) return Promise.resolve(true);
    const pid = Number(id);
    if (pid === process.pid) return Promise.resolve(false);
    try {
      process.kill(pid, 0);
    } catch (error: unknown) {
      // Any other error, such as EPERM, means that the process exists and belongs to another user.
      return Promise.resolve(!hasNoProcess(error));
    }
    return Promise.resolve(processStartTime(pid) === start);
  },
};
