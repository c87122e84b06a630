import type { RunSummary } from '../../core/contract/run.ts';
import type { EmulatedAccount, EmulatedRole, EmulatedUser } from '../../local/emulated-aws/account.ts';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { auditableAccount, HUB, START, VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(120_000);

const DAY_MS = 86_400_000;
const at = (day: number): number => START + day * DAY_MS;

let audit: VirtualAudit | null = null;
afterEach(async () => {
  await audit?.close();
  audit = null;
});

/** No principal was ever active. Every principal has one policy, which allows no use of unlisted credentials. */
function silentAccount(principals: number): { account: EmulatedAccount; users: EmulatedUser[]; roles: EmulatedRole[] } {
  const account = auditableAccount(HUB, principals);
  const users = [...account.users.values()].filter(({ name }) => name !== OPERATOR);
  const roles = [...account.roles.values()].filter(({ name }) => name !== AUDIT_ROLE);
  for (const one of [...users, ...roles]) {
    one.activity.clear();
    one.attachedPolicyArns = [];
    one.permissionsBoundaryArn = null;
    one.inlinePolicies = [{ name: 'own', document: policy(allow(['s3:GetObject', 'iam:PassRole', 'ec2:*'])) }];
  }
  for (const role of roles) role.lastUsed = null;
  for (const user of users) {
    user.groupNames = [];
    user.password = { lastUsed: null, lastChanged: at(-90) };
    user.accessKeys = [{ active: true, lastRotated: at(-90), lastUsed: null }];
  }
  return { account, users, roles };
}

type Principal = EmulatedUser | EmulatedRole;

/** The report of the principal shows a use of the service. @param day counted from the first run */
function reportShows({ activity }: Principal, day: number, namespace = 's3'): void {
  activity.set(namespace, { lastAuthenticated: at(day), region: 'eu-west-1', actions: new Map() });
}
const roleIsUsed = (role: EmulatedRole, day: number): void => {
  role.lastUsed = { at: at(day), region: 'eu-west-1' };
};
const keyIsUsed = (user: EmulatedUser, day: number): void => {
  user.accessKeys[0]!.lastUsed = { at: at(day), region: 'eu-west-1', service: 's3' };
};

/** For each principal, the days on which each part was found. */
interface FoundOn {
  readonly lastAccessed: number[];
  readonly permissions: number[];
}

/** Runs on each day from 0 on. @param before called before the run of each day except the first */
async function dailyRuns(
  run: VirtualAudit,
  days: number,
  before: (day: number) => void = () => undefined,
  from = 0,
): Promise<Map<string, FoundOn>> {
  const found = new Map<string, FoundOn>();
  for (let day = from; day <= days; day += 1) {
    await run.clock.sleep(at(day) - run.clock.now());
    if (day > 0) before(day);
    await run.run({ accountIds: [HUB] });
    const summary: RunSummary = await run.lastRun();
    expect(summary.status).toBe('COMPLETE');
    for (const { arn, lastAccessed, permissions } of await run.records(summary, HUB)) {
      const foundOn = found.get(arn) ?? { lastAccessed: [], permissions: [] };
      if (lastAccessed.carriedFrom === null) foundOn.lastAccessed.push(day);
      if (permissions.carriedFrom === null) foundOn.permissions.push(day);
      found.set(arn, foundOn);
    }
  }
  return found;
}

async function start(
  account: EmulatedAccount,
  isAllowed: (operation: string) => boolean = () => true,
  settings: Parameters<typeof VirtualAudit.start>[1] = {},
) {
  audit = await VirtualAudit.start(
    { accounts: [account], authorize: (_, operation) => isAllowed(operation) },
    settings,
  );
  return audit;
}

const gaps = (days: readonly number[]): number[] => days.slice(1).map((day, index) => day - days[index]!);
const reports = (found: ReadonlyMap<string, FoundOn>, { arn }: Principal): number[] => found.get(arn)!.lastAccessed;

// Short periods, so that a test needs few runs.
const shortPeriods = { refreshEveryDays: 3, refreshIdleEveryDays: 10 };

test('silent principals are refreshed once in the longer period, spread evenly; active ones within the shorter one', async () => {
  const { account, users, roles } = silentAccount(36);
  const [daily, often, early, ...silentRoles] = roles;
  const [user, ...silentUsers] = users;
  const run = await start(account, () => true, shortPeriods);
  const found = await dailyRuns(run, 20, (day) => {
    const use = (principal: Principal): void => {
      if ('groupNames' in principal) keyIsUsed(principal, day - 0.3);
      else roleIsUsed(principal, day - 0.3);
      reportShows(principal, day - 0.3);
    };
    use(daily!);
    if (day % 3 === 0) use(often!);
    if (day % 2 === 0) use(user!);
    if (day === 3) use(early!);
  });
  expect(gaps(reports(found, daily!)).every((gap) => gap === 1)).toBe(true);
  for (const active of [often!, user!]) expect(Math.max(...gaps(reports(found, active)))).toBeLessThanOrEqual(3);
  // Asked on the day of the activity and after the margin, and then not before the longer period is over.
  expect(reports(found, early!).filter((day) => day >= 3)).toEqual([3, 4, 14]);
  const silent = [...silentRoles, ...silentUsers];
  for (const principal of silent) {
    const [first, second, third, ...more] = reports(found, principal);
    // The first refresh is earlier, so that the refreshes are spread over the period.
    expect([first, second! >= 1 && second! <= 10, third! - second!, more]).toEqual([0, true, 10, []]);
  }
  const perDay = Array.from(
    { length: 10 },
    (_, n) => silent.filter((principal) => reports(found, principal).includes(n + 11)).length,
  );
  expect(Math.max(...perDay)).toBeLessThanOrEqual(5);
  for (const { permissions } of found.values()) expect(Math.max(...gaps(permissions))).toBeLessThanOrEqual(3);
});

test('principals with a use, or a possible use, that the inventory does not show are refreshed within the shorter period', async () => {
  const { account, users, roles } = silentAccount(24);
  const [certificate, apiKey, git, member, session, hiddenUse] = users;
  const [unexplained, lateReport, forgotten, , ...others] = roles;
  certificate!.certificateActive = true;
  apiKey!.inlinePolicies = [{ name: 'own', document: policy(allow('bedrock:*')) }];
  git!.inlinePolicies = [{ name: 'own', document: policy(allow('codecommit:GitPull', 'arn:aws:codecommit:*:*:one')) }];
  member!.groupNames = ['developers'];
  account.groups.get('developers')!.inlinePolicies = [{ name: 'all', document: policy(allow('cassandra:Select')) }];
  const linked: EmulatedRole = {
    ...others[0]!,
    name: 'AWSServiceRoleForOne',
    path: '/aws-service-role/one.amazonaws.com/',
    arn: `arn:aws:iam::${HUB}:role/aws-service-role/one.amazonaws.com/AWSServiceRoleForOne`,
    id: 'AROALINKED00000000001',
  };
  account.roles.set(linked.name, linked);
  keyIsUsed(session!, -1.7);
  reportShows(session!, -1.7);
  keyIsUsed(hiddenUse!, -20);
  reportShows(hiddenUse!, -1);
  roleIsUsed(unexplained!, -20);
  reportShows(unexplained!, -1);
  roleIsUsed(lateReport!, -2);
  roleIsUsed(forgotten!, -395.5);
  reportShows(forgotten!, -395.5);

  const run = await start(account, () => true, shortPeriods);
  const found = await dailyRuns(run, 12, (day) => {
    // A session of GetSessionToken is used until 36 hours after the use of the key. The inventory does not change.
    if (day === 1) reportShows(session!, -0.25);
    if (day === 6) reportShows(lateReport!, -2);
  });
  const longestGap = (principal: Principal, until: number): number =>
    Math.max(...gaps([...reports(found, principal).filter((day) => day < until), until]));
  const always = { certificate, apiKey, git, member, linked };
  for (const [name, principal] of Object.entries(always)) {
    expect([name, longestGap(principal!, 12) <= 3]).toEqual([name, true]);
  }
  // An unexplained use no longer counts when it is older than the longer period.
  for (const principal of [hiddenUse!, unexplained!]) expect(longestGap(principal, 9)).toBeLessThanOrEqual(3);
  expect(longestGap(lateReport!, 6)).toBeLessThanOrEqual(3);
  // Once within the shorter period, because a session of the key may still be in use. That report has its use.
  const [, afterSession, ...afterwards] = reports(found, session!);
  expect([afterSession! <= 3, gaps([afterSession!, ...afterwards]).every((gap) => gap === 10)]).toEqual([true, true]);
  // AWS reports uses of 400 days: from day 5 on, the report of day 0 may have a use that AWS has forgotten.
  expect(reports(found, forgotten!).filter((day) => day >= 5 && day <= 8)).toHaveLength(1);
  for (const silent of others.slice(1)) expect(reports(found, silent).length).toBeLessThanOrEqual(3);
});

const GENERATE = 'iam:GenerateServiceLastAccessedDetails';
const LIST = 'iam:GetAccountAuthorizationDetails';
const SIMULATE = 'iam:SimulatePrincipalPolicy';

test('a policy that was changed and reverted during a run: new decisions are asked for within 7 days', async () => {
  const { account, roles } = silentAccount(9);
  const [role] = roles;
  const narrow = role!.inlinePolicies;
  let isFirstRun = true;
  const run = await start(account, (operation) => {
    if (!isFirstRun) return true;
    if (operation === SIMULATE) role!.inlinePolicies = [{ name: 'own', document: policy(allow('iam:*')) }];
    if (operation === LIST) role!.inlinePolicies = narrow;
    return true;
  });
  await dailyRuns(run, 0);
  isFirstRun = false;
  role!.inlinePolicies = narrow;
  const found = await dailyRuns(run, 7, () => undefined, 1);
  expect(found.get(role!.arn)!.permissions.length).toBeGreaterThan(0);
  const record = (await run.records(await run.lastRun(), HUB)).find(({ arn }) => arn === role!.arn)!;
  expect(record.permissions.decisions.map(({ action }) => action)).not.toContain('iam:AttachRolePolicy');
});

test('evidence of a run that could not check for changes at its end is refreshed within 7 days', async () => {
  const { account } = silentAccount(9);
  let isFirstRun = true;
  let lists = false;
  const run = await start(account, (operation) => {
    if (operation === GENERATE) lists = true;
    return !(isFirstRun && lists && operation === LIST);
  });
  await dailyRuns(run, 0);
  isFirstRun = false;
  const found = await dailyRuns(run, 7, () => undefined, 1);
  for (const { lastAccessed } of found.values()) expect(lastAccessed).toHaveLength(1);
});

test('evidence of an earlier version, which has no longer day, is refreshed within 7 days', async () => {
  const { account } = silentAccount(9);
  const run = await start(account);
  await dailyRuns(run, 0);
  const key = `state/${HUB}/evidence.jsonl.gz`;
  const lines: string[] = [];
  for await (const line of run.store.readLines(key)) lines.push(line.replace(/,"refreshIdleOn":"[^"]*"/g, ''));
  expect(lines.join()).not.toContain('refreshIdleOn');
  await run.store.writeLines(key, lines);
  const found = await dailyRuns(run, 7, () => undefined, 1);
  for (const { lastAccessed } of found.values()) expect(lastAccessed).toHaveLength(1);
});

test.each([
  ['was interrupted before it checked for changes is refreshed within 7 days', true],
  ['was completed keeps the longer period', false],
])('evidence that is continued from a run that %s', async (_, isInterrupted) => {
  const { account } = silentAccount(9);
  let isFirstRun = true;
  const run = await start(account, (operation) => !(isFirstRun && operation === 'iam:GenerateCredentialReport'));
  await run.run({ accountIds: [HUB] });
  const first = await run.lastRun();
  isFirstRun = false;
  if (isInterrupted) await run.store.writeLines(`state/${HUB}/evidence.jsonl.gz`, []);
  await run.clock.sleep(at(0.2) - run.clock.now());
  await run.run({ resume: first.runId });
  const found = await dailyRuns(run, 7, () => undefined, 1);
  const refreshed = [...found.values()].filter(({ lastAccessed }) => lastAccessed.length > 0).length;
  if (isInterrupted) expect(refreshed).toBe(found.size);
  else expect(refreshed).toBeLessThanOrEqual(Math.ceil(found.size / 2));
});

test('a trace that appears later ends the longer period at once', async () => {
  const { account, users } = silentAccount(9);
  const run = await start(account);
  await dailyRuns(run, 0);
  // On day 10 no refresh within 7 days applies any more.
  const before = await dailyRuns(run, 10, () => undefined, 1);
  const kept = users.filter(({ arn }) => before.get(arn)!.lastAccessed.length === 0);
  expect(kept.length).toBeGreaterThan(0);
  for (const user of kept) user.certificateActive = true;
  const after = await dailyRuns(run, 11, () => undefined, 11);
  for (const user of kept) expect(reports(after, user)).toEqual([11]);
});

test('with refreshIdleEveryDays equal to refreshEveryDays, silent principals are refreshed as often as active ones', async () => {
  const { account } = silentAccount(12);
  audit = await VirtualAudit.start({ accounts: [account] }, { refreshEveryDays: 4, refreshIdleEveryDays: 4 });
  const found = await dailyRuns(audit, 9);
  for (const { lastAccessed } of found.values()) expect(Math.max(...gaps([...lastAccessed, 9]))).toBeLessThanOrEqual(4);
});
