import { accountAccess } from '../objects/stored-access.ts';
import { AccessGraph } from '../access/graph/access-graph.ts';
import { nodeOf, TextNumbers, type PrincipalNode } from '../access/node.ts';
import type { AccountCredentials, PrincipalRecord } from '../contract/evidence.ts';
import { callerContext } from '../evaluation/request-context.ts';
import { simulateAction, simulateRequest } from '../evaluation/simulate.ts';
import { PolicyEvaluator, type NamedPolicy } from '../evaluation/policy-set.ts';
import { recordOf } from '../evidence/record.ts';
import { findInPrincipal, findInRoot, rootArn, type DetectedFinding } from '../findings/find.ts';
import type { RuleContext } from '../findings/rule.ts';
import { rules } from '../findings/rules/all-rules.ts';
import { accountCredentials } from '../inventory/account-credentials.ts';
import { AccountPolicies } from '../inventory/account-policies.ts';
import { describePrincipal, type AccountContext } from '../inventory/describe-principal.ts';
import type { ListedPrincipal } from '../inventory/read-account.ts';
import { PolicyLines, policyName, type SharedPolicy, type StoredPolicies } from '../policies/read-policies.ts';
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
}

/** Evaluates an account's permissions on this machine and applies the rules. Sends no request. */
export async function scanAccount(account: ScannedAccount, settings: ScanSettings): Promise<ScanResult> {
  const { accountId } = account;
  const { now } = settings;
  const policies = new AccountPolicies(null);
  policies.addGroups(account.groups);
  policies.addPolicies(account.policies);
  const context: AccountContext = {
    accountId,
    policies,
    credentials: account.credentials,
    passwordPolicy: { kind: 'notAsked' },
    organizationAccounts: null,
    now,
  };
  const evaluator = new PolicyEvaluator();
  const serviceControl = account.serviceControl?.map((level, depth) =>
    level.map((document, index): NamedPolicy => ({ name: `SCP ${depth + 1}.${index + 1}`, document })),
  );

  const lines = new PolicyLines();
  const written = new Set<string>();
  const shared: SharedPolicy[] = [];
  for (const line of policies.accountLines(written)) {
    lines.add(line);
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
    for (const line of policies.lines(principal.detail, written)) {
      own = lines.add(line) ?? own;
      if (line.kind !== 'principal') shared.push(line);
    }
    if (own === null) continue;
    const known = account.knowsInstanceProfiles ? own : { ...own, instanceProfiles: null };
    const record = await recordOfPrincipal(principal, known, context, {
      account,
      evaluator,
      serviceControl: serviceControl ?? null,
      now,
    });
    records.push(record);
    stored.set(record.arn, known);
    nodes.push(nodeOf(record, known, numbers));
  }
  const partition = principals[0]?.detail.arn.split(':')[1] ?? 'aws';
  const facts = {
    accountId,
    partition,
    now,
    organization: { id: 'unknown' },
    isManagementAccount: null,
    serviceControl: serviceControl ?? null,
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
  return { accountId, records, findings: [...found.flat(), ...ofRoot], graph, context: ruleContext, policies: stored };
}

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
  const caller = { ...line, hasMfa: false, mayHaveSessionTags: principal.type === 'role' };
  const known = callerContext(caller, { id: 'unknown' }, now, () => null);
  const decisions = work.actions.map((action) => {
    const narrower = work.narrower.find(({ actions }) => actions.includes(action))?.resources ?? [];
    return simulateAction(
      (resource) => simulateRequest(evaluator, policies, action, resource, known),
      action,
      narrower,
    );
  });
  const services = account.lastAccessed.get(line.arn);
  const missing = { code: 'NotGiven', message: 'The files have no last-accessed data of this principal.' };
  return recordOf(
    { ...line, source: 'asked' },
    {
      permissions: {
        part: { status: 'COMPLETE', asOf, carriedFrom: null, ruledOut: work.ruledOut, decisions },
        problems: [],
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
