import type { ExecutionInput } from '../core/contract/execution-input.ts';

/** What a run covers: the same options on one machine and deployed. */
export interface ScopeOptions {
  readonly accountId: readonly string[];
  readonly principal: readonly string[];
  readonly spreadOver: number;
  readonly full: boolean;
  readonly resume?: string;
  /** Text of an exceptions file. */
  readonly exceptions?: string;
}

/** The execution's input, as the workflow takes it: what was not asked for is left out. */
export const executionInput = (options: ScopeOptions): ExecutionInput => ({
  ...(options.spreadOver === 0 ? {} : { spreadOverMinutes: options.spreadOver }),
  ...(options.full ? { full: true } : {}),
  ...(options.accountId.length === 0 ? {} : { accountIds: [...options.accountId] }),
  ...(options.principal.length === 0 ? {} : { principals: [...options.principal] }),
  ...(options.exceptions === undefined ? {} : { exceptions: options.exceptions }),
  ...(options.resume === undefined ? {} : { resume: options.resume }),
});
