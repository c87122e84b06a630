import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import { simulatePrincipal } from '../../local/emulated-aws/evaluation/simulate.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { auditableAccount, HUB, VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const SIMULATE = 'iam:SimulatePrincipalPolicy';

let audit: VirtualAudit | null = null;
afterEach(async () => {
  await audit?.close();
  audit = null;
});

/** Audits an account whose roles all have the same policy. @returns the number of simulations */
async function simulations(change: (account: EmulatedAccount) => void, behaviour = {}): Promise<number> {
  const account = auditableAccount(HUB, 45);
  account.users.clear();
  for (const role of account.roles.values()) {
    role.attachedPolicyArns = [];
    role.permissionsBoundaryArn = null;
    role.inlinePolicies = [
      { name: 'own', document: policy(allow('iam:*'), allow(['s3:*', 'kms:*'], 'arn:aws:s3:::bucket/*')) },
    ];
  }
  change(account);
  audit = await VirtualAudit.start({ accounts: [account], behaviour });
  await audit.run({ accountIds: [HUB] });
  const summary = await audit.lastRun();
  expect(summary).toMatchObject({ status: 'COMPLETE', principals: { total: account.roles.size } });
  for (const { arn, permissions } of await audit.records(summary, HUB)) {
    for (const { action, decision, resources } of permissions.decisions) {
      const truth = (resourceArns: readonly string[]) =>
        simulatePrincipal(account, arn, {
          actionNames: [action],
          resourceArns,
          contextEntries: [],
          now: audit!.clock.now(),
        })[0];
      expect([arn, action, decision]).toEqual([arn, action, truth([])?.decision]);
      for (const resource of resources) expect(resource.decision).toBe(truth([resource.arn])?.decision);
    }
  }
  return summary.calls[SIMULATE]!.sent;
}

test('roles with the same permissions are simulated once in each batch', async () => {
  // Two batches of at most twenty roles. Each batch sends at most two requests: one on `*`, which shows whether AWS
  // answers for `*` and the narrower resources can be joined, and one on the narrower resources.
  expect(await simulations(() => undefined)).toBeLessThanOrEqual(4);
});

test('roles whose policies differ only in resource names are simulated once, and each has decisions on its own resources', async () => {
  const sent = await simulations((account) => {
    for (const role of account.roles.values()) {
      const document = policy(
        allow('kms:*'),
        allow('s3:*', [`arn:aws:s3:::${role.name}`, `arn:aws:s3:::${role.name}/*`]),
      );
      role.inlinePolicies = [{ name: `own-${role.name}`, document }];
    }
  });
  expect(sent).toBeLessThanOrEqual(4);
});

test('roles are simulated one by one if their policy depends on the principal’s tags', async () => {
  const personal = policy(allow('iam:*', 'arn:aws:iam::*:user/${aws:PrincipalTag/team}'));
  const sent = await simulations((account) => {
    for (const role of account.roles.values()) role.inlinePolicies = [{ name: 'own', document: personal }];
  });
  expect(sent).toBeGreaterThanOrEqual(31);
});

test('in an organization, each role is simulated, because an SCP may exempt one of them', async () => {
  const sent = await simulations((account) => {
    const [spared] = [...account.roles.values()];
    account.serviceControlPolicies = [
      [
        policy(allow('*'), {
          Effect: 'Deny',
          Action: 'iam:*',
          Resource: '*',
          Condition: { ArnNotLike: { 'aws:PrincipalArn': spared!.arn } },
        }),
      ],
    ];
  });
  expect(sent).toBeGreaterThanOrEqual(31);
});
