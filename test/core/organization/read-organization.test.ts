import { AwsFault } from '../../../core/ports/aws-fault.ts';
import type { Organization } from '../../../core/contract/organization.ts';
import type { EarlierOrganization } from '../../../core/organization/carry-organization.ts';
import type { OrganizationReader } from '../../../core/ports/organization-reader.ts';
import { readOrganization } from '../../../core/organization/read-organization.ts';

const MANAGEMENT = '100000000001';
const PROD = '100000000002';
const DEV = '100000000003';
const START = Date.parse('2026-11-23T04:00:00Z');

const policy = (...statements: Record<string, unknown>[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
const deny = (Action: string, Condition?: Record<string, unknown>) => ({
  Effect: 'Deny',
  Action,
  Resource: '*',
  ...(Condition === undefined ? {} : { Condition }),
});

interface World {
  /** Children of roots and units; a name of twelve digits is an account. */
  tree: Record<string, string[]>;
  scpsEnabled: boolean;
  documents: Record<string, string>;
  targets: Record<string, string[]>;
  accounts: string[];
  /** Targets by name of a resource control policy. Undefined: they are not enabled. */
  resourcePolicies?: Record<string, string[]>;
}

const world = (): World => ({
  tree: { root: [MANAGEMENT, 'prod', 'dev'], prod: [PROD], dev: [DEV] },
  scpsEnabled: true,
  documents: { full: policy(allow), noIam: policy(deny('iam:*')), unused: policy(deny('s3:*')) },
  targets: { full: ['root', 'prod', 'dev', MANAGEMENT, PROD, DEV], noIam: ['prod'], unused: [] },
  accounts: [MANAGEMENT, PROD, DEV],
});

const policyNamed = (id: string) => ({ id, name: id, isAwsManaged: id === 'full' });

const childrenOf = ({ tree }: World, parentId: string, kind: 'unit' | 'account'): string[] =>
  (tree[parentId] ?? []).filter((id) => /^\d{12}$/.test(id) === (kind === 'account'));

/** @param before called before each call; it may throw */
function readerOf(of: World, before: (operation: string) => void = () => undefined): OrganizationReader {
  const answer = <T>(operation: string, value: T): Promise<T> =>
    Promise.resolve().then(() => {
      before(operation);
      return value;
    });
  const all = <T>(operation: string, items: readonly T[], next: string | null) => {
    const from = Number(next ?? 0);
    const to = from + 20;
    return answer(operation, { items: items.slice(from, to), next: to < items.length ? String(to) : null });
  };
  return {
    describe: () => answer('DescribeOrganization', { organizationId: 'o-one', managementAccountId: MANAGEMENT }),
    accountsPage: (next) =>
      all(
        'ListAccounts',
        of.accounts.map((accountId) => ({ accountId, name: `name of ${accountId}`, state: 'ACTIVE' })),
        next,
      ),
    rootsPage: (next) =>
      all(
        'ListRoots',
        [
          {
            id: 'root',
            name: 'Root',
            enabled: [
              ...(of.scpsEnabled ? (['service'] as const) : []),
              ...(of.resourcePolicies === undefined ? [] : (['resource'] as const)),
            ],
          },
        ],
        next,
      ),
    unitsPage: (parentId, next) =>
      all(
        'ListOrganizationalUnitsForParent',
        childrenOf(of, parentId, 'unit').map((id) => ({ id, name: id.toUpperCase() })),
        next,
      ),
    childAccountsPage: (parentId, next) => all('ListChildren', childrenOf(of, parentId, 'account'), next),
    policiesPage: (kind, next) =>
      all(
        'ListPolicies',
        (kind === 'service' ? Object.keys(of.documents) : Object.keys(of.resourcePolicies ?? {})).map(policyNamed),
        next,
      ),
    policyDocument: (policyId) => answer('DescribePolicy', of.documents[policyId]!),
    targetsPage: (policyId, next) =>
      all('ListTargetsForPolicy', of.targets[policyId] ?? of.resourcePolicies?.[policyId] ?? [], next),
  };
}

async function read(
  reader: OrganizationReader,
  remainingMs = 900_000,
  before: () => Promise<EarlierOrganization | null> = () => Promise.resolve(null),
) {
  const clock = {
    at: START,
    now: () => clock.at,
    sleep: (ms: number) => {
      clock.at += ms;
      return Promise.resolve();
    },
  };
  const warnings: string[] = [];
  const timing = { clock, random: () => 0.5, remainingMs: () => START + remainingMs - clock.at };
  const { organization, waits } = await readOrganization(reader, timing, (text) => warnings.push(text), before);
  return { organization, waits, warnings, tookMs: clock.at - START };
}

const hashOf = ({ accounts }: Organization, accountId: string): string | undefined =>
  accounts?.find((account) => account.accountId === accountId)?.serviceControlPolicies?.hash;
const hashes = async (change: (of: World) => void): Promise<(string | undefined)[]> => {
  const of = world();
  change(of);
  const { organization } = await read(readerOf(of));
  return [MANAGEMENT, PROD, DEV].map((accountId) => hashOf(organization, accountId));
};

test('the number of SCPs that are attached to each root and unit itself is known, if SCPs can be read', async () => {
  const of = world();
  expect((await read(readerOf(of))).organization.attachedPolicies).toEqual({ root: 1, prod: 2, dev: 1 });
  const denied = readerOf(of, (operation) => {
    if (operation === 'ListTargetsForPolicy') throw new AwsFault('denied', 'AccessDenied', 'no');
  });
  expect((await read(denied)).organization.attachedPolicies).toBeUndefined();
});

test('each account has its name and its place, from the root down to its unit', async () => {
  const of = world();
  of.tree = { root: [MANAGEMENT, 'prod'], prod: [PROD, 'inner'], inner: [DEV] };
  const { organization } = await read(readerOf(of));
  const root = { id: 'root', name: 'Root' };
  const prod = { id: 'prod', name: 'PROD' };
  expect(organization.accounts).toMatchObject([
    { accountId: MANAGEMENT, name: `name of ${MANAGEMENT}`, units: [root] },
    { accountId: PROD, units: [root, prod] },
    { accountId: DEV, units: [root, prod, { id: 'inner', name: 'INNER' }] },
  ]);
});

test('the resource control policies that apply to each account are named, without AWS’s own', async () => {
  const of = world();
  of.resourcePolicies = { full: ['root'], perimeter: ['prod'], 'only dev': [DEV], unused: [] };
  const named = async () => (await read(readerOf(of))).organization.accounts?.map((one) => one.resourceControlPolicies);
  expect(await named()).toEqual([[], ['perimeter'], ['only dev']]);
  delete of.resourcePolicies;
  expect(await named()).toEqual([[], [], []]);
});

test('accounts with different SCPs have different hashes, and no SCP applies to the management account', async () => {
  const [management, prod, dev] = await hashes(() => undefined);
  expect(management).toBe('none');
  expect(prod).toMatch(/^[0-9a-f]{64}$/);
  expect(dev).toMatch(/^[0-9a-f]{64}$/);
  expect(prod).not.toBe(dev);
});

test.each<[string, boolean, boolean, (of: World) => void]>([
  ['a policy of its unit changes', true, false, (of) => (of.documents.noIam = policy(deny('ec2:*')))],
  ['a policy of the root changes', true, true, (of) => (of.documents.full = policy(allow, deny('s3:*')))],
  ['a policy is attached to the account', true, false, (of) => of.targets.unused!.push(PROD)],
  ['a policy is detached from its unit', true, false, (of) => (of.targets.noIam = [])],
  ['a policy moves to another level', true, false, (of) => (of.targets.noIam = [PROD])],
  ['the account moves to another unit', true, false, (of) => Object.assign(of.tree, { prod: [], dev: [DEV, PROD] })],
  ['SCPs are disabled', true, true, (of) => (of.scpsEnabled = false)],
  ['a policy that is attached to nothing changes', false, false, (of) => (of.documents.unused = policy(deny('x:*')))],
  [
    'a second policy with the same content is attached',
    false,
    false,
    (of) => {
      of.documents.again = of.documents.noIam!;
      of.targets.again = ['prod'];
    },
  ],
  [
    'policies are listed in another order',
    false,
    false,
    (of) => {
      of.documents = Object.fromEntries(Object.entries(of.documents).reverse());
    },
  ],
])('%s: hash of prod changes: %s, of dev: %s', async (_, prod, dev, change) => {
  const before = await hashes(() => undefined);
  const after = await hashes(change);
  expect([after[1] !== before[1], after[2] !== before[2], after[0]]).toEqual([prod, dev, 'none']);
});

test('the result shows whether SCPs depend on the principal or the time', async () => {
  const of = world();
  of.documents.noIam = policy(deny('iam:*', { StringNotEquals: { 'aws:PrincipalTag/team': 'security' } }));
  of.documents.unused = policy(deny('s3:*', { DateGreaterThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } }));
  of.targets.unused = [DEV];
  const { organization } = await read(readerOf(of));
  expect(organization.accounts).toMatchObject([
    { accountId: MANAGEMENT, serviceControlPolicies: { independent: { user: true, role: true }, timeless: true } },
    { accountId: PROD, serviceControlPolicies: { independent: { user: false, role: false }, timeless: true } },
    { accountId: DEV, serviceControlPolicies: { timeless: false } },
  ]);
});

describe('after a fault, the part is unknown, with the reason and a warning', () => {
  test.each<[string, string, Partial<Organization>, boolean]>([
    ['DescribeOrganization', 'organization', { membership: 'unknown', organizationId: null, accounts: null }, false],
    ['ListAccounts', 'accounts', { membership: 'member', organizationId: 'o-one', accounts: null }, false],
    ['ListRoots', 'units', { membership: 'member' }, true],
    ['ListPolicies', 'serviceControlPolicies', { membership: 'member' }, true],
    ['ListTargetsForPolicy', 'serviceControlPolicies', { membership: 'member' }, true],
    ['DescribePolicy', 'serviceControlPolicies', { membership: 'member' }, true],
    ['ListChildren', 'units', { membership: 'member' }, true],
    ['ListOrganizationalUnitsForParent', 'units', { membership: 'member' }, true],
  ])('%s denied: %s', async (operation, part, expected, accountsKnown) => {
    const reader = readerOf(world(), (called) => {
      if (called === operation) throw new AwsFault('denied', 'AccessDenied', 'Not you.');
    });
    const { organization, warnings } = await read(reader);
    expect(organization).toMatchObject({
      ...expected,
      problems: [{ part, code: 'AccessDenied', message: 'Not you.' }],
    });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`${part}: AccessDenied: Not you.`);
    expect(organization.accounts?.map(({ accountId }) => accountId)).toEqual(
      accountsKnown ? [MANAGEMENT, PROD, DEV] : undefined,
    );
    // No SCP ever applies to the management account, so its value needs no call.
    if (accountsKnown)
      expect([MANAGEMENT, PROD, DEV].map((id) => hashOf(organization, id))).toEqual(['none', undefined, undefined]);
  });

  test('an account joined while the tree was read', async () => {
    const of = world();
    of.accounts.push('100000000004');
    const { organization, warnings } = await read(readerOf(of));
    expect(organization.problems).toMatchObject([{ part: 'units', code: 'NotInTree' }]);
    expect([hashOf(organization, PROD) !== undefined, hashOf(organization, '100000000004')]).toEqual([true, undefined]);
    expect(warnings[0]).toContain('100000000004');
  });

  test('data from the last run is used instead, and the warning names that run', async () => {
    const { organization: known } = await read(readerOf(world()));
    const denied = readerOf(world(), (called) => {
      if (called === 'ListPolicies') throw new AwsFault('denied', 'AccessDenied', 'Not you.');
    });
    const { organization, warnings } = await read(denied, 900_000, () =>
      Promise.resolve({ runId: 'the-last', organization: known }),
    );
    expect(organization.accounts).toEqual(known.accounts);
    expect(organization.problems).toMatchObject([{ part: 'serviceControlPolicies', code: 'AccessDenied' }]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`from run the-last, read at ${known.readAt}`);
  });

  test('if everything can be read, the last run’s data is not read', async () => {
    const before = jest.fn(() => Promise.resolve(null));
    await read(readerOf(world()), 900_000, before);
    expect(before).not.toHaveBeenCalled();
  });

  test('an error that is not an AWS fault is thrown', async () => {
    const broken = readerOf(world(), () => {
      throw new TypeError('A programming error.');
    });
    await expect(read(broken)).rejects.toThrow(TypeError);
  });
});

test('an account without an organization is a valid result', async () => {
  const reader = { ...readerOf(world()), describe: () => Promise.resolve(null) };
  const { organization, warnings } = await read(reader);
  expect(organization).toMatchObject({ membership: 'none', organizationId: null, accounts: null, problems: [] });
  expect(warnings).toEqual([]);
});

test('an operation is called at most four times a second, and different operations do not wait for each other', async () => {
  const of = world();
  of.documents = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`p-${n}`, policy(allow)]));
  of.targets = Object.fromEntries(Object.keys(of.documents).map((id) => [id, ['root']]));
  const { tookMs, waits } = await read(readerOf(of));
  expect(tookMs).toBeGreaterThanOrEqual(19 * 250);
  expect(tookMs).toBeLessThan(19 * 250 + 6 * 250 + 1);
  expect(waits.get('organizations:DescribeOrganization')).toBeUndefined();
});

test('ten thousand accounts in two hundred units are read in less than ten minutes', async () => {
  const of = world();
  of.accounts = [MANAGEMENT, ...Array.from({ length: 9_999 }, (_, n) => String(200_000_000_000 + n))];
  const units = Array.from({ length: 200 }, (_, n) => `unit-${n}`);
  of.tree = { root: [MANAGEMENT, ...units] };
  of.accounts.slice(1).forEach((accountId, n) => (of.tree[units[n % 200]!] ??= []).push(accountId));
  of.targets = { full: ['root', ...units, ...of.accounts], noIam: units };
  const { organization, tookMs } = await read(readerOf(of));
  expect([organization.problems, organization.accounts?.length]).toEqual([[], 10_000]);
  expect(tookMs).toBeLessThan(600_000);
});

describe('a throttled call', () => {
  const throttle = (times: number) => {
    let left = times;
    return readerOf(world(), (operation) => {
      if (operation !== 'ListRoots' || left === 0) return;
      left -= 1;
      throw new AwsFault('throttled', 'TooManyRequests', 'Too many.');
    });
  };

  test('is repeated after increasing pauses', async () => {
    const { organization, waits } = await read(throttle(7));
    expect(organization.problems).toEqual([]);
    // Half of each maximum: 1, 2, 4, 8, 16, 20 and 20 seconds.
    expect(waits.get('organizations:ListRoots')).toBe(35_500);
  });

  test('fails after eight attempts', async () => {
    const { organization } = await read(throttle(8));
    expect(organization.problems).toMatchObject([{ part: 'units', code: 'TooManyRequests' }]);
  });

  test('leaves the time that planning needs', async () => {
    const { organization, tookMs } = await read(throttle(8), 70_000);
    expect(organization.problems).toMatchObject([{ part: 'units', code: 'OutOfTime' }]);
    expect(tookMs).toBeLessThanOrEqual(10_000);
  });
});
