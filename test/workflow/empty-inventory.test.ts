import { AwsFault } from '../../core/ports/aws-fault.ts';
import type { AccountAccess, IamReader } from '../../core/ports/iam.ts';
import { objects } from '../../core/contract/objects.ts';
import type { Finding } from '../../core/contract/finding.ts';
import { exitCodeOf } from '../../cli/run-outcome.ts';
import { summariseInWords } from '../../core/report/summary.ts';
import { auditableAccount, HUB, START, VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
let audit: VirtualAudit;
afterEach(() => audit.close());

/** Replaces the principals of some pages of the inventory. */
function withPages(change: (page: number) => 'empty' | 'fault' | 'whole'): void {
  let pages = 0;
  audit.changeAccess = (access): AccountAccess => ({
    ownAccountId: () => access.ownAccountId(),
    organization: () => access.organization(),
    discard: (session) => {
      access.discard(session);
    },
    open: async (request) => {
      const session = await access.open(request);
      const iam: IamReader = new Proxy(session.iam, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          if (name !== 'authorizationPage') return (member as () => unknown).bind(target);
          return async (...args: Parameters<IamReader['authorizationPage']>) => {
            const page = await target.authorizationPage(...args);
            if (!args[0].includes('User')) return page;
            pages += 1;
            const how = change(pages);
            if (how === 'fault') throw new AwsFault('other', 'IncompleteResponse', 'There is no UserDetailList.');
            return how === 'whole' ? page : { ...page, users: [], roles: [], marker: null };
          };
        },
      });
      return { ...session, iam };
    },
  });
}

const findings = async (runId: string): Promise<Finding[]> => {
  const all: Finding[] = [];
  for await (const line of audit.store.readLines(objects.findings(runId))) all.push(JSON.parse(line) as Finding);
  return all;
};

async function secondDay(change: Parameters<typeof withPages>[0]) {
  audit = await VirtualAudit.start({ accounts: [auditableAccount(HUB, 9)] }, { refreshEveryDays: 30_000 });
  await audit.run({ accountIds: [HUB] });
  const before = await audit.lastRun();
  withPages(change);
  await audit.clock.sleep(START + DAY_MS - audit.clock.now());
  await audit.run({ accountIds: [HUB] });
  const after = await audit.lastRun();
  return { before, after, findings: await findings(after.runId), earlier: await findings(before.runId) };
}

test('an account that had principals and lists none, twice, is FAILED, and no finding is resolved', async () => {
  const { before, after, findings: now, earlier } = await secondDay(() => 'empty');
  expect(before).toMatchObject({ status: 'COMPLETE', principals: { total: 10 } });
  expect(after).toMatchObject({ status: 'FAILED', accounts: [{ error: { code: 'EmptyInventory' } }] });
  expect(after.accounts[0]?.error?.message).toContain('Earlier runs found 10 principals');
  expect(now.filter(({ state }) => state === 'resolved')).toEqual([]);
  expect(new Set(now.map(({ id }) => id))).toEqual(new Set(earlier.map(({ id }) => id)));
});

test('if the second list has the principals, the account is audited from it', async () => {
  const { after } = await secondDay((page) => (page === 1 ? 'empty' : 'whole'));
  expect(after).toMatchObject({ status: 'COMPLETE', principals: { total: 10 } });
});

test('a page without a list makes the account FAILED, and no finding is resolved', async () => {
  const { after, findings: now } = await secondDay(() => 'fault');
  expect(after).toMatchObject({ status: 'FAILED', accounts: [{ error: { code: 'IncompleteResponse' } }] });
  expect(now.filter(({ state }) => state === 'resolved')).toEqual([]);
});

test('a run whose patterns match no principal is PARTIAL and says so, and resolves nothing', async () => {
  audit = await VirtualAudit.start({ accounts: [auditableAccount(HUB, 9)] });
  await audit.run({ accountIds: [HUB] });
  await audit.run({ accountIds: [HUB], principals: ['arn:aws:iam::*:user/nobody'] });
  const run = await audit.lastRun();
  expect(run).toMatchObject({ status: 'PARTIAL', principals: { total: 0 }, findings: { resolved: 0 } });
  expect(summariseInWords(run).join('\n')).toContain(
    'No principal matches arn:aws:iam::*:user/nobody, so nothing was audited.',
  );
  expect(exitCodeOf(run)).toBe(3);
});
