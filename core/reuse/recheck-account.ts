import * as v from 'valibot';
import { EvidenceSource } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import { iamReadsByState } from '../contract/permissions.ts';
import type { CallsByOperation } from '../contract/run.ts';
import { inAccount, type OpenAccount, type SessionCalls } from '../inventory/account-session.ts';
import { identityOf, readSharedPolicies, readPrincipals } from '../inventory/read-account.ts';
import { accountInOrganization, serviceControlDocuments } from '../organization/account-in-organization.ts';
import { AwsFault } from '../ports/aws-fault.ts';
import type { UnreadableEntity } from '../ports/iam.ts';
import type { Invocation, Services } from '../ports/services.ts';
import type { ObjectStore } from '../ports/store.ts';
import { readObjectLines } from '../ports/stored-objects.ts';

/**
 * Milliseconds kept for the summary, which writes an object for each principal that has more permissions than it uses.
 */
const SUMMARY_MS = 600_000;

/**
 * By ARN: principals whose fingerprint is no longer the one in the inventory, each with its present group, or "gone" if
 * it was deleted.
 */
export type ChangedPrincipals = ReadonlyMap<string, { readonly group: string | null } | 'gone'>;

export interface Recheck {
  /** Null if the account could not be rechecked. */
  readonly changed: ChangedPrincipals | null;
  readonly calls: CallsByOperation;
}

export const notRechecked: Recheck = { changed: null, calls: {} };

interface AccountOfRun {
  readonly runId: string;
  readonly accountId: string;
}

const Listed = v.object({
  arn: v.string(),
  source: EvidenceSource,
  fingerprint: v.string(),
  credentials: v.nullable(v.object({ mfaActive: v.boolean() })),
});

/**
 * Checks after the batches whether the audited principals still have the fingerprints of the inventory. Evidence is
 * found later than the fingerprint that it is stored with, by hours if a run is spread. Needs one call for some hundred
 * principals. If AWS refuses a call, shared decisions are not carried; nothing else is lost.
 * @param onEnd called with the calls, also if the recheck fails
 * @throws StoreError
 */
export async function recheckAccount(
  account: AccountOfRun,
  services: Services,
  invocation: Invocation,
  onEnd: (calls: SessionCalls) => void,
): Promise<Recheck> {
  const asked = await askedFingerprints(services.store, account);
  if (asked.size === 0) return { changed: new Map(), calls: {} };
  const recheck = async (open: OpenAccount): Promise<ChangedPrincipals> => {
    const changed = await changedPrincipals(asked, account, open, services.store);
    await open.pace.save();
    return changed;
  };
  const session = await inAccount(account, iamReadsByState['summarise-account'], services, invocation, recheck, {
    reserveMs: SUMMARY_MS,
    onEnd,
  });
  if (session.kind === 'done') return { changed: session.result, calls: session.calls };
  const { code, message } = session.cause;
  services.warn(
    `Account ${account.accountId} could not be checked for changes after its batches (${code}: ${message}). ` +
      'The next run asks again for decisions that principals share.',
  );
  return { changed: null, calls: session.calls };
}

interface Asked {
  readonly fingerprint: string;
  readonly hasMfa: boolean;
}

/** By ARN: fingerprints of the principals whose evidence was asked for. */
async function askedFingerprints(
  store: ObjectStore,
  { runId, accountId }: AccountOfRun,
): Promise<ReadonlyMap<string, Asked>> {
  const asked = new Map<string, Asked>();
  const lines = readObjectLines(store, objects.inventory(runId, accountId), Listed);
  for await (const { arn, source, fingerprint, credentials } of lines) {
    if (source === 'asked') asked.set(arn, { fingerprint, hasMfa: credentials?.mfaActive ?? false });
  }
  return asked;
}

async function changedPrincipals(
  asked: ReadonlyMap<string, Asked>,
  { runId, accountId }: AccountOfRun,
  { iam, call }: OpenAccount,
  store: ObjectStore,
): Promise<ChangedPrincipals> {
  const { serviceControl } = await accountInOrganization(store, runId, accountId);
  const documents = await serviceControlDocuments(store, runId, serviceControl);
  // What the inventory could read must be readable again. Otherwise a principal would count as deleted or changed.
  const onUnreadable = ({ fault }: UnreadableEntity): never => {
    throw fault;
  };
  const policies = await readSharedPolicies(iam, call, serviceControl, documents, onUnreadable);
  const changed = new Map<string, { readonly group: string | null } | 'gone'>();
  // A principal that is not listed again keeps this value.
  for (const arn of asked.keys()) changed.set(arn, 'gone');
  let listed = 0;
  for await (const principal of readPrincipals(iam, call, onUnreadable)) {
    listed += 1;
    const { detail } = principal;
    const earlier = asked.get(detail.arn);
    if (earlier === undefined) continue;
    const identity = identityOf(accountId, principal);
    if ((await policies.fingerprint(identity, detail, earlier.hasMfa)) === earlier.fingerprint) {
      changed.delete(detail.arn);
      continue;
    }
    const { group } = await policies.describe(identity, detail, earlier.hasMfa);
    changed.set(detail.arn, { group });
  }
  if (listed === 0) {
    throw new AwsFault('other', 'EmptyInventory', `AWS listed no user and no role, but ${asked.size} were audited.`);
  }
  return changed;
}
