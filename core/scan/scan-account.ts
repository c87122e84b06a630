import { accountAccess, namedServiceControl } from '../objects/stored-access.ts';
import { AccessGraph } from '../access/graph/access-graph.ts';
import { letsTagSessions, nodeOf, TextNumbers, type PrincipalNode } from '../access/node.ts';
import type { ContextEntry } from '../contract/account-objects.ts';
import type { AccountCredentials, PrincipalRecord, Problem } from '../contract/evidence.ts';
import type { PolicyLine } from '../contract/policies.ts';
import type { ConditionContext } from '../evaluation/condition-context.ts';
import { readTrustStatements } from '../evaluation/trust-truth.ts';
import { callerContext } from '../evaluation/request-context.ts';
import { simulateAction, simulateRequest } from '../evaluation/simulate.ts';
import { PolicyEvaluator, type NamedPolicy } from '../evaluation/policy-set.ts';
import { recordOf } from '../evidence/record.ts';
import { AcrossAccounts } from '../findings/across-accounts/find-across-accounts.ts';
import { openRolesOf } from '../findings/across-accounts/open-roles.ts';
import { findInPrincipal, findInRoot, rootArn, type DetectedFinding } from '../findings/find.ts';
import type { RuleContext } from '../findings/rule.ts';
import { rules } from '../findings/rules/all-rules.ts';
import { accountCredentials } from '../inventory/account-credentials.ts';
import { AccountPolicies } from '../inventory/account-policies.ts';
import { describePrincipal, type AccountContext } from '../inventory/describe-principal.ts';
import { isOfGlobalService, noContext } from '../inventory/simulation-context.ts';
import type { ListedPrincipal } from '../inventory/read-account.ts';
import { PolicyLines, policyName, type SharedPolicy, type StoredPolicies } from '../policies/read-policies.ts';
import { readStatements } from '../policies/statements.ts';
import { listedBriefly } from '../wording/wording.ts';
import type { AccountPolicy } from '../ports/iam.ts';
import type { ScannedAccount } from './scanned-account.ts';

export interface ScanSettings {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly graceDays: number;
  readonly unusedAfterDays: number;
}

export interface ScanResult {
  readonly accountId: string;
  readonly records: readonly PrincipalRecord[];
  readonly findings: readonly DetectedFinding[];
  readonly graph: AccessGraph;
  readonly context: RuleContext;
  /** By ARN. */
  readonly policies: ReadonlyMap<string, StoredPolicies>;
  /** The lines of `policies.jsonl`. */
  readonly policyLines: readonly PolicyLine[];
  readonly credentials: AccountCredentials;
  readonly serviceControl: ScannedAccount['serviceControl'];
}

/** Evaluates an account's permissions on this machine and applies the rules. Sends no request. */
export async function scanAccount(account: ScannedAccount, settings: ScanSettings): Promise<ScanResult> {
  const { accountId } = account;
  const { now } = settings;
  const policies = new AccountPolicies(null, account.serviceControl?.flat() ?? []);
  policies.addGroups(account.groups);
  policies.addPolicies([administratorAccess(partitionOf(account)), ...account.policies]);
  const context: AccountContext = {
    accountId,
    policies,
    credentials: account.credentials,
    passwordPolicy: { kind: 'notAsked' },
    members: null,
    unreadable: [],
    now,
  };
  const evaluator = new PolicyEvaluator();
  const serviceControl = account.serviceControl === null ? null : namedServiceControl(account.serviceControl);

  const lines = new PolicyLines();
  const written = new Set<string>();
  const shared: SharedPolicy[] = [];
  const policyLines: PolicyLine[] = [];
  for (const line of policies.accountLines(written)) {
    lines.add(line);
    policyLines.push(line);
    if (line.kind !== 'principal') shared.push(line);
  }
  const records: PrincipalRecord[] = [];
  const nodes: PrincipalNode[] = [];
  const stored = new Map<string, StoredPolicies>();
  const numbers = new TextNumbers();
  const principals: ListedPrincipal[] = [
    ...account.users.map((detail) => ({ type: 'user' as const, detail })),
    ...account.roles.map((detail) => ({ type: 'role' as const, detail })),
  ];
  for (const principal of principals) {
    let own: StoredPolicies | null = null;
    for (const given of policies.lines(principal.detail, written)) {
      const line = account.knowsInstanceProfiles ? given : withoutInstanceProfiles(given);
      own = lines.add(line) ?? own;
      policyLines.push(line);
      if (line.kind !== 'principal') shared.push(line);
    }
    if (own === null) continue;
    const record = await recordOfPrincipal(principal, own, context, {
      account,
      evaluator,
      serviceControl,
      now,
    });
    records.push(record);
    stored.set(record.arn, own);
    nodes.push(nodeOf(record, own, numbers));
  }
  const partition = partitionOf(account);
  const facts = {
    accountId,
    partition,
    now,
    organization: { id: 'unknown' },
    isManagementAccount: null,
    serviceControl,
  } as const;
  const graph = new AccessGraph(accountAccess(facts, nodes, shared));
  const ruleContext: RuleContext = { ...settings, access: graph, organizationId: null };
  const found = await Promise.all(records.map((record) => findInPrincipal(rules, record, ruleContext)));
  const credentials: AccountCredentials = accountCredentials(account.credentials, { kind: 'notAsked' }, now);
  const ofRoot = await findInRoot(
    rules,
    credentials,
    { accountId, rootArn: rootArn(accountId, partition) },
    ruleContext,
  );
  return {
    accountId,
    records,
    findings: [...found.flat(), ...ofRoot],
    graph,
    context: ruleContext,
    policies: stored,
    policyLines,
    credentials,
    serviceControl: account.serviceControl,
  };
}

/** Applies the rules that compare accounts. */
export async function scanAcrossAccounts(results: readonly ScanResult[]): Promise<DetectedFinding[]> {
  if (results.length < 2) return [];
  const graphs = new Map(results.map(({ accountId, graph }) => [accountId, graph]));
  const search = new AcrossAccounts({
    accountIds: [...graphs.keys()],
    graphOf: (accountId) => Promise.resolve(graphs.get(accountId) ?? null),
    openRoles: [...graphs.values()].flatMap(openRolesOf),
    managementAccountId: null,
    hasTime: () => true,
  });
  const findings: DetectedFinding[] = [];
  for await (const finding of search.findings()) findings.push(finding);
  return findings;
}

const partitionOf = ({ users, roles }: ScannedAccount): string => (users[0] ?? roles[0])?.arn.split(':')[1] ?? 'aws';

/** AWS's policy, which files have only if they were asked for AWS managed policies. */
const administratorAccess = (partition: string): AccountPolicy => ({
  arn: `arn:${partition}:iam::aws:policy/AdministratorAccess`,
  defaultDocument: JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  }),
  otherVersions: [],
});

const withoutInstanceProfiles = (line: PolicyLine): PolicyLine =>
  line.kind === 'principal' ? { ...line, instanceProfiles: null } : line;

async function recordOfPrincipal(
  principal: ListedPrincipal,
  stored: StoredPolicies,
  context: AccountContext,
  tools: {
    readonly account: ScannedAccount;
    readonly evaluator: PolicyEvaluator;
    readonly serviceControl: readonly (readonly NamedPolicy[])[] | null;
    readonly now: number;
  },
): Promise<PrincipalRecord> {
  const { account, evaluator, serviceControl, now } = tools;
  const { line, work } = await describePrincipal(principal, context);
  const asOf = new Date(now).toISOString();
  const policies = {
    identity: stored.policies.map((policy) => ({ name: policyName(policy), document: policy.document })),
    boundary: stored.boundary === null ? null : { name: stored.boundary.arn, document: stored.boundary.document },
    serviceControl,
  };
  const trust = stored.trust === null ? null : readTrustStatements(stored.trust);
  const caller = { ...line, hasMfa: false, mayHaveSessionTags: principal.type === 'role' && letsTagSessions(trust) };
  const contextOf = (entries: readonly ContextEntry[]): ConditionContext => {
    const given = new Map(entries.map(({ name, values }) => [name.toLowerCase(), values]));
    return callerContext(caller, { id: 'unknown' }, now, (key) => given.get(key) ?? null);
  };
  const { entries, global } = work.context ?? noContext;
  const regional = contextOf(entries);
  const atHome = global === null ? regional : contextOf(global);
  const unknown = unknownPolicies(stored);
  const decisions = work.actions
    .map((action) => {
      const narrower = work.narrower.find(({ actions }) => actions.includes(action))?.resources ?? [];
      const keys = isOfGlobalService(action) ? atHome : regional;
      return simulateAction(
        (resource) => simulateRequest(evaluator, policies, action, resource, keys),
        action,
        narrower,
      );
    })
    // A policy that is not known may allow what the others do not.
    .filter(({ decision }) => unknown.length === 0 || decision !== 'implicitDeny');
  const services = account.lastAccessed.get(line.arn);
  const missing = { code: 'NotGiven', message: 'The files have no last-accessed data of this principal.' };
  return recordOf(
    { ...line, source: 'asked' },
    {
      permissions: {
        part: {
          status: unknown.length === 0 ? 'COMPLETE' : 'PARTIAL',
          source: 'evaluated',
          asOf,
          carriedFrom: null,
          ruledOut: work.ruledOut,
          decisions,
        },
        problems: unknown.length === 0 ? [] : [unknownProblem(unknown)],
      },
      ...(services === undefined
        ? {}
        : {
            lastAccessed: {
              part: { status: 'COMPLETE', asOf, carriedFrom: null, services: [...services] },
              problems: [],
            },
          }),
    },
    missing,
    now,
  );
}

/** Names of the principal's policies whose content the files do not have, or that can't be read. */
function unknownPolicies({ policies, boundary }: StoredPolicies): string[] {
  const isUnknown = (document: string | null): boolean =>
    document === null || readStatements(document).kind === 'unreadable';
  return [
    ...policies.flatMap((policy) => (isUnknown(policy.document) ? [policyName(policy)] : [])),
    ...(boundary !== null && isUnknown(boundary.document) ? [`permissions boundary ${boundary.arn}`] : []),
  ];
}

const unknownProblem = (names: readonly string[]): Problem => ({
  step: 'permissions',
  code: 'UnknownPolicy',
  message: `The content of ${listedBriefly(names, 3)} is not in the files, or can't be read.`,
});
