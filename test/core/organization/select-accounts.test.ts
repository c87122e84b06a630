import type { Organization, OrganizationAccount } from '../../../core/contract/organization.ts';
import { OrganizationNotListed, selectAccounts } from '../../../core/organization/select-accounts.ts';
import type { OrganizationScope } from '../../../core/ports/services.ts';

const [A, B, C, D] = ['100000000001', '100000000002', '100000000003', '100000000004'] as const;
const ROOT = 'r-ab12';
const PROD = 'ou-ab12-11111111';
const PAYMENTS = 'ou-ab12-22222222';
const units = (...ids: string[]) => [ROOT, ...ids].map((id) => ({ id, name: `name of ${id}` }));
const account = (accountId: string, fields: Partial<OrganizationAccount> = {}): OrganizationAccount => ({
  ...{
    accountId,
    name: null,
    state: 'ACTIVE',
    units: units(),
    serviceControlPolicies: null,
    resourceControlPolicies: null,
  },
  ...fields,
});

const organization = (accounts: OrganizationAccount[] | null, fields: Partial<Organization> = {}): Organization => ({
  schemaVersion: 1,
  readAt: '2026-11-23T04:00:00Z',
  membership: 'member',
  organizationId: 'o-one',
  managementAccountId: A,
  accounts,
  problems: [],
  ...fields,
});
const usual = [account(A), account(B, { units: units(PROD) }), account(C, { units: units(PROD, PAYMENTS) })];
const none = { include: [], exclude: [] };

function select(
  accounts: OrganizationAccount[],
  wanted: Partial<OrganizationScope>,
  configured: Partial<OrganizationScope> = {},
) {
  const warnings: string[] = [];
  const requested = {
    kind: 'organization',
    configured: { ...none, ...configured },
    wanted: { ...none, ...wanted },
  } as const;
  const selected = selectAccounts(requested, organization(accounts), (warning) => warnings.push(warning));
  return { ids: selected.accounts.map(({ accountId }) => accountId), skipped: selected.skipped, warnings };
}

test.each<[string, Partial<OrganizationScope>, Partial<OrganizationScope>, string[]]>([
  ['all', {}, {}, [A, B, C]],
  ['a unit contains the units below it', { include: [PROD] }, {}, [B, C]],
  ['a unit and an account', { include: [PAYMENTS, A] }, {}, [A, C]],
  ['the root', { include: [ROOT] }, {}, [A, B, C]],
  ['all but one account', { exclude: [B] }, {}, [A, C]],
  ['exclude is stronger than include', { include: [PROD], exclude: [PAYMENTS] }, {}, [B]],
  ['an account is excluded although it is included', { include: [B, C], exclude: [B] }, {}, [C]],
  ['the limits of the settings apply to the input', { include: [PROD] }, { exclude: [PAYMENTS] }, [B]],
  ['the input cannot include what the settings do not', { include: [A, C] }, { include: [PROD] }, [C]],
])('%s', (_name, wanted, configured, expected) => {
  expect(select(usual, wanted, configured)).toEqual({ ids: expected, skipped: [], warnings: [] });
});

test.each(['SUSPENDED', 'CLOSED', 'PENDING_CLOSURE', 'PENDING_ACTIVATION'])(
  'an account in state %s is skipped and named',
  (state) => {
    const { ids, skipped } = select([...usual, account(D, { state, name: 'old', units: units(PROD) })], {});
    expect(ids).toEqual([A, B, C]);
    expect(skipped).toMatchObject([
      { accountId: D, name: 'old', path: `name of ${ROOT}/name of ${PROD}`, reason: { code: state } },
    ]);
  },
);

test('an account without a state is audited: the audit shows whether this is possible', () => {
  expect(select([account(A, { state: 'UNKNOWN' })], {}).ids).toEqual([A]);
});

test('an excluded account is not named, whatever its state', () => {
  expect(select([...usual, account(D, { state: 'SUSPENDED' })], { exclude: [D] }).skipped).toEqual([]);
});

describe('an account whose units are not known', () => {
  const accounts = [...usual, account(D, { units: null })];
  test.each<[Partial<OrganizationScope>, string[], string[]]>([
    [{}, [A, B, C, D], []],
    [{ exclude: [PAYMENTS] }, [A, B], [D]],
    [{ include: [PROD] }, [B, C], [D]],
    [{ include: [A] }, [A], []],
    [{ exclude: [PAYMENTS, D] }, [A, B], []],
  ])('with the limits %j', (wanted, expected, unknown) => {
    const { ids, skipped } = select(accounts, wanted);
    expect(ids).toEqual(expected);
    expect(skipped.map(({ accountId, reason }) => [accountId, reason.code])).toEqual(
      unknown.map((id) => [id, 'UnknownUnit']),
    );
  });
});

test.each<[Partial<OrganizationScope>, string]>([
  [
    { include: [PROD, 'ou-ab12-33333333'] },
    'include: no account of the organization is ou-ab12-33333333, or is below it.',
  ],
  [{ exclude: [D] }, `exclude: no account of the organization is ${D}, or is below it.`],
  [{ include: [PROD], exclude: [PROD] }, 'include, exclude: no active account of the organization is left.'],
])('the input %j is refused: %s', (wanted, message) => {
  expect(() => select(usual, wanted)).toThrow(message);
});

test('if only inactive accounts are in the limits, they are named, because their IDs are right', () => {
  const accounts = [account(A), account(B, { state: 'SUSPENDED' }), account(C, { state: 'CLOSED' })];
  expect(() => select(accounts, { include: [B, C] })).toThrow(
    `include, exclude: no active account of the organization is left. Not audited: ${B} (SUSPENDED), ${C} (CLOSED).`,
  );
});

test('a setting that names an account that has left is a warning, because the other accounts must be audited', () => {
  const { ids, warnings } = select(usual, {}, { exclude: [D, B] });
  expect(ids).toEqual([A, C]);
  expect(warnings).toEqual([`The setting exclude: no account of the organization is ${D}, or is below it.`]);
});

test.each<[Partial<Organization>, string]>([
  [{ membership: 'none', organizationId: null }, 'this account is not in an organization'],
  [{ problems: [{ part: 'accounts', code: 'AccessDenied', message: 'Not you.' }] }, 'AccessDenied: Not you.'],
])('without the list of accounts, the error says why and what to do: %j', (fields, reason) => {
  const requested = { kind: 'organization', configured: none, wanted: none } as const;
  const selecting = () => selectAccounts(requested, organization(null, fields), () => undefined);
  expect(selecting).toThrow(OrganizationNotListed);
  expect(selecting).toThrow(reason);
  expect(selecting).toThrow('delegated administrator');
  expect(selecting).toThrow('--account-id');
});

test('named accounts need no list, but they must be in the limits of a deployment that audits the organization', () => {
  const requested = { kind: 'named', accountIds: [A, D], resumeFrom: null } as const;
  const inOrder = selectAccounts({ ...requested, within: null }, organization(null), () => undefined);
  expect(inOrder.accounts.map(({ accountId }) => accountId)).toEqual([A, D]);
  expect(() => selectAccounts({ ...requested, within: none }, organization(usual), () => undefined)).toThrow(
    `accounts: ${D} must be in the organization`,
  );
});
