import type { ExecutionInput } from '../core/contract/execution-input.ts';

/** What a run covers. `run` and `start` have the same options. */
export interface ScopeOptions {
  readonly accountId: readonly string[];
  readonly principal: readonly string[];
  readonly spreadOver: number;
  readonly full: boolean;
  readonly resume?: string;
  /** Content of an exceptions file. */
  readonly exceptions?: string;
}

/** The input of the workflow's execution. Options with default values are left out. */
export const executionInput = (options: ScopeOptions): ExecutionInput => ({
  ...(options.spreadOver === 0 ? {} : { spreadOverMinutes: options.spreadOver }),
  ...(options.full ? { full: true } : {}),
  ...(options.accountId.length === 0 ? {} : { accountIds: [...options.accountId] }),
  ...(options.principal.length === 0 ? {} : { principals: [...options.principal] }),
  ...(options.exceptions === undefined ? {} : { exceptions: options.exceptions }),
  ...(options.resume === undefined ? {} : { resume: options.resume }),
});
