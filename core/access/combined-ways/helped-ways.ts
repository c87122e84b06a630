import { allOf, keysOf, truthOfKeys } from '../../evaluation/truth.ts';
import { groupedBy } from '../../streams/grouped-by.ts';
import type { PrincipalNode } from '../node.ts';
import { principalPaths } from '../paths/principal-paths.ts';
import { mayDo, resourceKeys } from '../requests.ts';
import type { Share } from '../search-work.ts';
import { bestOnly } from '../ways/best-ways.ts';
import { changesBy } from '../ways/own-permissions.ts';
import { mayBeInStack, stackUseOf } from './stack-roles.ts';
import { accessesOf, changedFirst, changesAllowed, inOthersWords, mayBeAllowed } from './prepared-ways.ts';
import type { WayContext } from '../ways/way-context.ts';
import { certaintyOf, type Helper, type Way } from '../ways/way.ts';

/** At most this many principals that one acts as are tried as its helpers. */
const MOST_HELPERS = 8;
/** At most this many pairs of a principal and a helper are tried in an account, so that the time is limited. */
const MOST_PAIRS = 500;
/** At most this many roles whose trust policy is changed are tried for a pair. */
const MOST_ROLES = 10;

const CHANGE_TRUST = 'iam:UpdateAssumeRolePolicy';
const ASSUME = 'sts:AssumeRole';
const changeOfTrust = principalPaths.find(({ actions }) => actions.join() === CHANGE_TRUST);
const assumption = principalPaths.find(({ actions }) => actions.join() === ASSUME);

/** Keeps the ways of principals that others act as, and counts the pairs that were tried. */
export class Helpers {
  readonly #ways = new Map<PrincipalNode, readonly Way[]>();
  #pairs = 0;

  /** @param find the ways that a principal has by itself */
  constructor(private readonly find: (node: PrincipalNode, context: WayContext) => readonly Way[]) {}

  waysOf(node: PrincipalNode, context: WayContext): readonly Way[] {
    const known = this.#ways.get(node);
    if (known !== undefined) return known;
    const ways = this.find(node, context);
    this.#ways.set(node, ways);
    return ways;
  }

  mayTry(): boolean {
    this.#pairs += 1;
    return this.#pairs <= MOST_PAIRS;
  }
}

/**
 * The ways in which a principal and another one that it acts as each do a part: one changes a third principal, the other
 * acts as that one; or the other changes the principal itself. The principal keeps its own credentials meanwhile.
 * @param ways the other ways of the principal
 */
export function helpedWays(node: PrincipalNode, ways: readonly Way[], context: WayContext, share: Share): Way[] {
  const own = accessesOf(ways);
  const mayChange = changesAllowed(node, context).length > 0;
  const mayTrust = mayBeAllowed(node, CHANGE_TRUST, context);
  const found: Way[] = [];
  for (const [principal, way] of reachedHelpers(node, own)) {
    const theirs = changesAllowed(principal, context);
    if (!mayChange && !mayTrust && theirs.length === 0) continue;
    if (!share.goesOn() || !context.helpers.mayTry()) break;
    const isInStack = stackUseOf(way.path) !== undefined;
    const all = accessesOf(context.helpers.waysOf(principal, context));
    const accesses = isInStack ? all.filter(mayBeInStack) : all;
    const helped =
      (part: Helper['part']) =>
      (one: Way): Way =>
        withHelper(one, { principal, way, part });
    if (mayChange)
      found.push(...changedFirst(node, without(accesses, own, node), context, share).map(helped('access')));
    if (mayTrust && !isInStack) found.push(...trustInHelper(node, principal, own, context).map(helped('access')));
    if (theirs.length === 0) continue;
    found.push(...changedFirst(principal, without(own, accesses, principal), context, share).map(helped('changes')));
    for (const path of theirs) {
      const changes = changesBy(path, principal, node, context).map((one) => ({ ...one, by: inOthersWords(one) }));
      found.push(...changes.map(helped('change of the caller')));
    }
  }
  return groupedBy(found, techniqueOf).flatMap(bestOnly);
}

/** The principals that one acts as, certainly or under conditions, and how. */
function reachedHelpers(node: PrincipalNode, ways: readonly Way[]): ReadonlyMap<PrincipalNode, Way> {
  const helpers = new Map<PrincipalNode, Way>();
  for (const way of ways) {
    if (way.doubts.length > 0) continue;
    for (const target of way.targets) {
      if (helpers.size >= MOST_HELPERS) return helpers;
      if (target === node || target.isAdministrator || target.power === null || helpers.has(target)) continue;
      helpers.set(target, way);
    }
  }
  return helpers;
}

/** The ways of one principal to targets that another one can't act as itself. */
function without(ways: readonly Way[], others: readonly Way[], caller: PrincipalNode): readonly Way[] {
  const known = new Set(others.flatMap(({ targets }) => targets));
  return ways.flatMap((way) => {
    const targets = way.targets.filter((target) => target !== caller && !known.has(target));
    return targets.length === 0 ? [] : [{ ...way, targets }];
  });
}

/** The roles whose trust policy the principal changes so that they trust the helper, which may assume them. */
function trustInHelper(
  node: PrincipalNode,
  helper: PrincipalNode,
  own: readonly Way[],
  { account, finder }: WayContext,
): Way[] {
  if (changeOfTrust === undefined || assumption === undefined) return [];
  const known = new Set(own.flatMap((way) => (certaintyOf(way) === 'certain' ? way.targets : [])));
  const groups = finder.find(node, [{ action: CHANGE_TRUST }], account.roles, CHANGE_TRUST);
  const roles = groups.flatMap(({ targets, keys, grounds }) =>
    targets.flatMap((role) => (known.has(role) || role === node || role === helper ? [] : [{ role, keys, grounds }])),
  );
  return roles
    .sort((a, b) => Number(b.role.isAdministrator) - Number(a.role.isAdministrator))
    .slice(0, MOST_ROLES)
    .flatMap(({ role, keys, grounds }): Way[] => {
      const parts = { needsIdentity: false, needsBoundary: helper.type === 'role' };
      const { truth } = mayDo(account, helper, ASSUME, role.arn, resourceKeys(role), parts);
      if (truth === false) return [];
      const by = `changing the trust policy of the role to trust ${helper.type} ${helper.name}`;
      const first: Way = { path: changeOfTrust, targets: [], gain: 'own', keys, doubts: [], grounds, by };
      const all = keysOf(allOf([truthOfKeys(keys), truth]));
      const trust = [{ policy: 'trust policy', statement: 'as it is changed' }];
      return [
        { path: assumption, targets: [role], gain: 'own', first: [first], keys: all, doubts: [], grounds: trust },
      ];
    });
}

const withHelper = (way: Way, helper: Helper): Way => ({
  ...way,
  helper,
  keys: keysOf(allOf([truthOfKeys(way.keys), truthOfKeys(helper.way.keys)])),
});

/** Ways with the same technique have the same steps. */
const techniqueOf = ({ path, first = [], helper }: Way): string =>
  [helper?.part, helper?.way.path.id, ...first.map((one) => one.path.id), path.id].join(' ');
