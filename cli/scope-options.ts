import type { ExecutionInput } from '../core/contract/execution-input.ts';

/** An option that limits the accounts of an organization. */
interface OrganizationLimit {
  readonly name: string;
  /** The name by which commander gives its values. */
  readonly key: 'includeOu' | 'excludeOu' | 'includeAccount' | 'excludeAccount';
  readonly field: 'include' | 'exclude';
  readonly names: 'unit' | 'account';
  readonly description: string;
}

export const organizationLimits: readonly OrganizationLimit[] = [
  {
    name: '--include-ou',
    key: 'includeOu',
    field: 'include',
    names: 'unit',
    description: 'audit only accounts below this organizational unit (repeatable)',
  },
  {
    name: '--exclude-ou',
    key: 'excludeOu',
    field: 'exclude',
    names: 'unit',
    description: 'do not audit accounts below this organizational unit (repeatable)',
  },
  {
    name: '--include-account',
    key: 'includeAccount',
    field: 'include',
    names: 'account',
    description: 'audit only this account of the organization (repeatable)',
  },
  {
    name: '--exclude-account',
    key: 'excludeAccount',
    field: 'exclude',
    names: 'account',
    description: 'do not audit this account of the organization (repeatable)',
  },
];

/** What a run covers. `run` and `start` have the same options. */
export interface ScopeOptions extends Readonly<Record<OrganizationLimit['key'], readonly string[]>> {
  readonly accountId: readonly string[];
  /** Audit the active accounts of the organization, within the options of `organizationLimits`. */
  readonly organization: boolean;
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
  ...targets('include', options),
  ...targets('exclude', options),
  ...(options.spreadOver === 0 ? {} : { spreadOverMinutes: options.spreadOver }),
  ...(options.full ? { full: true } : {}),
  ...(options.accountId.length === 0 ? {} : { accountIds: [...options.accountId] }),
  ...(options.principal.length === 0 ? {} : { principals: [...options.principal] }),
  ...(options.exceptions === undefined ? {} : { exceptions: options.exceptions }),
  ...(options.resume === undefined ? {} : { resume: options.resume }),
});

function targets(
  field: OrganizationLimit['field'],
  options: ScopeOptions,
): Pick<ExecutionInput, 'include' | 'exclude'> {
  const ids = organizationLimits.flatMap((limit) => (limit.field === field ? options[limit.key] : []));
  return ids.length === 0 ? {} : { [field]: ids };
}

/** The names of the options that limit the accounts of an organization and are given. */
export const givenLimits = (options: ScopeOptions): string[] =>
  organizationLimits.flatMap(({ name, key }) => (options[key].length === 0 ? [] : [name]));
