import type { ExecutionInput } from '../core/contract/execution-input.ts';

/** What a run covers. `run` and `start` have the same options. */
export interface ScopeOptions {
  readonly accountId: readonly string[];
  /** Audit the active accounts of the organization, within the limits of the four options below. */
  readonly organization: boolean;
  readonly includeOu: readonly string[];
  readonly excludeOu: readonly string[];
  readonly includeAccount: readonly string[];
  readonly excludeAccount: readonly string[];
  readonly principal: readonly string[];
  readonly spreadOver: number;
  readonly full: boolean;
  readonly resume?: string;
  /** Content of an exceptions file. */
  readonly exceptions?: string;
}

/** The input of the workflow's execution. Options with default values are left out. */
export const executionInput = (options: ScopeOptions): ExecutionInput => ({
  ...(options.organization ? { accounts: 'organization' } : {}),
  ...targets('include', [...options.includeOu, ...options.includeAccount]),
  ...targets('exclude', [...options.excludeOu, ...options.excludeAccount]),
  ...(options.spreadOver === 0 ? {} : { spreadOverMinutes: options.spreadOver }),
  ...(options.full ? { full: true } : {}),
  ...(options.accountId.length === 0 ? {} : { accountIds: [...options.accountId] }),
  ...(options.principal.length === 0 ? {} : { principals: [...options.principal] }),
  ...(options.exceptions === undefined ? {} : { exceptions: options.exceptions }),
  ...(options.resume === undefined ? {} : { resume: options.resume }),
});

const targets = (field: 'include' | 'exclude', ids: string[]): Pick<ExecutionInput, 'include' | 'exclude'> =>
  ids.length === 0 ? {} : { [field]: ids };

/** The options that limit the accounts of an organization and are given. */
export const organizationLimits = (options: ScopeOptions): string[] =>
  Object.entries({
    '--include-ou': options.includeOu,
    '--exclude-ou': options.excludeOu,
    '--include-account': options.includeAccount,
    '--exclude-account': options.excludeAccount,
  }).flatMap(([name, ids]) => (ids.length === 0 ? [] : [name]));
