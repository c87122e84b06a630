import type { NarrowerResources } from '../contract/account-objects.ts';
import type { PrincipalIdentity } from '../contract/evidence.ts';
import { catalogue, catalogueVersion } from '../evidence/catalogue/catalogue.ts';
import type { AccountGroup, AccountPolicy, AccountRole, AccountUser, NamedDocument } from '../iam.ts';
import { RecentCache } from '../recent-cache.ts';
import { sha256Hex } from '../sha256.ts';
import { narrowerResources, narrowingContext } from './narrower-resources.ts';
import { KEPT_POLICIES, PolicyCompiler, possibleActions } from './ruling-out.ts';

/** What the policies of a principal say before anything is simulated. */
export interface PrincipalScope {
  readonly fingerprint: string;
  /** Catalogue actions that some Allow may match. */
  readonly actions: string[];
  readonly ruledOut: number;
  readonly narrower: NarrowerResources[];
  /** Resources that an Allow names and that can't be simulated. */
  readonly unaskable: string[];
}

interface NamedPolicy {
  /** Where the policy is: its ARN, or whose inline policy it is and its name. */
  readonly source: string;
  /** Null where the inventory did not bring the document. */
  readonly document: string | null;
}

/** A request's answer may hang on who asks: then who asks is part of the fingerprint. */
const DEPENDS_ON_PRINCIPAL = /\$\{|aws:(principal|username|userid)/i;

const actionNames = catalogue.map(({ action }) => action);

/** The account's groups and managed policies, against which users and roles are described one by one. */
export class AccountPolicies {
  readonly #compiler = new PolicyCompiler(actionNames);
  readonly #groups = new Map<string, AccountGroup>();
  readonly #documents = new Map<string, string | null>();
  readonly #hashes = new RecentCache<Promise<string>>(KEPT_POLICIES);

  addGroups(groups: readonly AccountGroup[]): void {
    for (const group of groups) this.#groups.set(group.name, group);
  }

  addPolicies(policies: readonly AccountPolicy[]): void {
    for (const { arn, defaultDocument } of policies) this.#documents.set(arn, defaultDocument);
  }

  async describe(identity: PrincipalIdentity, principal: AccountUser | AccountRole): Promise<PrincipalScope> {
    const policies = this.#policiesOf(principal);
    const compiled = policies.map(({ document }) => (document === null ? null : this.#compiler.compile(document)));
    const possible = possibleActions(compiled, actionNames.length);
    const known = compiled.filter((policy) => policy !== null);
    const { requests, unaskable } = narrowerResources(known, actionNames, narrowingContext(identity));
    return {
      fingerprint: await this.#fingerprint(identity, principal, policies),
      actions: possible.flatMap((index) => actionNames[index] ?? []),
      ruledOut: actionNames.length - possible.length,
      narrower: requests,
      unaskable,
    };
  }

  #policiesOf(principal: AccountUser | AccountRole): NamedPolicy[] {
    const inline = (owner: string, policies: readonly NamedDocument[]): NamedPolicy[] =>
      policies.map(({ name, document }) => ({ source: `inline policy ${name} of ${owner}`, document }));
    const attached = (arns: readonly string[]): NamedPolicy[] =>
      arns.map((arn) => ({ source: arn, document: this.#documents.get(arn) ?? null }));
    const policies = [...inline(principal.name, principal.inlinePolicies), ...attached(principal.attachedPolicyArns)];
    for (const name of 'groupNames' in principal ? principal.groupNames : []) {
      const group = this.#groups.get(name);
      // A group that came after the first pass: what it grants is unknown, so that nothing is ruled out.
      if (group === undefined) policies.push({ source: `group ${name}`, document: null });
      else policies.push(...inline(name, group.inlinePolicies), ...attached(group.attachedPolicyArns));
    }
    return policies;
  }

  async #fingerprint(
    identity: PrincipalIdentity,
    principal: AccountUser | AccountRole,
    policies: readonly NamedPolicy[],
  ): Promise<string> {
    const boundary = principal.permissionsBoundaryArn;
    const boundaryDocument = boundary === null ? null : (this.#documents.get(boundary) ?? null);
    const documents = await Promise.all(
      [...policies, { source: `boundary ${boundary ?? 'none'}`, document: boundaryDocument }].map(
        async ({ source, document }) => `${source} ${document === null ? 'unknown' : await this.#hash(document)}`,
      ),
    );
    const personal = [...policies.map(({ document }) => document), boundaryDocument].some(
      (document) => document !== null && DEPENDS_ON_PRINCIPAL.test(document),
    );
    return sha256Hex(
      JSON.stringify([
        await catalogueVersion(),
        identity.arn,
        identity.principalId,
        documents.sort(),
        personal ? Object.entries(identity.tags).sort(([a], [b]) => (a < b ? -1 : 1)) : null,
      ]),
    );
  }

  #hash(document: string): Promise<string> {
    return this.#hashes.get(document, () => sha256Hex(document));
  }
}
