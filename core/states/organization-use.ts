import pLimit from 'p-limit';
import type { OrganizationUseInput, OrganizationUseOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import { OrganizationUseLine, type OrganizationUseEnd } from '../contract/organization-use/organization-use.ts';
import type { Organization } from '../contract/organization.ts';
import { consumptionOfInvocations, invocationUse } from '../cost/invocation-use.ts';
import {
  attemptedUse,
  latestUseRun,
  readOrganizationOf,
  readUseAttempts,
  writeLatestUseRun,
  type UseAttempts,
} from '../objects/stored-organization-use.ts';
import { plannedAccounts, readRun } from '../objects/stored-runs.ts';
import { validLines } from '../objects/valid-lines.ts';
import { writeWhile } from '../objects/write-concurrently.ts';
import { proposePolicies } from '../organization/scp/propose-policies.ts';
import { ServiceUse } from '../organization/scp/service-use.ts';
import { AccessReports } from '../organization/use/access-reports.ts';
import { carriedReport, type CarryingReports } from '../organization/use/carried-reports.ts';
import { entitiesOf, type Entity } from '../organization/use/entities.ts';
import { MAX_ATTEMPTS, MAX_STALLED } from '../organization/use/report-settings.ts';
import {
  lineWithProblem,
  missingProblem,
  problemInWords,
  refusalProblem,
  unfinished,
} from '../organization/use/use-problem.ts';
import { addCalls } from '../ports/calls/call-ledger.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { READS_AT_ONCE, type DamagedObject } from '../ports/store.ts';
import { assertClaimHeld } from '../run/claim.ts';

/** What a run asks about, and the run whose reports it may use again. */
interface UsePlan {
  readonly organization: Organization;
  readonly entities: readonly Entity[];
  readonly carrying: CarryingReports;
  /** Null: there is no earlier run with reports. */
  readonly earlierRun: string | null;
}

/**
 * Reads which services each root, unit and account of the organization uses, and proposes service control policies. An
 * attempt stops in time; the next attempt does the rest. The results appear only when every entity has one. An attempt
 * whose object exists is not repeated.
 * @throws RunSuperseded, StoreError
 */
export async function organizationUse(
  input: OrganizationUseInput,
  services: Services,
  invocation: Invocation,
): Promise<OrganizationUseOutput> {
  const { store, clock } = services;
  const { runId, attempt } = input;
  const startedAt = clock.now();
  await assertClaimHeld(store, runId);
  const earlierRun = await latestUseRun(store, services.warn);
  // The pointer is written last: an earlier invocation has done everything.
  if (earlierRun === runId) return { status: 'FINISHED' };
  const plan = await planUse(runId, earlierRun, services);
  const attempts = await readUseAttempts(store, runId, attempt);
  const end = attempts.ends[attempt - 1] ?? (await readReports(input, plan, attempts, services, invocation));
  if (end.resumeAt !== null) {
    return { status: 'UNFINISHED', attempt: attempt + 1, stalled: end.stalled, resumeAt: end.resumeAt };
  }
  // A run that was superseded in the meantime must not write anything more.
  await assertClaimHeld(store, runId);
  const ends = [...attempts.ends.slice(0, attempt - 1), end];
  await writeUse(runId, plan, ends, services, () => invocationUse(invocation, clock.now() - startedAt, { puts: 2 }));
  return { status: 'FINISHED' };
}

async function planUse(runId: string, earlierRun: string | null, { store, settings }: Services): Promise<UsePlan> {
  const organization = await readOrganizationOf(store, runId);
  const entities = entitiesOf(organization, await plannedAccounts(store, runId));
  const carrying = {
    entities: new Map(entities.map((entity) => [entity.id, entity])),
    now: Date.parse(organization.readAt),
    refreshEveryDays: settings.refreshEveryDays,
    fullSince: (await readRun(store, runId))?.full?.since ?? null,
  };
  return { organization, entities, carrying, earlierRun };
}

/** The reports of the earlier run that are used again. */
async function* carriedUse(
  { carrying, earlierRun }: UsePlan,
  { store, warn }: Services,
): AsyncGenerator<OrganizationUseLine> {
  if (earlierRun === null) return;
  const tell = (damage: DamagedObject): void => {
    warn(`${damage.message} The reports from there on are asked for again.`, damage);
  };
  for await (const line of validLines(store, objects.organizationUse(earlierRun), OrganizationUseLine, tell)) {
    const carried = carriedReport(line, earlierRun, carrying);
    if (carried !== null) yield carried;
  }
}

/** Reads the reports that are neither carried nor read, and writes the object of this attempt. */
async function readReports(
  { runId, attempt, stalled: stalledBefore }: OrganizationUseInput,
  plan: UsePlan,
  attempts: UseAttempts,
  services: Services,
  invocation: Invocation,
): Promise<OrganizationUseEnd> {
  const { store, access, clock, random } = services;
  const startedAt = clock.now();
  const known = new Set(attempts.ids);
  for await (const { id } of carriedUse(plan, services)) known.add(id);
  const wanted = plan.entities.filter(({ id }) => !known.has(id));
  const session = access.organization();
  return writeWhile(store, objects.organizationUseAttempt(runId, attempt), async (channel) => {
    let results = 0;
    const push = async (line: OrganizationUseLine): Promise<void> => {
      results += 1;
      await channel.push(JSON.stringify(line));
    };
    const timing = { clock, random, remainingMs: invocation.remainingMs };
    const reports = new AccessReports(wanted, session.accessReports, timing, (result) =>
      push(
        'problem' in result
          ? lineWithProblem(result.entity, result.problem)
          : { ...result.entity, asOf: result.asOf, carriedFrom: null, services: [...result.services], problem: null },
      ),
    );
    const { left, refusal, resumeAt, waits } = await reports.run();
    const stalled = results > 0 ? 0 : stalledBefore + 1;
    const isLast = refusal !== null || left.length === 0 || stalled >= MAX_STALLED || attempt >= MAX_ATTEMPTS;
    if (isLast) for (const entity of left) await push(lineWithProblem(entity, refusal ?? unfinished));
    const end: OrganizationUseEnd = {
      end: true,
      results,
      resumeAt: isLast ? null : new Date(resumeAt).toISOString(),
      stalled,
      refusal,
      calls: session.calls.work(waits),
      use: invocationUse(invocation, clock.now() - startedAt),
    };
    await channel.push(JSON.stringify(end));
    return end;
  });
}

/** Writes the results of all attempts, the proposals and the summary; last, names the run as the latest with reports. */
async function writeUse(
  runId: string,
  plan: UsePlan,
  ends: readonly OrganizationUseEnd[],
  services: Services,
  ownUse: () => OrganizationUseEnd['use'],
): Promise<void> {
  const { store, warn } = services;
  const use = new ServiceUse();
  let answered = 0;
  let carried = 0;
  let firstMissing: OrganizationUseLine | null = null;
  async function* lines(): AsyncGenerator<string> {
    for (const source of [carriedUse(plan, services), attemptedUse(store, runId, ends.length)]) {
      for await (const line of source) {
        use.add(line);
        if (line.services === null) firstMissing ??= line;
        else answered += 1;
        if (line.carriedFrom !== null) carried += 1;
        yield JSON.stringify(line);
      }
    }
  }
  await store.writeLines(objects.organizationUse(runId), lines());
  const proposals = proposePolicies(runId, plan.organization, use);
  const limit = pLimit(READS_AT_ONCE);
  await Promise.all(
    proposals.map(({ proposed }) =>
      limit(() =>
        store.write(objects.proposedPolicies(runId, proposed.unit.id), `${JSON.stringify(proposed, null, 2)}\n`),
      ),
    ),
  );
  const refusal = ends.find((end) => end.refusal !== null)?.refusal ?? null;
  const all = plan.entities.length;
  const accounts = plan.entities.filter(({ kind }) => kind === 'account').length;
  const problem = refusal === null ? missingProblem(all - answered, all, firstMissing) : refusalProblem(refusal);
  if (problem !== null) {
    warn(`Services used in the organization: ${problemInWords(problem)}`);
  }
  const summary = {
    schemaVersion: 1,
    runId,
    attempts: ends.length,
    units: proposals.map(({ unit }) => unit),
    asked: { units: all - accounts, accounts },
    answered,
    carried,
    problem,
    calls: addCalls(ends.map(({ calls }) => calls)),
    consumption: consumptionOfInvocations([...ends.slice(0, -1).map((end) => end.use), ownUse()], 0),
  } as const;
  await store.write(objects.organizationUseSummary(runId), `${JSON.stringify(summary, null, 2)}\n`);
  await writeLatestUseRun(store, runId);
}
