import type { AccountCredentials, PrincipalRecord } from '../../contract/evidence.ts';
import type { Finding, FindingCounts } from '../../contract/finding.ts';
import { objects } from '../../contract/objects.ts';
import type { UnreadableEntry } from '../../contract/messages.ts';
import type { FindingsOfAccount, MissingEvidence } from '../../contract/run.ts';
import { wasDeleted } from '../../evidence/record.ts';
import { AccessGraph } from '../../access/graph/access-graph.ts';
import { Comparison, countFinding, noFindings, type PrincipalEvidence } from '../../findings/compare.ts';
import { Exceptions } from '../../findings/exceptions.ts';
import { findInPrincipal, findInRoot, isRoot, rootArn } from '../../findings/find.ts';
import type { RuleContext } from '../../findings/rule.ts';
import { weakPasswordPolicy } from '../../findings/rules/credentials/weak-password-policy.ts';
import { rules } from '../../findings/rules/all-rules.ts';
import { mayBeUnreadable } from '../../inventory/unreadable-entries.ts';
import { principalScope } from '../../policies/principal-patterns.ts';
import { accountInOrganization, serviceControlDocuments } from '../../organization/account-in-organization.ts';
import type { Services } from '../../ports/services.ts';
import type { ObjectStore } from '../../ports/store.ts';
import { accountAccess, namedServiceControl, readAccess } from '../../objects/stored-access.ts';
import { exceptionsOfRun } from '../../objects/stored-exceptions.ts';
import { readPrincipalScope, recordsOf } from '../../objects/stored-runs.ts';
import { searchLimits } from '../../findings/search-limit.ts';
import { openRolesOf } from '../../findings/across-accounts/open-roles.ts';
import { addBase, stillInBase, writeBase } from './findings-base.ts';

interface AccountRun {
  readonly runId: string;
  readonly accountId: string;
  readonly credentials: AccountCredentials;
  /** False if the inventory could not be read: nothing is known about any principal. */
  readonly hasRecords: boolean;
  /** Entries of the inventory that can't be read. */
  readonly unreadable: readonly UnreadableEntry[];
}

interface WrittenFindings extends FindingsOfAccount {
  /** Number of lines of `open-roles.jsonl`. */
  readonly openRoles: number;
  /** Why paths may be missing. */
  readonly searchLimits: readonly MissingEvidence[];
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
export async function writeFindings(account: AccountRun, services: Services): Promise<WrittenFindings> {
  const { store, clock, warn } = services;
  const { runId, accountId } = account;
  const run = await readPrincipalScope(store, runId);
  const scope = run?.principals ?? 'all';
  const exceptions = new Exceptions(await exceptionsOfRun(store, runId), clock.now());
  const comparison = new Comparison(run?.startedAt ?? new Date(clock.now()).toISOString(), exceptions);
  await addBase(comparison, store, objects.findingsBase(accountId), warn);

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
  const isWhole = isComplete && account.unreadable.length === 0;
  const whole = scope === 'all' ? { scope: null, isComplete: isWhole } : { scope, isComplete: false };
  const work = new AccountComparison(account, comparison, context, whole);
  const findings = work.findings(store, rootArn(accountId, access.facts.partition));
  await store.writeLines(objects.accountFindings(runId, accountId), counted(findings, counts));
  if (account.hasRecords && scope === 'all') {
    await writeBase(store, objects.findingsBase(accountId), runId, objects.accountFindings(runId, accountId));
  }
  const openRoles = run?.accounts === 1 ? [] : openRolesOf(graph);
  if (openRoles.length > 0) {
    await store.writeLines(
      objects.openRoles(runId, accountId),
      openRoles.map((role) => JSON.stringify(role)),
    );
  }
  return {
    counts,
    exceptions: [...exceptions.matched].sort((a, b) => a - b),
    openRoles: openRoles.length,
    searchLimits: searchLimits(graph),
  };
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
    const key = objects.findingsBase(accountId);
    yield* stillInBase(comparison, store, key, account.runId, (finding) => this.#evidenceFor(finding));
  }

  /** Whether nothing is missing in the evidence about other principals. */
  #isWhole(): boolean {
    return this.coverage.isComplete && !this.context.access.isIncomplete;
  }

  #evidenceFor({ principalArn, rule }: Finding): PrincipalEvidence {
    if (isRoot(principalArn)) {
      const { root, usersWithPassword, passwordPolicy } = this.account.credentials;
      if (rule !== weakPasswordPolicy.id) return root === null ? 'incomplete' : 'complete';
      return usersWithPassword === 0 || passwordPolicy !== null ? 'complete' : 'incomplete';
    }
    if (!this.#inScope(principalArn)) return 'outOfScope';
    if (!this.account.hasRecords) return 'incomplete';
    const absent = mayBeUnreadable(this.account.unreadable, principalArn) ? 'incomplete' : 'deleted';
    const evidence = this.#evidenceByArn.get(principalArn) ?? absent;
    return evidence === 'complete' && rulesWithOtherPrincipals.has(rule) && !this.#isWhole() ? 'incomplete' : evidence;
  }
}

function evidenceOf(record: PrincipalRecord): PrincipalEvidence {
  if (wasDeleted(record)) return 'deleted';
  return record.status === 'COMPLETE' ? 'complete' : 'incomplete';
}

async function* counted(findings: AsyncIterable<Finding>, counts: FindingCounts): AsyncGenerator<string> {
  for await (const finding of findings) {
    countFinding(counts, finding);
    yield JSON.stringify(finding);
  }
}
