import { objects } from '../../core/contract/objects.ts';
import type { PolicyLine } from '../../core/contract/policies.ts';
import type { Recommendation, RecommendationLine } from '../../core/contract/recommendation.ts';
import { catalogue } from '../../core/catalogue/catalogue.ts';
import type { EmulatedAccount, EmulatedRole, EmulatedUser } from '../../local/emulated-aws/account.ts';
import { simulatePrincipal } from '../../local/emulated-aws/evaluation/simulate.ts';
import { auditableAccount, HUB, START, VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

let audit: VirtualAudit | null = null;
afterEach(async () => {
  await audit?.close();
  audit = null;
});

async function lines<T>(run: VirtualAudit, key: string): Promise<T[]> {
  const found: T[] = [];
  for await (const line of run.store.readLines(key)) found.push(JSON.parse(line) as T);
  return found;
}

const allowed = (account: EmulatedAccount, arn: string): string[] =>
  simulatePrincipal(account, arn, {
    actionNames: catalogue.map(({ action }) => action),
    resourceArns: [],
    contextEntries: [],
    now: START,
  }).flatMap(({ action, decision }) => (decision === 'allowed' ? [action] : []));

test('policies of all principals in scope are stored, and a recommended policy grants less, never more', async () => {
  const account = auditableAccount(HUB, 80);
  audit = await VirtualAudit.start({ accounts: [account] });
  await audit.run({ accountIds: [HUB] });
  const { runId } = await audit.lastRun();

  const kept = await lines<PolicyLine>(audit, objects.policies(runId, HUB));
  const inventory = await lines<{ arn: string }>(audit, objects.inventory(runId, HUB));
  expect(kept.flatMap((line) => (line.kind === 'principal' ? [line.arn] : []))).toEqual(
    inventory.map(({ arn }) => arn),
  );

  const index = await lines<RecommendationLine>(audit, objects.recommendations(runId, HUB));
  expect(index.filter(({ problem }) => problem !== null)).toEqual([]);
  expect(index.length).toBeGreaterThan(10);
  let less = 0;
  for (const { principalArn, key } of index) {
    const { policy } = (await audit.json(key!)) as Recommendation;
    const before = allowed(account, principalArn);
    const principal: EmulatedUser | EmulatedRole = [...account.users.values(), ...account.roles.values()].find(
      ({ arn }) => arn === principalArn,
    )!;
    principal.inlinePolicies = [{ name: 'narrower', document: policy }];
    principal.attachedPolicyArns = [];
    if ('groupNames' in principal) principal.groupNames = [];
    const after = allowed(account, principalArn);
    expect(after.filter((action) => !before.includes(action))).toEqual([]);
    if (after.length < before.length) less += 1;
  }
  expect(less).toBeGreaterThan(5);
});
