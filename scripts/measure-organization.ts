/**
 * Measures PlanRun, OrganizationUse and SummariseRun for an organization: memory and time. The bundles that would be deployed run in
 * separate processes and call the emulated Organizations and S3 over HTTP, in real time.
 * `npm run measure:organization [accounts] [principals in each account]`. PlanRun calls Organizations at most four times
 * a second, so 10,000 accounts take about eight minutes. OrganizationUse reads the reports of every account from an
 * earlier run, as on most days: requesting them takes little memory.
 */
import * as v from 'valibot';
import pLimit from 'p-limit';
import { defaultSettings, environmentNames } from '../core/contract/environment.ts';
import type { Finding } from '../core/contract/finding.ts';
import { OrganizationUseOutput, PlanRunOutput, SummariseRunOutput } from '../core/contract/messages.ts';
import { objects } from '../core/contract/objects.ts';
import type { OrganizationUseLine, ServiceOfEntity } from '../core/contract/organization-use/organization-use.ts';
import type { OpenRoleLine } from '../core/contract/across/open-roles.ts';
import { accountOfCase, CaseAccount } from '../core/scan/case-format.ts';
import { scanAccount } from '../core/scan/scan-account.ts';
import type { AccountSummary } from '../core/contract/run.ts';
import { readOrganizationOf, readUseSummary, writeLatestUseRun } from '../core/objects/stored-organization-use.ts';
import { plannedAccounts } from '../core/objects/stored-runs.ts';
import { entitiesOf, type Entity } from '../core/organization/use/entities.ts';
import type { PaceMemory } from '../core/pacing/pace-memory.ts';
import type { EmulatedAccount } from '../local/emulated-aws/account.ts';
import { placeInOrganization } from '../local/emulated-aws/generate/organization.ts';
import { systemClock } from '../local/system-clock.ts';
import { ACCOUNT, accountOf, startEmulatedDeployment } from './emulated-deployment.ts';

/** Accounts with at least one finding, as one of so many, and the findings of each of them. */
const FINDINGS = { oneOf: 2, perAccount: 5 };
const WRITES_AT_ONCE = 50;

const [accounts = 10_000, principals = 100] = process.argv.slice(2).map(Number);
const asOf = new Date(systemClock.now()).toISOString();
const idOf = (n: number): string => String(Number(ACCOUNT) + n);

/** The reads of an account are not measured here, so it has no principals. */
const emptyAccount = (accountId: string): EmulatedAccount => ({
  ...{ accountId, users: new Map(), roles: new Map(), groups: new Map(), policies: new Map() },
  ...{ serviceControlPolicies: null },
  root: { createdAt: 0, passwordLastUsed: null, mfaActive: true, accessKeyActive: false },
});

const hub = accountOf(1);
const members = Array.from({ length: accounts - 1 }, (_, n) => emptyAccount(idOf(n + 1)));
const organization = { ...placeInOrganization([hub, ...members]), states: {} };
const { store, functions, workflow, stop } = await startEmulatedDeployment(hub, null, {
  members,
  organization,
  environment: { [environmentNames.accounts]: 'organization', [environmentNames.memberRoleName]: 'iam-audit-member' },
});

const execution = { id: 'local:measure', name: 'measure', startedAt: asOf, enteredAt: asOf };
const plan = v.parse(PlanRunOutput, await workflow.invoke('plan-run', { execution, input: {} }));
const { runId } = plan;

const summaryOf = (accountId: string, findings: number): AccountSummary => ({
  ...{ schemaVersion: 1, runId, accountId, status: 'COMPLETE', startedAt: asOf, finishedAt: asOf },
  principals: { total: principals, complete: principals, partial: 0, failed: 0, carriedForward: principals },
  ...{ deleted: 0, root: null, credentialReportAt: null, credentialReportAgeMinutes: null, problems: [] },
  ...{ usersWithPassword: null, passwordPolicy: null },
  calls: {
    'iam:SimulatePrincipalPolicy': {
      ...{ sent: principals, succeeded: principals, throttled: 0, failed: 0, busyMs: 10_000, waitedMs: 0 },
    },
  },
  consumption: { megabyteMs: 1e6, invocations: 4, transitions: 20, puts: 20, gets: 20 },
  auditedAt: asOf,
  openRoles: accountId === ACCOUNT ? 0 : 1,
  stoppedByOrganization: {},
  missingEvidence: [],
  tablesWritten: true,
  findings: {
    counts: { critical: 0, high: findings, medium: 0, low: 0, new: 0, open: findings, suppressed: 0, resolved: 0 },
    exceptions: [],
  },
});

const findingOf = (accountId: string, n: number): Finding => ({
  ...{ id: `${accountId}-${n}`, rule: 'unused-role', severity: 'high', accountId, state: 'open', firstSeen: asOf },
  controls: [],
  principalArn: `arn:aws:iam::${accountId}:role/team/role-${n}`,
  title: 'A role that was not used for 90 days can change its own permissions',
  detail: 'AWS last recorded a use of this role more than 400 days ago. '.repeat(4),
  evidence: { actions: Array.from({ length: 10 }, (_, index) => `iam:Action${index}`), lastActivity: null },
  exception: null,
});

/** Every member has an administrator role for the hub, as OrganizationAccountAccessRole is. */
function openRoleOf(accountId: string): string {
  const line: OpenRoleLine = {
    arn: `arn:aws:iam::${accountId}:role/deploy`,
    tags: {},
    trust: [
      {
        ...{ allows: true, exceptThese: false, exceptActions: false, hasVariables: true, clauses: [] },
        principals: [{ type: 'aws', name: `arn:aws:iam::${ACCOUNT}:root` }],
        actions: ['sts:assumerole'],
      },
    ],
    gains: [{ gain: 'administrator', path: null }],
  };
  return JSON.stringify(line);
}

/** The hub's principals. Every second may assume roles, each in its own way, so that no two of them share an answer. */
async function writeHub(): Promise<void> {
  const users = Array.from({ length: principals }, (_, n) => ({
    name: `user-${n}`,
    inline: [
      {
        name: 'own',
        doc: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: n % 2 === 0 ? 'sts:AssumeRole' : 's3:GetObject', Resource: `arn:*:role/d*` },
            { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: `arn:aws:sqs:*:*:queue-${n}` },
          ],
        },
      },
    ],
  }));
  const account = accountOfCase(v.parse(CaseAccount, { id: ACCOUNT, users }), Date.parse(asOf));
  const { records, policyLines } = await scanAccount(account, {
    now: Date.parse(asOf),
    graceDays: defaultSettings.graceDays,
    unusedAfterDays: defaultSettings.unusedAfterDays,
  });
  await store.writeLines(
    objects.principals(runId, ACCOUNT),
    records.map((record) => JSON.stringify(record)),
  );
  await store.writeLines(
    objects.policies(runId, ACCOUNT),
    policyLines.map((line) => JSON.stringify(line)),
  );
}

await writeHub();
const limit = pLimit(WRITES_AT_ONCE);
await Promise.all(
  Array.from({ length: accounts }, (_, n) =>
    limit(async () => {
      const accountId = idOf(n);
      const findings = n % FINDINGS.oneOf === 0 ? FINDINGS.perAccount : 0;
      const lines = Array.from({ length: findings }, (__, index) => JSON.stringify(findingOf(accountId, index)));
      await store.writeLines(objects.accountFindings(runId, accountId), lines);
      await store.write(objects.account(runId, accountId), JSON.stringify(summaryOf(accountId, findings)));
      if (accountId !== ACCOUNT) await store.writeLines(objects.openRoles(runId, accountId), [openRoleOf(accountId)]);
      const pace: PaceMemory = { schemaVersion: 3, runId, updatedAt: asOf, operations: {} };
      await store.write(objects.pace(accountId), JSON.stringify(pace));
    }),
  ),
);

/** AWS has about this many services, and lists all of them for an organization without restrictive policies. */
const SERVICES = 450;
const EARLIER_RUN = '20260101T040000Z-abcdef';
const services = Array.from({ length: SERVICES }, (_, n): ServiceOfEntity => {
  const isUsed = n % 10 === 0;
  return {
    namespace: `service-namespace-${n}`,
    name: `Amazon Service With A Long Name ${n}`,
    lastAuthenticated: isUsed ? asOf : null,
    region: isUsed ? 'us-east-1' : null,
    entities: isUsed ? 3 : 0,
  };
});
function* earlierLines(entities: readonly Entity[]): Generator<string> {
  for (const entity of entities) {
    const line: OrganizationUseLine = { ...entity, asOf, carriedFrom: null, services, problem: null };
    yield JSON.stringify(line);
  }
}
const entities = entitiesOf(await readOrganizationOf(store, runId), await plannedAccounts(store, runId));
await store.writeLines(objects.organizationUse(EARLIER_RUN), earlierLines(entities));
await writeLatestUseRun(store, EARLIER_RUN);
const use = v.parse(
  OrganizationUseOutput,
  await workflow.invoke('organization-use', { runId, attempt: 1, stalled: 0 }),
);
const answered = (await readUseSummary(store, runId))?.answered;

const summary = v.parse(
  SummariseRunOutput,
  await workflow.invoke('summarise-run', { runId, error: null, organizationUseError: null }),
);

process.stdout.write(`${accounts} accounts with ${principals} principals each: ${summary.status}\n`);
for (const name of ['plan-run', 'organization-use', 'summarise-run'] as const) {
  const used = workflow.use.get(name);
  const memory = functions.get(name)?.memoryMegabytes ?? 0;
  process.stdout.write(
    `${name}: ${((used?.totalMs ?? 0) / 1000).toFixed(1)} s, peak ${Math.round(used?.peakMegabytes ?? Number.NaN)} MB of ${memory} MB\n`,
  );
}
await stop();
const isWhole = plan.accounts === accounts && use.status === 'FINISHED' && answered === entities.length;
process.exitCode = isWhole && summary.status === 'COMPLETE' ? 0 : 1;
