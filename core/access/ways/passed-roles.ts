import { operatorOf } from '../../evaluation/condition-operators.ts';
import { serviceContext } from '../../evaluation/request-context.ts';
import type { ConditionContext } from '../../evaluation/condition-context.ts';
import { allOf, isUnknown, keysOf, truthOfKeys, weightOf, type Truth } from '../../evaluation/truth.ts';
import { serviceTrustTruth } from '../../evaluation/trust-truth.ts';
import type { Power } from '../abilities/abilities.ts';
import type { AccountAccess } from '../account-access.ts';
import type { PrincipalNode } from '../node.ts';
import type { TrustStatement } from '../../trust/trust-statement.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { everyPolicy, type Verdict } from '../../evaluation/permissions.ts';
import { policiesOf, sampleArn, type ExtraKeys } from '../requests.ts';
import { uniqueGrounds, type TargetGroup, type TargetRequest } from '../target-groups.ts';
import { RequestsWithRole } from './requests-with-role.ts';
import type { WayContext } from './way-context.ts';
import type { Doubt, Way } from './way.ts';

export type PassedRole = Extract<EscalationPath, { kind: 'new-passrole' | 'existing-passrole' }>;

export const PASS = 'iam:PassRole';
const nothing: Power = { everywhere: 0n, somewhere: 0n };
const SOURCE_ARN = 'aws:sourcearn';

/** The ways by a role that a service uses: passed to a new resource, or run by an existing one. */
export function passedRoleWays(path: PassedRole, node: PrincipalNode, context: WayContext): Way[] {
  const { account, finder, serviceRoles, among, stackRoles } = context;
  // Most accounts have roles for few services.
  if (path.passedTo.every((service) => serviceRoles.trusting(service).length === 0)) return [];
  const others = path.actions.filter((action) => action !== PASS);
  const isNew = path.actions.includes(PASS);
  const given = new RequestsWithRole(account, node, others);
  const { truth: any, isNarrow } = isNew && given.dependOnRole ? given.anyRole() : given.withoutRole();
  if (any === false) return [];
  const further = isNew ? (path.alsoPassed ?? []).map((service) => passesSome(service, node, context)) : [];
  if (further.some(({ truth }) => truth === false)) return [];
  const doubts: Doubt[] = isNew && path.needsResource !== true ? [] : ['running'];
  if (!isNew && isNarrow) doubts.push('whichRuns');
  return path.passedTo.flatMap((service) => {
    // An instance has its role by an instance profile.
    const needsProfile = service === 'ec2.amazonaws.com' && (path.byInstanceProfile === true || !isNew);
    return serviceRoles.trusting(service).flatMap(({ roles, truth, sources }) => {
      const trusting = needsProfile ? serviceRoles.withProfile(roles) : roles;
      const candidates = among === undefined ? trusting : sameIn(trusting, among.roles);
      const found: readonly TargetGroup[] = isNew
        ? finder.find(
            node,
            [passRequest(service, node, account)],
            candidates,
            `${PASS} ${service} ${JSON.stringify([truth, sources])} ${needsProfile} ${among?.name ?? ''}`,
          )
        : [{ targets: candidates, keys: [], grounds: [] }];
      return found.flatMap((group): Way[] =>
        given.byRole(group.targets, isNew, sources).flatMap(({ targets, verdict }): Way[] => {
          const all = allOf([verdict.truth, truth, truthOfKeys(group.keys), ...further.map((one) => one.truth)]);
          if (all === false || targets.length === 0) return [];
          const grounds = uniqueGrounds([group, verdict, ...further].flatMap((one) => one.grounds));
          const way: Way = { path, targets, gain: 'own', keys: keysOf(all), doubts, grounds };
          if (path.usedIn === undefined) return [way];
          const used = stackRoles.usedIn(path.usedIn, targets);
          // All that CloudFormation does as the role of a stack set is assume execution roles.
          return [{ ...way, after: used, ...(path.usedIn === 'stack' ? {} : { gain: nothing }) }];
        }),
      );
    });
  });
}

/** Whether a principal may pass some role to a service that the service may use. */
function passesSome(service: string, node: PrincipalNode, { account, finder, serviceRoles }: WayContext): Verdict {
  const request = passRequest(service, node, account);
  let best: Verdict = { truth: false, grounds: [] };
  for (const { roles, truth, sources, isBeside } of serviceRoles.trustingOrBeside(service)) {
    const name = `${PASS} also ${service} ${JSON.stringify([truth, sources])} ${isBeside}`;
    for (const { keys, grounds } of finder.find(node, [request], roles, name)) {
      const all = allOf([truth, truthOfKeys(keys)]);
      if (weightOf(all) < weightOf(best.truth)) best = { truth: all, grounds };
    }
  }
  return best;
}

/** Those of `copies` that have the ARN of one of the roles. */
function sameIn(roles: readonly PrincipalNode[], copies: readonly PrincipalNode[]): readonly PrincipalNode[] {
  const arns = new Set(roles.map(({ arn }) => arn));
  return copies.filter(({ arn }) => arns.has(arn));
}

const RESOURCE = 'iam:associatedresourcearn';
const SERVICE = 'iam:passedtoservice';

const passRequest = (service: string, node: PrincipalNode, account: AccountAccess): TargetRequest => ({
  action: PASS,
  extra: passKeys(service, node, account),
  keys: [SERVICE, RESOURCE],
});

/** The keys of passing a role to a service. The resource that gets the role is one of the service. */
function passKeys(service: string, node: PrincipalNode, account: AccountAccess): ExtraKeys {
  const { accountId, partition } = account.facts;
  const [name = ''] = service.split('.');
  const policies = everyPolicy(policiesOf(account, node));
  const named = account.evaluator.namedValues(policies, PASS.toLowerCase(), RESOURCE);
  const samples = named.flatMap((pattern) => {
    const [, , of = ''] = pattern.split(':');
    // The resources of ecs-tasks.amazonaws.com are those of ecs.
    return of === '' || /[*?]/.test(of) || name === of || name.startsWith(`${of}-`)
      ? (sampleArn(pattern, accountId, partition) ?? [])
      : [];
  });
  const resource = samples[0] ?? `arn:${partition}:${name}:us-east-1:${accountId}:any`;
  return (key) => (key === SERVICE ? [service] : key === RESOURCE ? [resource] : null);
}

export interface TrustingRoles {
  readonly roles: readonly PrincipalNode[];
  /** Whether their trust policies let the service use them for the account's own resources. */
  readonly truth: Truth;
  /** Patterns of the ARNs of the resources for which they trust it. Empty: of all, or this is not known. */
  readonly sources: readonly string[];
}

/** The account's roles by the services that may use them. */
export class ServiceRoles {
  readonly #byService = new Map<string, readonly TrustingRoles[]>();
  readonly #withProfile = new Map<readonly PrincipalNode[], readonly PrincipalNode[]>();

  /** @param beside the account's roles, if `account` has only some roles as they are after a change */
  constructor(
    private readonly account: Pick<AccountAccess, 'facts' | 'roles'>,
    private readonly beside: ServiceRoles | null = null,
  ) {}

  /** @param service such as `lambda.amazonaws.com`, without Region and partition */
  trusting(service: string): readonly TrustingRoles[] {
    const cached = this.#byService.get(service);
    if (cached !== undefined) return cached;
    const { facts, roles } = this.account;
    const byPolicy = new Map<string, Omit<TrustingRoles, 'roles'>>();
    const groups = new Map<string, TrustingRoles & { roles: PrincipalNode[] }>();
    for (const role of roles) {
      if (role.trust === null) continue;
      const context = serviceContext(service, facts.accountId, facts.organization, facts.now);
      const trusts = byPolicy.get(role.trustKey) ?? serviceTrust(role, service, context, facts);
      byPolicy.set(role.trustKey, trusts);
      if (trusts.truth === false) continue;
      const key = JSON.stringify(trusts);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { roles: [role], ...trusts });
      else group.roles.push(role);
    }
    const found = [...groups.values()];
    this.#byService.set(service, found);
    return found;
  }

  /** The same, and then the account's roles as they are without the change. */
  trustingOrBeside(service: string): readonly (TrustingRoles & { readonly isBeside: boolean })[] {
    const own = this.trusting(service).map((one) => ({ ...one, isBeside: false }));
    return [...own, ...(this.beside?.trusting(service) ?? []).map((one) => ({ ...one, isBeside: true }))];
  }

  /** Roles that are in an instance profile, or that may be in one. */
  withProfile(roles: readonly PrincipalNode[]): readonly PrincipalNode[] {
    const cached = this.#withProfile.get(roles);
    if (cached !== undefined) return cached;
    const found = roles.filter(({ instanceProfiles }) => instanceProfiles === null || instanceProfiles.length > 0);
    this.#withProfile.set(roles, found);
    return found;
  }
}

/**
 * A trust that accepts a pattern of the account's resources accepts one that the caller creates. A trust that names one
 * resource depends on that resource.
 */
function serviceTrust(
  { trust, accountId }: PrincipalNode,
  service: string,
  context: ConditionContext,
  { partition }: { readonly partition: string },
): Omit<TrustingRoles, 'roles'> {
  const statements = trust ?? [];
  const isService = (name: string): boolean => withoutRegion(name) === service;
  const truth = serviceTrustTruth(statements, isService, context);
  if (!isUnknown(truth) || !truth.includes(SOURCE_ARN)) return { truth, sources: [] };
  const sources = sourcesOf(statements);
  const named = statements.flatMap(({ clauses }) =>
    clauses.flatMap(({ key, values }) => (key === SOURCE_ARN ? values : [])),
  );
  const own = named.flatMap((pattern) => sampleArn(pattern, accountId, partition) ?? []);
  const samples = named.filter((pattern) => /[*?]/.test(pattern.split(':').slice(5).join(':')));
  const created = samples.flatMap((pattern) => sampleArn(pattern, accountId, partition) ?? []);
  const ask = (arn: string): Truth =>
    serviceTrustTruth(statements, isService, (key) => (key === SOURCE_ARN ? [arn] : context(key)));
  const answers = [...created, `arn:${partition}:any:us-east-1:${accountId}:any`].map(ask);
  if (answers.includes(true)) return { truth: true, sources };
  const unknown = answers.find(isUnknown);
  if (unknown !== undefined) return { truth: unknown, sources };
  return { truth: own.length === 0 ? false : truth, sources };
}

/** The patterns that the ARN of the resource must match. Empty: the conditions do not only say that. */
function sourcesOf(statements: readonly TrustStatement[]): readonly string[] {
  const clauses = statements.flatMap((one) =>
    one.clauses.flatMap((clause) => (clause.key === SOURCE_ARN ? [{ ...clause, one }] : [])),
  );
  const isLimit = clauses.every(({ operator, values, one }) => {
    const read = operatorOf(operator);
    const isKnown = !one.hasVariables || !values.some((value) => value.includes('${'));
    return isKnown && read !== null && read.kind === 'compare' && read.isNegated !== one.allows;
  });
  return isLimit ? [...new Set(clauses.flatMap(({ values }) => values))].sort() : [];
}

/**
 * `states.eu-west-1.amazonaws.com` becomes `states.amazonaws.com`, and `ec2.amazonaws.com.cn` becomes
 * `ec2.amazonaws.com`.
 */
const withoutRegion = (principal: string): string =>
  principal
    .replace(/\.amazonaws\.com\.cn$/, '.amazonaws.com')
    .replace(/\.[a-z]{2,4}(-[a-z]+)+-\d+(?=\.amazonaws\.com$)/, '');
