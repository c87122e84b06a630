import { AccountLine } from '../contract/account-objects.ts';
import type { ExecutionInput } from '../contract/execution-input.ts';
import { objects } from '../contract/objects.ts';
import { AccountSummary } from '../contract/run.ts';
import type { OrganizationScope, Services } from '../ports/services.ts';
import { DamagedObject, READS_AT_ONCE } from '../ports/store.ts';
import { readObjectLines, readValue, unlessDamaged } from '../ports/stored-objects.ts';
import { mapAhead } from '../streams/map-ahead.ts';
import { readRunContext } from './run-context.ts';
import { InvalidInput } from './parse-execution-input.ts';

/** The accounts that a run is asked to audit, before the organization is known. */
export type RequestedAccounts =
  | {
      readonly kind: 'named';
      readonly accountIds: readonly string[];
      /** The run that this run continues. */
      readonly resumeFrom: string | null;
      /** The accounts must be in these limits of the organization. Null: no limits. */
      readonly within: OrganizationScope | null;
    }
  /** The active accounts of the organization that are in both limits. */
  | {
      readonly kind: 'organization';
      /** The limits of the deployment. */
      readonly configured: OrganizationScope;
      /** The limits of the input. */
      readonly wanted: OrganizationScope;
    };

/**
 * The accounts come from a run's input, from the unfinished accounts of the run that it resumes, or from the settings.
 * @throws InvalidInput; DamagedObject if the run that it resumes can't be read
 */
export async function requestedAccounts(wanted: ExecutionInput, services: Services): Promise<RequestedAccounts> {
  const { settings, access } = services;
  const named = namedAccounts(wanted);
  const kind = wanted.resume !== undefined ? 'resume' : named !== null ? 'named' : (whole(wanted) ?? settings.accounts);
  if (kind !== 'organization') checkWithoutScope(wanted, kind);
  switch (kind) {
    case 'resume': {
      const runId = wanted.resume ?? '';
      const { all, unfinished } = await accountsToResume(services, runId);
      const wantedIds = new Set(named ?? unfinished);
      const ofRun = new Set(all);
      const others = [...wantedIds].filter((accountId) => !ofRun.has(accountId));
      if (others.length > 0) {
        throw new InvalidInput(`accounts: ${others.join(', ')} must be accounts of run ${runId}, which is resumed.`);
      }
      const accountIds = unfinished.filter((accountId) => wantedIds.has(accountId));
      if (accountIds.length === 0) {
        throw new InvalidInput(
          `accounts: ${[...wantedIds].join(', ')} must be accounts of run ${runId} that are not COMPLETE.`,
        );
      }
      // The run may have had other settings, and everyone who may write to the bucket can change its list.
      return withinSettings(accountIds, services, runId);
    }
    case 'organization':
      return { kind, configured: configuredScope(services), wanted: inputScope(wanted) };
    case 'this':
      return withinSettings([await access.ownAccountId()], services, null);
    case 'listed':
      return { kind: 'named', accountIds: await accountList(services), resumeFrom: null, within: null };
    case 'named':
      return withinSettings(named ?? [], services, null);
  }
}

/** The accounts that the input lists, each once; null if it lists none. @throws InvalidInput */
function namedAccounts({ accounts, accountIds }: ExecutionInput): string[] | null {
  if (accounts !== undefined && accountIds !== undefined) {
    throw new InvalidInput('accountIds: must be omitted if accounts is given. Both name the accounts to audit.');
  }
  const listed = Array.isArray(accounts) ? accounts : accountIds;
  return listed === undefined ? null : [...new Set(listed)];
}

const whole = ({ accounts }: ExecutionInput): 'this' | 'organization' | null =>
  accounts === 'this' || accounts === 'organization' ? accounts : null;

/** @throws InvalidInput if the input limits the accounts of an organization, and the run is not of an organization */
function checkWithoutScope({ include, exclude }: ExecutionInput, kind: string): void {
  if (include === undefined && exclude === undefined) return;
  const field = include === undefined ? 'exclude' : 'include';
  const reason =
    kind === 'resume'
      ? 'A resumed run has the accounts of the run that it continues'
      : 'It limits the accounts of an organization';
  throw new InvalidInput(
    `${field}: must be omitted${kind === 'resume' ? '' : ' unless accounts is "organization"'}. ${reason}.`,
  );
}

/** The limits of the settings. @throws InvalidInput if a deployment does not audit the organization */
function configuredScope({ settings }: Services): OrganizationScope {
  if (settings.accounts === 'organization' || !settings.onlyConfigured) return settings.organizationScope;
  throw new InvalidInput(
    'accounts: must not be "organization", because this deployment’s setting accounts is not "organization".',
  );
}

const inputScope = ({ include = [], exclude = [] }: ExecutionInput): OrganizationScope => ({ include, exclude });

/**
 * @param resumeFrom the run that is resumed
 * @throws InvalidInput if a deployment may not audit one of the accounts
 */
async function withinSettings(
  accountIds: readonly string[],
  services: Services,
  resumeFrom: string | null,
): Promise<RequestedAccounts> {
  const { settings, access } = services;
  const requested = { kind: 'named', accountIds, resumeFrom } as const;
  if (!settings.onlyConfigured) return { ...requested, within: null };
  if (settings.accounts === 'organization') return { ...requested, within: settings.organizationScope };
  const configured = settings.accounts === 'this' ? [await access.ownAccountId()] : await accountList(services);
  const known = new Set(configured);
  const others = accountIds.filter((accountId) => !known.has(accountId));
  if (others.length === 0) return { ...requested, within: null };
  const resumed = resumeFrom === null ? '' : ` Run ${resumeFrom} had them. Name the accounts to resume that are in it.`;
  throw new InvalidInput(`accounts: ${others.join(', ')} must be in this deployment’s setting accounts.${resumed}`);
}

async function accountList({ accountList: read }: Services): Promise<readonly string[]> {
  if (read === undefined) throw new Error('The setting accounts is a list, but there is nothing to read it from.');
  return read();
}

interface AccountsOfRun {
  readonly all: readonly string[];
  /** Those that are not COMPLETE. */
  readonly unfinished: readonly string[];
}

async function accountsToResume({ store, warn }: Services, runId: string): Promise<AccountsOfRun> {
  const key = objects.accounts(runId);
  if (!(await store.exists(key))) throw new InvalidInput(`resume: there is no run ${runId} in ${store.bucket}.`);
  const all: string[] = [];
  const unfinished: string[] = [];
  const accounts = mapAhead(readObjectLines(store, key, AccountLine), READS_AT_ONCE, async ({ accountId }) => {
    const read = (): Promise<AccountSummary | null> =>
      readValue(store, objects.account(runId, accountId), AccountSummary);
    const summary = await unlessDamaged(read, null, (damage) => {
      warn(`${damage.message} Account ${accountId} is audited again.`, damage);
    });
    return { accountId, status: summary?.status ?? null };
  });
  for await (const { accountId, status } of accounts) {
    all.push(accountId);
    if (status !== 'COMPLETE') unfinished.push(accountId);
  }
  const context = await unlessDamaged(
    () => readRunContext(store, runId),
    null,
    () => undefined,
  );
  const expected = context?.accounts ?? 1;
  // An object that was cut off between two lines has no damaged line.
  if (all.length < expected) throw new DamagedObject(key, `it has ${all.length} lines, but its run wrote ${expected}`);
  if (unfinished.length === 0) {
    throw new InvalidInput(`resume: run ${runId} is COMPLETE, so there is nothing to resume.`);
  }
  return { all, unfinished };
}
