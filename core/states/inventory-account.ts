import { AwsFault } from '../ports/aws-fault.ts';
import type { InventoryLine, WorklistLine } from '../contract/account-objects.ts';
import type { Credentials } from '../contract/evidence.ts';
import type { InventoryAccountInput, InventoryAccountOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { AccountSession } from '../ports/iam.ts';
import { PaceKeeper } from '../pacing/pace-keeper.ts';
import { assertClaimHeld } from '../run/claim.ts';
import { invocationUse } from '../cost/invocation-use.ts';
import { accountInOrganization } from '../organization/account-in-organization.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { writeSideBySide } from '../objects/write-concurrently.ts';
import type { AccountPolicies } from '../inventory/account-policies.ts';
import { accountCredentials, userCredentials } from '../inventory/account-credentials.ts';
import { planBatches } from '../inventory/plan-batches.ts';
import { Carrying } from '../reuse/carrying.ts';
import { GroupedWorklist } from '../inventory/grouped-worklist.ts';
import { roleActivity, userActivity, type LastActivity } from '../reuse/last-activity.ts';
import { principalTraits } from '../inventory/principal-traits.ts';
import { principalScope } from '../policies/principal-patterns.ts';
import {
  codeOf,
  identityOf,
  inventoryCalls,
  readCredentials,
  readSharedPolicies,
  readPrincipals,
  type CredentialAnswer,
  type InventoryCall,
  type ListedPrincipal,
} from '../inventory/read-account.ts';

/**
 * Reads an account and plans its audit: writes the inventory, what must be asked and what is carried over, and cuts
 * the work into batches. A fault of AWS is an answer, not an exception: the account is FAILED with it.
 * @throws RunSuperseded, StoreError
 */
export async function inventoryAccount(
  input: InventoryAccountInput,
  services: Services,
  invocation: Invocation,
): Promise<InventoryAccountOutput> {
  const { store, clock, access } = services;
  const startedAt = clock.now();
  await assertClaimHeld(store, input.runId);
  let session: AccountSession | null = null;
  let pace: PaceKeeper | null = null;
  let found: Omit<InventoryAccountOutput, 'calls' | 'use'>;
  try {
    session = await access.open(input.accountId, invocation.remainingMs());
    pace = await PaceKeeper.open(services, input);
    found = await writeInventory(input, services, session, pace, inventoryCalls(pace, clock, invocation));
  } catch (error: unknown) {
    if (!(error instanceof AwsFault)) throw error;
    found = { principals: 0, batches: [], error: { code: codeOf(error), message: error.message } };
  }
  const output: InventoryAccountOutput = {
    ...found,
    calls: session?.calls.work(pace?.waits()) ?? {},
    // What follows is one object more.
    use: invocationUse(invocation, clock.now() - startedAt, { puts: 1 }),
  };
  // For whoever summarises an account whose execution broke off: its calls were made, its batches are there.
  await store.write(objects.inventoried(input.runId, input.accountId), `${JSON.stringify(output, null, 2)}\n`);
  return output;
}

async function writeInventory(
  input: InventoryAccountInput,
  services: Services,
  session: AccountSession,
  pace: PaceKeeper,
  call: InventoryCall,
): Promise<Pick<InventoryAccountOutput, 'principals' | 'batches' | 'credentials'>> {
  const { store, clock } = services;
  const { runId, accountId } = input;
  const { organizationAccounts, serviceControl } = await accountInOrganization(store, runId, accountId);
  const policies = await readSharedPolicies(session.iam, call, serviceControl);
  const credentials = await readCredentials(session.iam, call, pace, clock);
  const ofAccount = accountCredentials(credentials, clock.now());
  const carrying = await Carrying.open(input, services);

  const lineBytes: number[] = [];
  let principals = 0;
  let parts = 0;
  await writeSideBySide(
    store,
    [objects.inventory(runId, accountId), objects.worklist(runId, accountId), objects.policies(runId, accountId)],
    async (inventory, worklist, held) => {
      const inScope = principalScope(input.request.principals);
      const grouped = new GroupedWorklist((text) => worklist.push(text));
      const seen = new Set<string>();
      const written = new Set<string>();
      for await (const principal of readPrincipals(session.iam, call)) {
        // A listing that changes while it is read may show one twice.
        if (!inScope(principal.detail.arn) || seen.has(principal.detail.arn)) continue;
        seen.add(principal.detail.arn);
        principals += 1;
        const { line, work, lasting } = await describe(principal, {
          accountId,
          policies,
          credentials,
          organizationAccounts,
        });
        const activity = activityOf(principal, line.credentials);
        const { asks, refreshOn, signIn } = carrying.asks({ ...line, group: work.group, lasting, activity });
        const source = asks.length === 0 ? 'carried' : 'asked';
        await inventory.push(JSON.stringify({ ...line, refreshOn, signIn, source } satisfies InventoryLine));
        for (const own of policies.lines(principal.detail, written)) await held.push(JSON.stringify(own));
        if (asks.length === 0) continue;
        parts += asks.length;
        await grouped.add({ ...work, asks });
      }
      await grouped.flush();
      lineBytes.push(...grouped.lineBytes);
      // Before the objects appear: of two invocations that overlap, the one whose pace was overwritten gives way.
      await pace.save();
    },
  );
  await store.writeLines(objects.carried(runId, accountId), carrying.lines());
  services.onProgress?.({ kind: 'inventoried', parts });
  const batches = planBatches(
    { lineBytes },
    {
      principalsPerBatch: services.settings.principalsPerBatch,
      spreadMs: input.request.sliceMinutes * 60_000,
      // As planned, not as it came: who is late catches up, and the run keeps its window.
      startAt: Date.parse(input.startAt),
    },
  );
  return { principals, batches, credentials: ofAccount };
}

/** What a principal is described against. */
interface AccountToday {
  readonly accountId: string;
  readonly policies: AccountPolicies;
  readonly credentials: CredentialAnswer;
  readonly organizationAccounts: ReadonlySet<string> | null;
}

async function describe(
  principal: ListedPrincipal,
  { accountId, policies, credentials, organizationAccounts }: AccountToday,
): Promise<{
  line: Omit<InventoryLine, 'source' | 'refreshOn' | 'signIn'>;
  work: Omit<WorklistLine, 'asks'>;
  lasting: boolean;
}> {
  const { type, detail } = principal;
  const identity = identityOf(accountId, principal);
  const { fingerprint, group, lasting, actions, ruledOut, narrower, unaskable } = await policies.describe(
    identity,
    detail,
  );
  const { traits, problems } = principalTraits(identity, principal, organizationAccounts);
  const own = type === 'user' ? userCredentials(identity, credentials) : { credentials: null, problems: [] };
  return {
    line: {
      ...identity,
      ...traits,
      fingerprint,
      credentials: own.credentials,
      problems: [...problems, ...own.problems],
    },
    work: { arn: detail.arn, type, actions, ruledOut, narrower, unaskable, group },
    lasting,
  };
}

const activityOf = (principal: ListedPrincipal, credentials: Credentials | null): LastActivity =>
  principal.type === 'user' ? userActivity(credentials) : roleActivity(principal.detail.lastUsedAt);
