import type { InventoryLine, PartKind, WorklistLine } from '../contract/account-objects.ts';
import type { InventoryAccountInput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { OpenAccount } from '../inventory/account-session.ts';
import { describePrincipal, type AccountContext } from '../inventory/describe-principal.ts';
import { GroupedWorklist } from '../inventory/grouped-worklist.ts';
import { readPrincipals, type ListedPrincipal, type OnUnreadable } from '../inventory/read-account.ts';
import { writeConcurrently } from '../objects/write-concurrently.ts';
import { principalScope } from '../policies/principal-patterns.ts';
import { AwsFault } from '../ports/aws-fault.ts';
import type { UnreadableEntity } from '../ports/iam.ts';
import type { ObjectStore } from '../ports/store.ts';
import type { CarriedParts } from './carried-parts.ts';
import { activityOf } from './last-activity.ts';
import type { ShownUses } from './proven-idle.ts';

/** A principal of the inventory, and what decides when AWS is asked about it. */
export interface PlannedPrincipal extends ShownUses {
  readonly line: InventoryLine;
  /** `asks` is empty if all its evidence is carried. */
  readonly work: WorklistLine;
  /** False if decisions depend on the time of the request. */
  readonly lasting: boolean;
  /** The latest use in the last report, milliseconds since the epoch. Null: there is no report, or it has no use. */
  readonly reportedUse: number | null;
}

export interface WrittenInventory {
  readonly principals: number;
  /** How many parts of evidence must be asked for. */
  readonly parts: Readonly<Record<PartKind, number>>;
  /** The users and roles that can't be read. */
  readonly unreadable: readonly UnreadableEntity[];
  /** Bytes of each line of the worklist, in order. */
  readonly lineBytes: readonly number[];
}

/**
 * Writes `inventory.jsonl`, `worklist.jsonl` and `policies.jsonl` in one pass over the account's principals. Decides
 * for each principal which parts of its evidence are carried and which are asked for.
 * @param onPlanned called for each principal
 * @throws AwsFault, StoreError, PreconditionFailed if another invocation wrote the pace
 */
export async function writeInventory(
  { runId, accountId, request }: InventoryAccountInput,
  open: OpenAccount,
  account: AccountContext,
  carriedParts: CarriedParts,
  store: ObjectStore,
  onPlanned?: (principal: PlannedPrincipal) => void,
): Promise<WrittenInventory> {
  const keys = [
    objects.inventory(runId, accountId),
    objects.worklist(runId, accountId),
    objects.policies(runId, accountId),
  ] as const;
  return writeConcurrently(store, keys, async (inventory, worklist, policies) => {
    const grouped = new GroupedWorklist((text) => worklist.push(text));
    const writtenPolicies = new Set<string>();
    for (const policy of account.policies.accountLines(writtenPolicies)) await policies.push(JSON.stringify(policy));
    let principals = 0;
    const parts: Record<PartKind, number> = { lastAccessed: 0, permissions: 0 };
    const unreadable: UnreadableEntity[] = [];
    const listed = principalsInScope(open, request.principals, carriedParts.earlierPrincipals, unreadable);
    for await (const principal of listed) {
      principals += 1;
      const { line, work, lasting, mayChangeUnseen } = await describePrincipal(principal, account);
      const activity = activityOf(principal, line.credentials);
      const { group } = work;
      const { asks, reportedUse, ...planned } = carriedParts.plan({
        ...line,
        group,
        lasting,
        activity,
        mayChangeUnseen,
      });
      const source = asks.length === 0 ? 'carried' : 'asked';
      const inventoryLine: InventoryLine = { ...line, ...planned, source };
      onPlanned?.({ line: inventoryLine, work: { ...work, asks }, activity, reportedUse, lasting, mayChangeUnseen });
      await inventory.push(JSON.stringify(inventoryLine));
      for (const policy of account.policies.lines(principal.detail, writtenPolicies)) {
        await policies.push(JSON.stringify(policy));
      }
      if (asks.length === 0) continue;
      for (const part of asks) parts[part] += 1;
      await grouped.add({ ...work, asks });
    }
    await grouped.flush();
    // Saved before the objects appear. If two invocations overlap, the one that did not write the pace last stops here.
    await open.pace.save();
    return { principals, parts, unreadable, lineBytes: grouped.lineBytes };
  });
}

/**
 * Each principal that matches a pattern, once: IAM may list one twice if the account changes while it is listed.
 * @param earlier number of the principals that earlier runs found in the account
 * @param unreadable gets those that can't be read, unless their ARN says that they match no pattern
 */
async function* principalsInScope(
  open: OpenAccount,
  patterns: readonly string[] | null,
  earlier: number,
  unreadable: UnreadableEntity[],
): AsyncGenerator<ListedPrincipal> {
  const isInScope = principalScope(patterns);
  const seen = new Set<string>();
  const onUnreadable = (entity: UnreadableEntity): void => {
    if (entity.arn === null || isInScope(entity.arn)) unreadable.push(entity);
  };
  for await (const principal of somePrincipals(open, earlier, onUnreadable)) {
    const { arn } = principal.detail;
    if (!isInScope(arn) || seen.has(arn)) continue;
    seen.add(arn);
    yield principal;
  }
}

/**
 * The principals of the account. If there were some and there are none now, reads a second time: every account has the
 * service-linked roles of AWS, so an empty list is more likely a wrong answer, and it would resolve all findings.
 * @throws AwsFault if the second list is empty too
 */
async function* somePrincipals(
  { iam, call }: OpenAccount,
  earlier: number,
  onUnreadable: OnUnreadable,
): AsyncGenerator<ListedPrincipal> {
  for (let readings = 0; readings < 2; readings += 1) {
    let isEmpty = true;
    for await (const principal of readPrincipals(iam, call, onUnreadable)) {
      isEmpty = false;
      yield principal;
    }
    if (!isEmpty || earlier === 0) return;
  }
  throw new AwsFault(
    'other',
    'EmptyInventory',
    `AWS listed no user and no role, twice. Earlier runs found ${earlier} principals in this account, so nothing is known about them today.`,
  );
}
