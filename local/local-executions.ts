import type { Executions } from '../core/run/claim.ts';

/** An execution on this machine is named after its process. */
export const localExecutionId = (name: string): string => `local:${process.pid}:${name}`;

/** Says whether the process that claimed a run still lives; another machine's is taken to live. */
export const localExecutions: Executions = {
  isRunning: (execution) => {
    const pid = Number(/^local:(\d+):/.exec(execution)?.[1]);
    if (!Number.isInteger(pid)) return Promise.resolve(true);
    if (pid === process.pid) return Promise.resolve(false);
    try {
      process.kill(pid, 0);
      return Promise.resolve(true);
    } catch {
      // No such process, or one of another user: then it is not an audit of this one's.
      return Promise.resolve(false);
    }
  },
};
