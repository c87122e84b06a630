import { objects } from '../../../core/contract/objects.ts';
import type { OrganizationAccount, ServiceControl } from '../../../core/contract/organization.ts';
import {
  memberGroups,
  membersOf,
  readMemberGroup,
  writeMemberGroups,
} from '../../../core/organization/member-groups.ts';
import type { ObjectStore } from '../../../core/ports/store.ts';
import { seededRandom } from '../../../local/seeded-random.ts';

const random = seededRandom(5);
const FIRST = 111_122_223_333;
const idOf = (n: number): string => String(FIRST + n);
const control = (hash: string): ServiceControl => ({
  hash: hash.repeat(64),
  independent: { user: true, role: false },
  timeless: true,
});

const account = (accountId: string, serviceControlPolicies: ServiceControl | null): OrganizationAccount => ({
  accountId,
  name: accountId,
  state: 'ACTIVE',
  units: [{ id: 'r-exam', name: 'Root' }],
  serviceControlPolicies,
  resourceControlPolicies: [],
});
const numbered = (count: number): OrganizationAccount[] =>
  Array.from({ length: count }, (_, n) => account(idOf(n), control(n % 3 === 0 ? 'a' : 'b')));

/** A store that keeps objects in memory, and notes how many are being written. */
function memoryStore() {
  const texts = new Map<string, string>();
  const reads: string[] = [];
  const writes = { now: 0, most: 0 };
  const store = {
    write: async (key: string, text: string) => {
      writes.now += 1;
      writes.most = Math.max(writes.most, writes.now);
      await new Promise(setImmediate);
      writes.now -= 1;
      texts.set(key, text);
      return 'etag';
    },
    read: (key: string) => {
      reads.push(key);
      const text = texts.get(key);
      return Promise.resolve(text === undefined ? null : { text, etag: 'etag' });
    },
  } as unknown as ObjectStore;
  return { store, texts, reads, writes };
}

test('each account is found with its service control, and other accounts are not', async () => {
  const accounts = [...numbered(500), account(idOf(500), null)];
  const { store } = memoryStore();
  const groups = await writeMemberGroups(store, 'run', { accounts });
  const members = membersOf(groups!, (n) => readMemberGroup(store, 'run', n));
  for (const { accountId, serviceControlPolicies } of accounts) {
    expect(await members.find(accountId)).toEqual(serviceControlPolicies);
  }
  expect(await members.find(idOf(501))).toBeUndefined();
  expect(await members.find('000000000000')).toBeUndefined();
});

test('a group is read once, and only if it is needed', async () => {
  const { store, reads } = memoryStore();
  const groups = await writeMemberGroups(store, 'run', { accounts: numbered(500) });
  const members = membersOf(groups!, (n) => readMemberGroup(store, 'run', n));
  await Promise.all([members.find(idOf(1)), members.find(idOf(1)), members.find(idOf(1 + groups!))]);
  expect(reads).toEqual([objects.memberGroup('run', (FIRST + 1) % groups!)]);
});

test('accounts with the same policies share an entry', () => {
  const [group] = memberGroups({ accounts: numbered(100) })!;
  expect(group?.serviceControl.map(({ hash }) => hash[0]).sort()).toEqual(['a', 'b']);
});

test.each<[string, (n: number) => string]>([
  ['in sequence', idOf],
  ['random', () => String(Math.floor(random() * 9e11) + 1e11)],
])('ten thousand accounts with IDs %s are 100 small objects, 16 of them written at the same time', async (_, id) => {
  const accounts = Array.from({ length: 10_000 }, (__, n) => account(id(n), control('a')));
  const { store, texts, writes } = memoryStore();
  expect(await writeMemberGroups(store, 'run', { accounts })).toBe(100);
  expect(texts.size).toBe(100);
  expect(writes.most).toBe(16);
  for (const text of texts.values()) expect(text.length).toBeLessThan(5_000);
});

test('an organization without known accounts has no groups, and one without accounts has an empty one', async () => {
  const { store, texts } = memoryStore();
  expect(await writeMemberGroups(store, 'run', { accounts: null })).toBeNull();
  expect(texts.size).toBe(0);
  expect(memberGroups({ accounts: [] })).toEqual([{ serviceControl: [], accounts: {} }]);
});

test('a missing group is an error, because its accounts would look like accounts of another organization', async () => {
  const { store } = memoryStore();
  const members = membersOf(2, (n) => readMemberGroup(store, 'run', n));
  await expect(members.find(idOf(0))).rejects.toThrow('There is no object runs/run/members/000001.json.');
});
