import { allOf, keysOf, truthOfKeys } from '../../evaluation/truth.ts';
import type { NamedPrincipal, TrustStatement } from '../../trust/trust-statement.ts';
import { wildcardPattern } from '../../policies/wildcards.ts';
import { grantsAnything, permissionChanges } from '../abilities/abilities.ts';
import type { PrincipalNode } from '../node.ts';
import { newPrincipalPaths } from '../paths/new-principal-paths.ts';
import { passedRolePaths } from '../paths/passed-role-paths.ts';
import { principalPaths } from '../paths/principal-paths.ts';
import { allowedPatterns } from '../requests.ts';
import { TargetFinder } from '../target-groups.ts';
import { mayDoTogether } from '../together.ts';
import { bestOnly } from '../ways/best-ways.ts';
import { newRoles, type NewPrincipal } from '../ways/new-principals.ts';
import { PASS, passedRoleWays, ServiceRoles, type PassedRole } from '../ways/passed-roles.ts';
import { mayBeAllowed } from './prepared-ways.ts';
import type { WayContext } from '../ways/way-context.ts';
import { certaintyOf, inWords, type Way } from '../ways/way.ts';

const CHANGE_TRUST = 'iam:UpdateAssumeRolePolicy';
const GRANTS_TO_ROLES = ['iam:AttachRolePolicy', 'iam:PutRolePolicy'];

const passes = passedRolePaths.filter((path): path is PassedRole => path.kind === 'new-passrole');
const creationsOfRoles = newPrincipalPaths.filter(
  (path): path is NewPrincipal => path.kind === 'new-principal' && path.creates === 'role',
);
const changesOfTrust = principalPaths.filter(({ actions }) => actions.join() === CHANGE_TRUST);

/**
 * The ways by a role that the principal lets a service use, and then passes to the service: a role whose trust policy it
 * changes, or one that it creates. They do not need sts:AssumeRole, so they count where the principal is denied it.
 * @param ways the other ways of the principal
 */
export function rolesForServices(node: PrincipalNode, ways: readonly Way[], context: WayContext): Way[] {
  if (!mayBeAllowed(node, PASS, context)) return [];
  const changesTrust = mayBeAllowed(node, CHANGE_TRUST, context);
  const creations = creationsOfRoles.filter(({ actions }) =>
    actions.every((action) => mayBeAllowed(node, action, context)),
  );
  if (!changesTrust && creations.length === 0) return [];
  const possible = passes.filter(({ actions }) => {
    const others = actions.filter((action) => action !== PASS);
    if (!others.every((action) => mayBeAllowed(node, action, context))) return false;
    return mayDoTogether(context.account, node, others).truth !== false;
  });
  if (possible.length === 0) return [];
  const changed = changesTrust ? changedRoles(node, ways, possible, context) : [];
  return [...changed, ...creations.flatMap((path) => createdRoles(path, node, possible, context))];
}

/** All services to which a role can be passed, as a trust policy that the principal writes may name them. */
const anyService: TrustStatement = {
  allows: true,
  exceptThese: false,
  principals: [...new Set(passes.flatMap(({ passedTo, alsoPassed = [] }) => [...passedTo, ...alsoPassed]))].flatMap(
    (name): NamedPrincipal[] => [
      { type: 'service', name },
      { type: 'federated', name },
    ],
  ),
  exceptActions: false,
  actions: ['sts:*'],
  clauses: [],
  hasVariables: false,
};

const trusting = (role: PrincipalNode): PrincipalNode => ({ ...role, trust: [anyService], trustKey: 'any service' });

/** The ways to pass roles, asked about these roles only. */
function passesOf(
  path: PassedRole,
  node: PrincipalNode,
  roles: readonly PrincipalNode[],
  context: WayContext,
): readonly Way[] {
  const { account } = context;
  const serviceRoles = new ServiceRoles({ facts: account.facts, roles }, context.serviceRoles);
  return passedRoleWays(path, node, { ...context, serviceRoles, finder: new TargetFinder(account) });
}

const servicesOf = ({ passedTo }: PassedRole): string => passedTo.join(' or ');

/** A way after another one by the same principal. */
const afterwards = (way: Way, first: Way): Way => ({
  ...way,
  first: [first],
  keys: keysOf(allOf([truthOfKeys(first.keys), truthOfKeys(way.keys)])),
});

function changedRoles(
  node: PrincipalNode,
  ways: readonly Way[],
  possible: readonly PassedRole[],
  context: WayContext,
): Way[] {
  const [path] = changesOfTrust;
  const roles = rolesToChange(node, ways, context);
  if (path === undefined || roles.length === 0) return [];
  const requests = [{ action: CHANGE_TRUST }];
  const groups = new TargetFinder(context.account).find(node, requests, roles, CHANGE_TRUST);
  return groups.flatMap(({ targets, keys, grounds }) => {
    const originals = new Map(targets.map((role) => [trusting(role), role]));
    return possible.flatMap((pass) => {
      const by = `changing the trust policy of the role to trust ${servicesOf(pass)}`;
      const first: Way = { path, targets: [], gain: 'own', keys, doubts: [], grounds, by };
      return passesOf(pass, node, [...originals.keys()], context).flatMap((way) => {
        const all = afterwards(way, first);
        const changed = way.targets
          .flatMap((copy) => originals.get(copy) ?? [])
          .filter((role) => !isKnown(role, all, ways));
        if (changed.length === 0) return [];
        if (pass.usedIn === undefined) return [{ ...all, targets: changed }];
        // The role of a stack set may then also trust itself, as the execution role.
        const after = context.stackRoles.usedIn('stack', changed);
        return [{ ...all, targets: changed, gain: 'own', after }];
      });
    });
  });
}

/** Whether the principal can act as the role, or pass it so, without changing its trust policy. */
const isKnown = (role: PrincipalNode, { path, keys, doubts }: Way, ways: readonly Way[]): boolean =>
  ways.some(
    (way) =>
      (way.path === path || actsAsRole(way)) &&
      way.keys.length <= keys.length &&
      way.doubts.length <= doubts.length &&
      way.targets.includes(role),
  );

const actsAsRole = ({ path, gain }: Way): boolean =>
  gain === 'own' && path.kind === 'principal-access' && path.target === 'role';

/** At most this many roles are tried: the most powerful, and those that the principal may make more powerful. */
const MOST_ROLES = 30;

function rolesToChange(node: PrincipalNode, ways: readonly Way[], { account, finder }: WayContext): PrincipalNode[] {
  const known = new Set(ways.flatMap((way) => (actsAsRole(way) && certaintyOf(way) === 'certain' ? way.targets : [])));
  const requests = [{ action: CHANGE_TRUST }, { action: PASS }];
  const found = new Set(
    finder.find(node, requests, account.roles, `${CHANGE_TRUST} ${PASS}`).flatMap(({ targets }) => targets),
  );
  const grants = GRANTS_TO_ROLES.flatMap((action) => allowedPatterns(account, node, action)).map(wildcardPattern);
  const strengthOf = ({ isAdministrator, power, arn }: PrincipalNode): number => {
    if (isAdministrator) return 3;
    if (grants.some((matches) => matches(arn))) return 2;
    return power !== null && (power.somewhere & permissionChanges) !== 0n ? 1 : 0;
  };
  return [...found]
    .filter((role) => role !== node && !known.has(role))
    .map((role) => ({ role, strength: strengthOf(role) }))
    .sort((a, b) => b.strength - a.strength)
    .slice(0, MOST_ROLES)
    .map(({ role }) => role);
}

function createdRoles(
  path: NewPrincipal,
  node: PrincipalNode,
  possible: readonly PassedRole[],
  context: WayContext,
): Way[] {
  const roles = newRoles(path, node, PASS, context);
  return possible.flatMap((pass) => {
    const ways = roles.flatMap(({ role, creation }) =>
      passesOf(pass, node, [trusting(role)], context).map((way): Way => {
        const by = inWords(creation).replace('that trusts it', `that trusts ${servicesOf(pass)}`);
        const isMost = role.power !== null && grantsAnything(role.power);
        const used = pass.usedIn === undefined ? [role] : context.stackRoles.usedIn('stack', [role]);
        const after = isMost ? [] : used;
        return { ...afterwards(way, { ...creation, by }), targets: [role], gain: creation.gain, after };
      }),
    );
    return bestOnly(ways);
  });
}
