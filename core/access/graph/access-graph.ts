import type { AccountAccess } from '../account-access.ts';
import type { PrincipalNode } from '../node.ts';
import { waysOf, wayContext } from '../combined-ways/find-ways.ts';
import { waysInStacks } from '../combined-ways/stack-roles.ts';
import { dependsOnTagsOf, principalTagOf } from '../tag-rules.ts';
import type { WayContext } from '../ways/way-context.ts';
import type { Way } from '../ways/way.ts';
import { pathsOf } from './paths-of.ts';
import type { AccessPath } from './access-path.ts';
import type { Power } from '../abilities/abilities.ts';
import { withoutDenied } from './denied-by-arn.ts';
import { withKnownKeys } from './known-keys.ts';
import { PowerBeyond } from './power-beyond.ts';
import { AdministratorSearch } from './administrator-search.ts';

/** Who can become whom in an account. Ways are found when they are first needed, and kept. */
export class AccessGraph {
  readonly #context: WayContext;
  readonly #ways = new Map<PrincipalNode, readonly Way[]>();
  #search: AdministratorSearch | null = null;
  #beyond: PowerBeyond | null = null;

  readonly account: AccountAccess;

  /** @param outside roles of other accounts whose trust policies decide by the caller's tags */
  constructor(account: AccountAccess, outside: readonly PrincipalNode[] = []) {
    this.account = withKnownKeys(withoutDenied(account));
    this.#context = wayContext(this.account, outside);
  }

  /** The same account, whose principals may also change their tags for these roles of other accounts. */
  trustedBy(roles: readonly PrincipalNode[]): AccessGraph {
    const byTags = roles.filter(({ trust }) => dependsOnTagsOf(trust ?? [], principalTagOf));
    return byTags.length === 0 ? this : new AccessGraph(this.account, byTags);
  }

  /** Whether the search was limited, so that there may be more ways than those found so far. */
  get isIncomplete(): boolean {
    return this.account.work.isIncomplete;
  }

  /** The ways in which a principal can gain permissions, one hop each. */
  waysOf(node: PrincipalNode): readonly Way[] {
    const known = this.#ways.get(node);
    if (known !== undefined) return known;
    const { usedIn } = node;
    const ways =
      usedIn === undefined
        ? waysOf(node, this.#context)
        : waysInStacks(usedIn.use, this.waysOf(usedIn.role), this.#context.stackRoles);
    this.#ways.set(node, ways);
    return ways;
  }

  /** What a principal can become at most, by any number of steps. */
  powerBeyond(node: PrincipalNode): Power {
    this.#beyond ??= new PowerBeyond(this.account.principals, (one) => this.waysOf(one));
    return this.#beyond.of(node);
  }

  get administrators(): AdministratorSearch {
    this.#search ??= new AdministratorSearch(this.account.principals, (node) => this.waysOf(node));
    return this.#search;
  }

  /** The ways to more permissions from a principal, shortest first; none for an administrator. */
  pathsFrom(arn: string): readonly AccessPath[] {
    const node = this.account.principal(arn);
    return node === null || node.isAdministrator ? [] : pathsOf(node, this);
  }
}
