import * as v from 'valibot';
import { objects } from '../../core/contract/objects.ts';
import { OrganizationUseLine, ProposedPolicies } from '../../core/contract/organization-use/organization-use.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import type { EmulatedAccount, ServiceActivity } from '../../local/emulated-aws/account.ts';
import { allow, deny, policy } from '../../local/emulated-aws/generate/policies.ts';
import { auditableAccount, HUB, START, VirtualAudit } from '../support/virtual-audit.ts';
import { reportOfRun } from '../support/report-data.ts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const GENERATE = 'iam:GenerateOrganizationsAccessReport';
const GET = 'iam:GetOrganizationsAccessReport';
const full = policy(allow('*'));
const idOf = (n: number): string => String(Number(HUB) + n);

let audit: VirtualAudit | null = null;
afterEach(async () => {
  await audit?.close();
  audit = null;
});

const used = (daysAgo: number): ServiceActivity => ({
  lastAuthenticated: START - daysAgo * DAY_MS,
  region: 'eu-west-1',
  actions: new Map(),
});

/** An account of the organization in which one principal used these services. */
function member(n: number, unitNames: readonly string[], activity: Readonly<Record<string, number>>): EmulatedAccount {
  const account = auditableAccount(idOf(n), 2);
  const principals = [...account.users.values(), ...account.roles.values()];
  for (const principal of principals) principal.activity = new Map();
  principals[0]!.activity = new Map(Object.entries(activity).map(([namespace, days]) => [namespace, used(days)]));
  const levels = unitNames.map((name) => (name === 'Closed' ? [full, policy(deny('glue:*'))] : [full]));
  return Object.assign(account, {
    name: `member ${n}`,
    unitNames,
    serviceControlPolicies: [[full], ...levels, [full]],
  });
}

const organization = (): EmulatedAccount[] => [
  auditableAccount(HUB, 2),
  member(1, ['Open'], { s3: 3, sqs: 500 }),
  member(2, ['Closed'], { mq: 10 }),
  member(3, ['Closed', 'Inner'], { s3: 20 }),
];

async function start(emulated: Partial<Parameters<typeof VirtualAudit.start>[0]> = {}): Promise<VirtualAudit> {
  audit = await VirtualAudit.start({ accounts: organization(), organization: {}, ...emulated });
  return audit;
}

async function linesOf(
  run: VirtualAudit,
  { runId }: RunSummary,
): Promise<ReadonlyMap<string | null, OrganizationUseLine>> {
  const lines = new Map<string | null, OrganizationUseLine>();
  for await (const text of run.store.readLines(objects.organizationUse(runId))) {
    const line = v.parse(OrganizationUseLine, JSON.parse(text));
    lines.set(line.name, line);
  }
  return lines;
}

async function proposalsOf(run: VirtualAudit, { runId }: RunSummary): Promise<Record<string, ProposedPolicies>> {
  const proposals: Record<string, ProposedPolicies> = {};
  for await (const key of run.store.list(`runs/${runId}/scp/`)) {
    const proposed = v.parse(ProposedPolicies, await run.json(key));
    proposals[proposed.unit.place] = proposed;
  }
  return proposals;
}

const namespacesOf = (proposed: ProposedPolicies | undefined): string[] =>
  proposed?.services.map(({ namespace }) => namespace) ?? [];

const received = (run: VirtualAudit, operation: string): number =>
  run.aws.emulation.counters.get(`${HUB} ${operation}`)?.received ?? 0;

test('a run of the organization says which services each unit and account uses, and proposes policies', async () => {
  const run = await start();
  const { transitions } = await run.run({ accounts: 'organization' });
  const summary = await run.lastRun();
  expect(summary).toMatchObject({
    status: 'COMPLETE',
    organization: { use: { units: 4, accounts: 4, answered: 8, carried: 0, proposals: 3 } },
  });
  expect(summary.organization?.use?.problem).toBeUndefined();
  expect(summary.cost.stepFunctions).toBeCloseTo(transitions * 2.5e-5, 6);
  expect(summary.calls).toMatchObject({ [GENERATE]: { sent: 8, succeeded: 8 }, [GET]: { failed: 0 } });
  expect(received(run, GET)).toBe(summary.calls[GET]?.sent);

  const lines = await linesOf(run, summary);
  const open = lines.get('Open');
  expect(open).toMatchObject({
    kind: 'unit',
    path: expect.stringMatching(/^o-exampleorg\/r-exam\/ou-exam-/) as string,
  });
  const services = new Map(open?.services?.map((one) => [one.namespace, one]));
  expect(services.get('s3')).toMatchObject({
    lastAuthenticated: '2026-11-20T04:00:00.000Z',
    region: 'eu-west-1',
    entities: 1,
  });
  // Used before AWS's tracking period.
  expect(services.get('sqs')).toMatchObject({ lastAuthenticated: null, region: null, entities: 0 });
  expect(services.has('glue')).toBe(true);
  expect(lines.get('Closed')?.services?.map(({ namespace }) => namespace)).not.toContain('glue');
  expect(lines.get('member 3')?.services?.map(({ namespace }) => namespace)).not.toContain('glue');

  const proposals = await proposalsOf(run, summary);
  expect(Object.keys(proposals).sort()).toEqual(['Root', 'Root/Closed', 'Root/Closed/Inner', 'Root/Open']);
  const root = namespacesOf(proposals.Root);
  expect(root).toEqual(expect.arrayContaining(['sqs', 'glue', 'connect']));
  for (const needed of ['s3', 'mq', 'iam', 'sts', 'support', 'cloudtrail']) expect(root).not.toContain(needed);
  expect(proposals.Root?.attached).toBe(1);
  expect(namespacesOf(proposals['Root/Open'])).toEqual(['mq']);
  expect(namespacesOf(proposals['Root/Closed'])).toEqual([]);
  expect(namespacesOf(proposals['Root/Closed/Inner'])).toEqual(['mq']);

  const { units } = (await reportOfRun(run.store, summary.runId)).head;
  expect(units.map(({ place }) => place)).toContain('Root/Closed/Inner');
  expect(units.find(({ id }) => id === proposals.Root!.unit.id)).toMatchObject({ place: 'Root', reason: null });
});

test('the reports are read after the audit of all accounts', async () => {
  const run = await start();
  await run.run({ accounts: 'organization' });
  const states = run.events.filter(({ kind }) => kind === 'entered').map(({ path }) => path.split('/').at(-1) ?? '');
  expect(states.indexOf('OrganizationUse')).toBeGreaterThan(states.lastIndexOf('SummariseAccount'));
  expect(states.indexOf('SummariseRun')).toBeGreaterThan(states.lastIndexOf('OrganizationUse'));
});

test('on the next day reports are carried; after a move of an account its report is asked for', async () => {
  const accounts = organization();
  const run = await start({ accounts });
  await run.run({ accounts: 'organization' });
  const first = await run.lastRun();
  const sent = received(run, GENERATE);
  await run.clock.sleep(DAY_MS);
  accounts[3]!.unitNames = ['Open'];
  accounts[3]!.serviceControlPolicies = accounts[1]!.serviceControlPolicies;
  await run.run({ accounts: 'organization' });
  const summary = await run.lastRun();
  const lines = await linesOf(run, summary);
  expect(lines.get('member 2')).toMatchObject({ carriedFrom: first.runId });
  expect(lines.get('member 3')).toMatchObject({ carriedFrom: null, path: expect.stringContaining(idOf(3)) as string });
  expect(received(run, GENERATE) - sent).toBe(1);
  expect(summary.organization?.use).toMatchObject({ answered: 7, carried: 6 });
});

test('the hub is a delegated administrator: AWS denies the reports, the run is COMPLETE and says what to do', async () => {
  const run = await start({ organization: { managementAccountId: idOf(9), delegatedAdministrators: [HUB] } });
  const { transitions } = await run.run({ accounts: 'organization', exclude: [idOf(9)] });
  const summary = await run.lastRun();
  expect(summary).toMatchObject({
    status: 'COMPLETE',
    organization: {
      use: {
        answered: 0,
        proposals: 0,
        problem: {
          code: 'AccessDenied',
          message: "You don't have permissions to access this resource.",
          whatToDo: expect.stringContaining('Only the management account of the organization') as string,
        },
      },
    },
  });
  expect(summary.cost.stepFunctions).toBeCloseTo(transitions * 2.5e-5, 6);
  expect(received(run, GENERATE)).toBe(1);
  const { notes } = (await reportOfRun(run.store, summary.runId)).head;
  expect(notes.map(({ text }) => text).join('\n')).toContain('Services used in the organization: AccessDenied');
});

test('without service control policies AWS makes no reports: the run is COMPLETE and says so', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 2), auditableAccount(idOf(1), 2)] });
  await run.run({ accounts: 'organization' });
  const summary = await run.lastRun();
  expect(summary.status).toBe('COMPLETE');
  expect(summary.organization?.use?.problem).toMatchObject({
    code: 'InvalidInput',
    whatToDo: expect.stringContaining('service control policies are enabled') as string,
  });
  expect(received(run, GENERATE)).toBe(1);
});

test('AWS allows one report at a time, throttles calls and fails one report: the others are read', async () => {
  const run = await start({
    behaviour: { accessReportsAtOnce: 1, failedAccessReports: [idOf(2)], largestPage: 50, reportMs: 4_000 },
    errors: [{ operation: GET, status: 400, code: 'Throttling', message: 'Rate exceeded', times: 3 }],
  });
  await run.run({ accounts: 'organization' });
  const summary = await run.lastRun();
  expect(summary).toMatchObject({
    status: 'COMPLETE',
    organization: { use: { answered: 7, problem: { code: 'INTERNAL_ERROR' } } },
  });
  expect(summary.calls[GENERATE]?.failed).toBeGreaterThan(0);
  expect(summary.calls[GET]?.throttled).toBe(3);
  const proposals = await proposalsOf(run, summary);
  expect(proposals.Root?.reason).toBe(`There is no report of account ${idOf(2)} below the unit.`);
  expect(namespacesOf(proposals['Root/Open']).length).toBeGreaterThan(10);
});

test('reports that take long are read in several attempts, and the transitions are counted', async () => {
  const run = await start({ behaviour: { accessReportsAtOnce: 1, reportMs: 300_000 } });
  const { transitions } = await run.run({ accounts: 'organization' });
  const summary = await run.lastRun();
  expect(summary.organization?.use).toMatchObject({ answered: 8 });
  expect(summary.cost.stepFunctions).toBeCloseTo(transitions * 2.5e-5, 6);
  const waits = run.events.filter(({ kind, path }) => kind === 'entered' && path === 'WaitForReports');
  expect(waits.length).toBeGreaterThan(1);
});

test('an error in the state does not fail the run, and is in run.json', async () => {
  const run = await start();
  const write = run.store.writeLines.bind(run.store);
  run.store.writeLines = (key, lines) =>
    key.includes('/organization-use/') ? Promise.reject(new Error('no')) : write(key, lines);
  const { status, transitions } = await run.run({ accounts: 'organization' });
  const summary = await run.lastRun();
  expect([status, summary.status]).toEqual(['SUCCEEDED', 'COMPLETE']);
  expect(summary.organization?.use).toMatchObject({ answered: 0, problem: { whatToDo: expect.any(String) as string } });
  expect(summary.cost.stepFunctions).toBeCloseTo(transitions * 2.5e-5, 6);
});

test('a run of named accounts does not ask for reports', async () => {
  const run = await start();
  await run.run({ accountIds: [HUB, idOf(1)] });
  expect(received(run, GENERATE)).toBe(0);
  expect((await run.lastRun()).organization).toBeUndefined();
});
