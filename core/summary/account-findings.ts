import * as v from 'valibot';
import type { AccountCredentials, PrincipalRecord } from '../contract/evidence.ts';
import { Finding, FindingsBase, type FindingCounts } from '../contract/finding.ts';
import { objects } from '../contract/objects.ts';
import type { FindingsOfAccount } from '../contract/run.ts';
import { wasDeleted } from '../evidence/record.ts';
import { AccessGraph } from '../access/graph/access-graph.ts';
import { Comparison, countFinding, noFindings, type PrincipalEvidence } from '../findings/compare.ts';
import { Exceptions } from '../findings/exceptions.ts';
import { findInPrincipal, findInRoot, isRoot, rootArn } from '../findings/find.ts';
import type { RuleContext } from '../findings/rule.ts';
import { weakPasswordPolicy } from '../findings/rules/credentials/weak-password-policy.ts';
import { rules } from '../findings/rules/all-rules.ts';
import { principalScope } from '../policies/principal-patterns.ts';
import { accountInOrganization, serviceControlDocuments } from '../organization/account-in-organization.ts';
import type { Services } from '../ports/services.ts';
import type { ObjectStore, Warn } from '../ports/store.ts';
import { validLines } from '../objects/valid-lines.ts';
import { accountAccess, namedServiceControl, readAccess } from '../objects/stored-access.ts';
import { exceptionsOfRun } from '../objects/stored-exceptions.ts';
import { readPrincipalScope, recordsOf } from '../objects/stored-runs.ts';

interface AccountRun {
  readonly runId: string;
  readonly accountId: string;
  readonly credentials: AccountCredentials;
  /** False if the inventory could not be read: nothing is known about any principal. */
  readonly hasRecords: boolean;
}

/** Rules that also use other principals. If records are missing, the earlier findings of these rules are not resolved. */
const rulesWithOtherPrincipals: ReadonlySet<string> = new Set(
  rules.flatMap((rule) => (rule.subject === 'principal' && rule.usesOtherPrincipals === true ? [rule.id] : [])),
);

/**
 * Writes `findings.jsonl` of an account: the findings of the rules in its records, and the state of the findings of the
 * last run of all its principals. If this is such a run, the next run is compared with its findings. Safe to repeat.
 * @throws StoreError
 */
export async function writeFindings(account: AccountRun, services: Services): Promise<FindingsOfAccount> {
  const { store, clock, warn } = services;
  const { runId, accountId } = account;
  const run = await readPrincipalScope(store, runId);
  const scope = run?.principals ?? 'all';
  const exceptions = new Exceptions(await exceptionsOfRun(store, runId), clock.now());
  const comparison = new Comparison(run?.startedAt ?? new Date(clock.now()).toISOString(), exceptions);
  for await (const { finding } of baseOf(store, accountId, warn)) comparison.addEarlier(finding);

  const { graceDays, unusedAfterDays } = services.settings;
  const { organizationId, serviceControl } = await accountInOrganization(store, runId, accountId);
  const documents = await serviceControlDocuments(store, runId, serviceControl);
  const facts = {
    now: clock.now(),
    organization: { id: organizationId ?? 'unknown' },
    isManagementAccount: null,
    serviceControl: documents === null ? null : namedServiceControl(documents),
  } as const;
  const { access, isComplete } = account.hasRecords
    ? await readAccess(store, runId, accountId, facts)
    : { access: accountAccess({ ...facts, accountId, partition: 'aws' }, [], []), isComplete: false };
  const graph = new AccessGraph(access);
  const context: RuleContext = { now: clock.now(), graceDays, unusedAfterDays, access: graph, organizationId };
  const counts = noFindings();
  const whole = scope === 'all' ? { scope: null, isComplete } : { scope, isComplete: false };
  const work = new AccountComparison(account, comparison, context, whole);
  const findings = work.findings(store, rootArn(accountId, access.facts.partition));
  await store.writeLines(objects.accountFindings(runId, accountId), counted(findings, counts));
  if (account.hasRecords && scope === 'all') {
    await store.writeLines(objects.findingsBase(accountId), baseLines(store, runId, accountId));
  }
  return { counts, exceptions: [...exceptions.matched].sort((a, b) => a - b) };
}

class AccountComparison {
  readonly #evidenceByArn = new Map<string, PrincipalEvidence>();
  readonly #inScope: (arn: string) => boolean;

  constructor(
    private readonly account: AccountRun,
    private readonly comparison: Comparison,
    private readonly context: RuleContext,
    private readonly coverage: {
      /** Null: all principals. */
      readonly scope: readonly string[] | null;
      /** Whether every principal of the account is in scope and has complete evidence. */
      readonly isComplete: boolean;
    },
  ) {
    this.#inScope = principalScope(coverage.scope);
  }

  async *findings(store: ObjectStore, rootArn: string): AsyncGenerator<Finding> {
    const { account, context, comparison } = this;
    if (account.hasRecords) {
      for await (const record of recordsOf(store, account.runId, account.accountId)) {
        this.#evidenceByArn.set(record.arn, evidenceOf(record));
        for (const found of await findInPrincipal(rules, record, context)) yield comparison.compareDetected(found);
      }
    }
    const { accountId, credentials } = account;
    const root = { accountId, rootArn };
    for (const found of await findInRoot(rules, credentials, root, context)) yield comparison.compareDetected(found);
    for await (const { finding, runId } of baseOf(store, accountId)) {
      // A finding that an earlier run resolved is dropped. One that this run resolved is repeated if the step is retried.
      if (finding.state === 'resolved' && runId !== account.runId) continue;
      const still = comparison.compareEarlier(finding, this.#evidenceFor(finding));
      if (still !== null) yield still;
    }
  }

  #evidenceFor({ principalArn, rule }: Finding): PrincipalEvidence {
    if (isRoot(principalArn)) {
      const { root, usersWithPassword, passwordPolicy } = this.account.credentials;
      if (rule !== weakPasswordPolicy.id) return root === null ? 'incomplete' : 'complete';
      return usersWithPassword === 0 || passwordPolicy !== null ? 'complete' : 'incomplete';
    }
    if (!this.#inScope(principalArn)) return 'outOfScope';
    if (!this.account.hasRecords) return 'incomplete';
    const evidence = this.#evidenceByArn.get(principalArn) ?? 'deleted';
    return evidence === 'complete' && rulesWithOtherPrincipals.has(rule) && !this.coverage.isComplete
      ? 'incomplete'
      : evidence;
  }
}

function evidenceOf(record: PrincipalRecord): PrincipalEvidence {
  if (wasDeleted(record)) return 'deleted';
  return record.status === 'COMPLETE' ? 'complete' : 'incomplete';
}

/**
 * The findings that today's are compared with, and the run that they come from; none if there was no such run. Damaged
 * findings are dropped: if the rules still find them, they are new.
 */
async function* baseOf(
  store: ObjectStore,
  accountId: string,
  warn: Warn = () => undefined,
): AsyncGenerator<{ readonly runId: string; readonly finding: Finding }> {
  const key = objects.findingsBase(accountId);
  if (!(await store.exists(key))) return;
  let runId: string | null = null;
  const lines = validLines(store, key, v.union([Finding, FindingsBase]), (damage) => {
    warn(
      `${damage.message} Earlier findings from there on are dropped: those that are found again count as new.`,
      damage,
    );
  });
  for await (const line of lines) {
    if (!('rule' in line)) runId = line.runId;
    else if (runId !== null) yield { runId, finding: line };
  }
}

async function* baseLines(store: ObjectStore, runId: string, accountId: string): AsyncGenerator<string> {
  yield JSON.stringify({ runId } satisfies FindingsBase);
  yield* store.readLines(objects.accountFindings(runId, accountId));
}

async function* counted(findings: AsyncIterable<Finding>, counts: FindingCounts): AsyncGenerator<string> {
  for await (const finding of findings) {
    countFinding(counts, finding);
    yield JSON.stringify(finding);
  }
}
