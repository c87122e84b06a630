import * as v from 'valibot';
import { AwsFault } from '../ports/aws-fault.ts';
import { EvidenceSource } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import type { WorkByOperation } from '../contract/run.ts';
import type { AccountSession } from '../ports/iam.ts';
import { accountInOrganization } from '../organization/account-in-organization.ts';
import { PaceKeeper } from '../pacing/pace-keeper.ts';
import type { Invocation, Services } from '../ports/services.ts';
import type { ObjectStore } from '../ports/store.ts';
import {
  codeOf,
  identityOf,
  inventoryCalls,
  readSharedPolicies,
  readPrincipals,
  type InventoryCall,
} from '../inventory/read-account.ts';

/** Kept for the summary itself, which writes a file for each principal that could do with less. */
const SUMMARY_MS = 600_000;

/** By ARN, those whose fingerprint is not the inventory's any more, with the group that they are in now. */
export type ChangedPrincipals = ReadonlyMap<string, { readonly group: string | null } | 'gone'>;

export interface LookedAgain {
  /** Null where nobody could look. */
  readonly changed: ChangedPrincipals | null;
  readonly calls: WorkByOperation;
}

export const notLooked: LookedAgain = { changed: null, calls: {} };

interface Where {
  readonly runId: string;
  readonly accountId: string;
}

const Listed = v.object({ arn: v.string(), source: EvidenceSource, fingerprint: v.string() });

/**
 * Looks, after the batches, whether those who were asked are still what the inventory saw: evidence is found later than
 * the fingerprint that it is kept under, by hours where a run is spread. Takes a call for some hundred principals.
 * A fault of AWS costs what is shared, nothing else.
 * @throws StoreError
 */
export async function lookAgain(where: Where, services: Services, invocation: Invocation): Promise<LookedAgain> {
  const { access, clock, store, warn } = services;
  const asked = await askedPrincipals(store, where);
  if (asked.size === 0) return { changed: new Map(), calls: {} };
  let session: AccountSession | null = null;
  let pace: PaceKeeper | null = null;
  let changed: ChangedPrincipals | null = null;
  try {
    session = await access.open(where.accountId, invocation.remainingMs());
    pace = await PaceKeeper.open(services, where);
    const remainingMs = (): number => invocation.remainingMs() - SUMMARY_MS;
    const call = inventoryCalls(pace, clock, { ...invocation, remainingMs });
    changed = await changedAmong(asked, where, store, session, call);
    await pace.save();
  } catch (error: unknown) {
    if (!(error instanceof AwsFault)) throw error;
    warn(
      `Account ${where.accountId} could not be looked at again after its batches (${codeOf(error)}: ${error.message}): ` +
        'decisions that principals share are asked again in the next run.',
    );
  }
  return { changed, calls: session?.calls.work(pace?.waits()) ?? {} };
}

/** Fingerprints of the inventory, by ARN. */
async function askedPrincipals(store: ObjectStore, { runId, accountId }: Where): Promise<Map<string, string>> {
  const asked = new Map<string, string>();
  for await (const text of store.readLines(objects.inventory(runId, accountId))) {
    const { arn, source, fingerprint } = v.parse(Listed, JSON.parse(text));
    if (source === 'asked') asked.set(arn, fingerprint);
  }
  return asked;
}

async function changedAmong(
  asked: ReadonlyMap<string, string>,
  { runId, accountId }: Where,
  store: ObjectStore,
  { iam }: AccountSession,
  call: InventoryCall,
): Promise<ChangedPrincipals> {
  const { serviceControl } = await accountInOrganization(store, runId, accountId);
  const policies = await readSharedPolicies(iam, call, serviceControl);
  const changed = new Map<string, { readonly group: string | null } | 'gone'>();
  for (const arn of asked.keys()) changed.set(arn, 'gone');
  for await (const principal of readPrincipals(iam, call)) {
    const { detail } = principal;
    const then = asked.get(detail.arn);
    if (then === undefined) continue;
    const identity = identityOf(accountId, principal);
    if ((await policies.fingerprint(identity, detail)) === then) {
      changed.delete(detail.arn);
      continue;
    }
    const { group } = await policies.describe(identity, detail);
    changed.set(detail.arn, { group });
  }
  return changed;
}
